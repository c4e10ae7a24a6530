import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLocks } from '../../src/adapters/lock.ts';
import { afterEveryTest } from '../support/after.ts';
import { type Ran, wt, wtBin } from '../support/bin.ts';
import { until } from '../support/children.ts';
import { oddFiles } from '../support/odd-files.ts';
import { makeRepo, type TestRepo, temporaryFolder } from '../support/repo.ts';

type Answer = {
  readonly address: string;
  readonly lines: readonly number[];
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: { readonly line?: number };
  } | null;
};
const base = 'agents:\n  - id: a\n    status: TODO\n  - id: b\n    status: DONE\n';
const mounted: string[] = [];
const started: ChildProcess[] = [];
afterEveryTest(() => {
  for (const folder of mounted.splice(0)) spawnSync('umount', ['-l', folder]);
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts wt and leaves it running; `says` waits for what it writes to stderr. */
function startWt({ path, env }: TestRepo, ...args: string[]) {
  const child = spawn(process.execPath, [wtBin, ...args], {
    cwd: path,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started.push(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Pick<Ran, 'code' | 'stderr'>>((resolve) => {
    child.on('close', (code) => resolve({ code, stderr }));
  });
  return { ended, says: (words: RegExp) => until(() => words.test(stderr)) };
}

const controls = /(?![\n\t])\p{Cc}/u;

function scene(content: string | Buffer = base) {
  const repo = makeRepo();
  const path = join(repo.path, 'ORCHESTRATION.yaml');
  writeFileSync(path, content);
  const run = (...args: string[]) => wt(repo.path, repo.env, ['orchestration', ...args]);
  const set = async (...args: string[]) => {
    const ran = await run('set', '--json', ...args);
    return { ...ran, answer: ran.json() as Answer };
  };
  const bytes = () => readFileSync(path);
  return { repo, path, run, set, bytes, beside: () => readdirSync(dirname(path)).sort() };
}

describe('a file with', () => {
  it.each(oddFiles)('$name is changed in the one line, or left as it is with the reason', async (odd) => {
    const { run, set, bytes, beside } = scene(odd.content);
    const [before, folder] = [bytes(), beside()];
    const { address = 'a', status = 'DONE', flags = [], expected } = odd;
    const ran = await set(...flags, '--', address, status);
    if ('code' in expected) {
      expect([ran.code, ran.answer.error?.code]).toEqual([expected.exit, expected.code]);
      expect(ran.answer.error?.message).toMatch(expected.says);
      if (expected.line !== undefined) expect(ran.answer.error?.details.line).toBe(expected.line);
      expect(ran.stderr).toMatch(/^error: .*\nhint: .*\n$/);
      expect(bytes().equals(before)).toBe(true);
    } else {
      expect([ran.code, ran.answer.error]).toEqual([0, null]);
      expect(ran.answer).toMatchObject({ address: expected.address ?? address, lines: [expected.line] });
      const lines = bytes().toString().split('\n');
      expect(lines[expected.line - 1]).toBe(expected.now);
      const old = before.toString().split('\n');
      const rest = lines.slice(expected.line);
      expect(lines.slice(0, expected.line - 1)).toEqual(old.slice(0, expected.line - 1));
      expect(rest).toEqual(rest.length === 0 ? [] : old.slice(-rest.length));
    }
    expect(beside()).toEqual(folder);
    const [shown, validated] = await Promise.all([run('show'), run('validate', '--json')]);
    const isReadable = !('code' in expected) || expected.exit !== 1 || /alone/.test(expected.says.source);
    expect([shown.code, validated.code]).toEqual(isReadable ? [0, 0] : [1, 1]);
    expect(validated.json()).toMatchObject({ valid: isReadable, errors: isReadable ? [] : [{}] });
    for (const text of [shown.stdout, shown.stderr, ran.stderr]) expect(text).not.toMatch(controls);
  });
});

describe('a state file', () => {
  it('that is read-only, or in a read-only folder, is left as it is', async () => {
    const { path, set, bytes, repo } = scene();
    for (const [place, mode, says] of [
      [path, 0o444, 'is read-only'],
      [repo.path, 0o555, 'is a read-only folder'],
    ] as const) {
      chmodSync(place, mode);
      const { code, answer } = await set('a', 'DONE');
      chmodSync(place, 0o755);
      expect([code, answer.error?.code]).toEqual([1, 'command_failed']);
      expect(answer.error?.message).toBe(`${place} ${says}; it was left as it is`);
    }
    expect(bytes().toString()).toBe(base);
    expect((await set('a', 'DONE')).code).toBe(0);
  });

  it('on a full disk stays as it is, with nothing beside it', async ({ skip }) => {
    const { repo, run } = scene();
    const disk = join(repo.path, 'projects');
    mkdirSync(disk);
    const words = ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk];
    const { status, stderr } = spawnSync('mount', words, { encoding: 'utf8' });
    if (status !== 0) skip(`no file system can be mounted here: ${stderr ?? 'there is no mount'}`);
    mounted.push(disk);
    const path = join(disk, 'ORCHESTRATION.yaml');
    const text = `${base}${'# so that it needs some room\n'.repeat(600)}`;
    writeFileSync(path, text);
    expect(() => writeFileSync(join(disk, 'filler'), 'x'.repeat(100_000))).toThrow('ENOSPC');
    const ran = await run('set', 'a', 'DONE', '--file', path);
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain(`error: ${path} could not be written: no space left on the device`);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(readdirSync(disk).sort()).toEqual(['ORCHESTRATION.yaml', 'filler']);
  });

  it('that an editor replaces while wt waits is changed as it is then', async () => {
    const { repo, path, bytes } = scene();
    const locks = openLocks(join(repo.path, '.git/wt/locks'));
    const [one, two] = await locks.hold('repository', async () => {
      const first = startWt(repo, 'orchestration', 'set', 'a', 'FAILED');
      const second = startWt(repo, 'orchestration', 'set', 'b', 'FAILED', '--if', 'DONE');
      await Promise.all([first.says(/waiting for/), second.says(/waiting for/)]);
      writeFileSync(`${path}~`, base.replace('DONE', 'READY').replace('agents:', '# by hand\nagents:'));
      renameSync(`${path}~`, path);
      return [first.ended, second.ended];
    });
    expect((await one).code).toBe(0);
    const refused = await two;
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining("b is 'READY', not 'DONE'")]);
    expect(bytes().toString()).toBe(
      '# by hand\nagents:\n  - id: a\n    status: FAILED\n  - id: b\n    status: READY\n',
    );
  });

  it('on a network file system whose handle is stale is looked up again', async () => {
    const { repo, path, bytes } = scene();
    const preload = join(temporaryFolder(), 'stale.cjs');
    writeFileSync(
      preload,
      `const fs = require('node:fs');
       let left = Number(process.env.WT_TEST_STALE);
       for (const name of ['openSync', 'realpathSync']) {
         const real = fs[name];
         fs[name] = (path, ...rest) => {
           if (String(path).endsWith('ORCHESTRATION.yaml') && left-- > 0)
             throw Object.assign(new Error('ESTALE: stale file handle'), { code: 'ESTALE', errno: -116, syscall: name });
           return real(path, ...rest);
         };
       }`,
    );
    const stale = (times: number) => ({
      ...repo.env,
      NODE_OPTIONS: `--require ${preload}`,
      WT_TEST_STALE: `${times}`,
    });
    const words = ['orchestration', 'set', 'a', 'FAILED'];
    const never = await wt(repo.path, stale(10_000), words);
    expect([never.code, never.stderr]).toEqual([
      1,
      expect.stringContaining(`${path} cannot be read: ESTALE`),
    ]);
    expect(bytes().toString()).toBe(base);
    expect((await wt(repo.path, stale(3), words)).code).toBe(0);
    expect(bytes().toString()).toBe(base.replace('TODO', 'FAILED'));
  });

  it('waits for a lock of another host, and for no longer than that is alive', async () => {
    const { repo, bytes } = scene();
    const lock = join(repo.path, '.git/wt/locks/repository.lock');
    mkdirSync(lock, { recursive: true });
    const owner = {
      version: 1,
      process: { pid: 1, start_time: '1', boot_id: 'b', hostname: 'far-away', pid_namespace: 'pid:[1]' },
      purpose: 'wt land',
      since: new Date().toISOString(),
    };
    writeFileSync(join(lock, '0123456789abcdef'), JSON.stringify(owner));
    const waiting = startWt(repo, 'orchestration', 'set', 'a', 'FAILED');
    await waiting.says(/waiting for wt land \(pid 1 on far-away/);
    expect(bytes().toString()).toBe(base);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(lock, longAgo, longAgo);
    expect((await waiting.ended).code).toBe(0);
    expect(bytes().toString()).toBe(base.replace('TODO', 'FAILED'));
    expect(existsSync(lock)).toBe(false);
  });
});
