import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { commandNamed, registry } from '../../src/cli/registry.ts';

const files = readdirSync(new URL('../../src/application/commands', import.meta.url)).map((file) =>
  file.replace(/\.ts$/, ''),
);

describe('the registry', () => {
  it('has a line for every command file, and a file for every line', () => {
    expect(Object.keys(registry).sort()).toEqual(files.sort());
  });

  it('gives every command under its own name', async () => {
    for (const [name, { load }] of Object.entries(registry)) expect((await load()).name).toBe(name);
  });

  it('has no alias that is taken', () => {
    const words = Object.entries(registry).flatMap(([name, { aliases }]) => [name, ...aliases]);
    expect(new Set(words).size).toBe(words.length);
  });

  it('knows the aliases of the contract', () => {
    const wanted = { ls: 'list', new: 'create', rm: 'cleanup', log: 'logs' };
    expect(Object.fromEntries(Object.keys(wanted).map((word) => [word, commandNamed(word)]))).toEqual(wanted);
  });

  it('gives short flags one meaning everywhere', async () => {
    const meanings = new Map<string, Set<string>>();
    for (const { load } of Object.values(registry)) {
      for (const { flags } of (await load()).options) {
        const [short, long] = /^(-\w), (--[\w-]+)/.exec(flags)?.slice(1) ?? [];
        if (short !== undefined && long !== undefined)
          meanings.set(short, (meanings.get(short) ?? new Set()).add(long));
      }
    }
    expect(Object.fromEntries([...meanings].filter(([, longs]) => longs.size > 1))).toEqual({});
    for (const reserved of ['-C', '-q', '-v', '-V', '-h']) expect(meanings.has(reserved)).toBe(false);
  });

  it('publishes a JSON Schema for every command that has a JSON answer', async () => {
    for (const { load } of Object.values(registry)) {
      const { answer } = await load();
      if (answer !== undefined)
        expect(z.toJSONSchema(await answer(), { unrepresentable: 'any' })).toHaveProperty('$schema');
    }
  });
});
