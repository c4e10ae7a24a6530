import { describe, expect, it } from 'vitest';
import type { Hub, Narrator } from '../../src/application/ports.ts';
import { recover } from '../../src/application/recovery.ts';
import { unfinished } from '../../src/application/unfinished.ts';
import type { Intent } from '../../src/domain/intent.ts';

type Listed = Awaited<ReturnType<Hub['intents']['list']>>[number];

const intent = (id: string, owner: Listed['owner'], more: Partial<Intent> = {}): Listed => ({
  owner,
  intent: {
    version: 1,
    id,
    operation: 'create',
    owner: { pid: 7, start_time: '1', boot_id: null, hostname: 'elsewhere', pid_namespace: null },
    started_at: '2026-02-20T10:00:00.000Z',
    worktree_path: `/w/${id}`,
    children: [],
    step: 'waiting',
    data: {},
    ...more,
  },
});

/** A hub with nothing but intents; whatever else recovery would touch fails the test. */
function scene(intents: readonly Listed[]) {
  const told: string[] = [];
  const held: string[] = [];
  const left = new Map(intents.map((each) => [each.intent.id, each]));
  const hub = {
    intents: {
      list: async () => [...left.values()],
      clear: async (id: string) => void left.delete(id),
    },
    locks: {
      hold: async (name: string, work: () => Promise<unknown>) => {
        held.push(name);
        return work();
      },
    },
    errands: { tidyTrash: async () => {} },
    clinic: { lockFiles: async () => [] },
    processes: { end: async () => ({ ended: [], survivors: [] }), liveness: () => 'dead' },
  } as unknown as Hub;
  const narrator = {
    note: (text: string) => told.push(text),
    warn: (text: string) => told.push(`warning: ${text}`),
    signal: new AbortController().signal,
  } as unknown as Narrator;
  return { hub, narrator, told, held, left };
}

describe('recover', () => {
  it('takes no lock while nothing is left over', async () => {
    const { hub, narrator, told, held } = scene([intent('a', 'alive')]);
    expect(await recover({ narrator }, hub)).toBe(0);
    expect([told, held]).toEqual([[], []]);
  });

  it('brings what is left over to an end, in one line each, and clears its intent', async () => {
    const { hub, narrator, told, held, left } = scene([
      intent('a', 'dead'),
      intent('b', 'alive'),
      intent('c', 'dead'),
    ]);
    expect(await recover({ narrator }, hub)).toBe(2);
    expect(told).toEqual([expect.stringContaining('/w/a'), expect.stringContaining('/w/c')]);
    expect(held).toEqual(['recovery', 'repository']);
    expect([...left.keys()]).toEqual(['b']);
  });

  it('leaves what was begun elsewhere, and says so', async () => {
    const { hub, narrator, told, left } = scene([intent('a', 'unknown')]);
    expect(await recover({ narrator }, hub)).toBe(0);
    expect(told).toEqual([expect.stringMatching(/\/w\/a was begun on elsewhere.* left alone/)]);
    expect(left.size).toBe(1);
  });

  it('keeps the intent of what cannot be recovered, and goes on with the others', async () => {
    const unreadable = intent('a', 'dead', { step: 'registering', data: { nonsense: true } });
    const { hub, narrator, told, left } = scene([unreadable, intent('b', 'dead')]);
    expect(await recover({ narrator }, hub)).toBe(1);
    expect(told[0]).toMatch(/^warning: the unfinished create of \/w\/a could not be recovered/);
    expect([...left.keys()]).toEqual(['a']);
  });

  it('is only reported by commands that look', async () => {
    const { hub } = scene([intent('a', 'dead'), intent('b', 'unknown'), intent('c', 'alive')]);
    const warnings = await unfinished(hub);
    expect(warnings.map(({ code }) => code)).toEqual(['unfinished_operation', 'unfinished_operation']);
    expect(warnings[0]?.message).toMatch(/\/w\/a was cut short; wt status recovers it/);
  });
});
