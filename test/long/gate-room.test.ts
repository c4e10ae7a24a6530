import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openResults } from '../../src/adapters/gates/results.ts';
import type { GateRecord } from '../../src/domain/gate.ts';
import { Sha } from '../../src/domain/sha.ts';
import { branchOff, gateScenes, untouched } from '../support/gates.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

const open = gateScenes();

describe('the room of a dry run', () => {
  it('shows merges upon merges of which the repository gets no object, and stands apart from it', async () => {
    const repo = makeRepo();
    branchOff(repo, 'a', { 'a.txt': 'a\n' });
    branchOff(repo, 'b', { 'b.txt': 'b\n' });
    const before = untouched(join(repo.path, '.git'));
    const scene = await open(repo, { dryRun: true, env: { TMPDIR: repo.root } });
    const notes = join(repo.root, 'notes');
    const look = `{ ls; git log --topo-order --format=%s; git rev-parse main; } > ${notes}`;
    const a = await scene.merged('a');
    const b = await scene.merged('b', a.commit);
    const first = await scene.gates(a, [look]);
    expect(first.failure).toBeUndefined();
    expect(scene.rooms().map((room) => room.startsWith(join(repo.root, 'jerry-wt')))).toEqual([false]);
    const { failure } = await scene.gates(b, [look]);
    expect(failure).toBeUndefined();
    expect(readFileSync(notes, 'utf8').trim().split('\n')).toEqual([
      ...['README.md', 'a.txt', 'b.txt'],
      ...['Merge', 'b', 'Merge', 'a', 'first'],
      a.commit,
    ]);
    expect(() => repo.git('cat-file', '-e', b.commit)).toThrow();
    expect(untouched(join(repo.path, '.git'))).toEqual(before);
    await scene.close();
    expect(scene.rooms()).toEqual([]);
  });
});

describe('a room', () => {
  it('has the filters of the repository, and of its format', async () => {
    const repo = makeRepo({ empty: true });
    rmSync(join(repo.path, '.git'), { recursive: true });
    repo.git('init', '-q', '-b', 'main', '--object-format=sha256');
    repo.git('config', 'filter.rot.clean', 'tr a-z b-za');
    repo.git('config', 'filter.rot.smudge', 'tr b-za a-z');
    repo.git('config', 'filter.rot.required', 'true');
    repo.commit('first', { '.gitattributes': '*.rot filter=rot\n', 'x.rot': 'hello\n' });
    branchOff(repo, 'a', { 'a.rot': 'world\n' });
    repo.commit('on', { 'm.txt': '' });
    expect(repo.git('show', 'a:a.rot')).toBe('xpsme');
    const scene = await open(repo);
    const merged = await scene.merged('a');
    const gate = 'cat x.rot a.rot; git status --porcelain; git fsck --no-dangling >&2; false';
    expect((await scene.gates(merged, [gate])).tail.split('\n').slice(0, 2)).toEqual(['hello', 'world']);
    expect((await scene.gates(merged, [gate])).tail).not.toContain(' M ');
  });

  it('serves a bare hub, a repository with a separate git folder, and one with odd letters in its path', async () => {
    for (const shape of ['bare', 'separate', 'odd'] as const) {
      const repo = makeRepo(shape === 'odd' ? { name: 'je "rry\\ #:é' } : {});
      branchOff(repo, 'a', { 'a.txt': 'a\n' });
      repo.commit('on', { 'm.txt': '' });
      let cwd = repo.path;
      if (shape === 'bare') {
        cwd = join(repo.root, 'hub.git');
        repo.git('clone', '-q', '--bare', '.', cwd);
        repo.gitIn(cwd, 'config', 'core.fsmonitor', 'true');
      }
      if (shape === 'separate') {
        repo.git('init', '-q', `--separate-git-dir=${join(repo.root, 'apart.git')}`);
        repo.git('config', 'core.worktree', repo.path);
      }
      const scene = await open(repo, { cwd });
      const { failure, tail } = await scene.gates(await scene.merged('a'), [
        'git rev-parse --show-toplevel --is-bare-repository; git status --porcelain; ls; exit 1',
      ]);
      const [top = '', ...rest] = tail.trim().split('\n');
      expect([shape, failure?.code, ...rest]).toEqual([
        shape,
        'gate_failed',
        'false',
        'README.md',
        'a.txt',
        'm.txt',
      ]);
      expect(basename(top)).toBe(scene.hub.repository.name);
      expect(top).not.toContain('/.git/');
      await scene.close();
    }
  });

  it('of a wt that is gone is removed by the next, one that is in use stays', async () => {
    const repo = makeRepo();
    branchOff(repo, 'a', { 'a.txt': 'a\n' });
    repo.commit('on', { 'm.txt': '' });
    const scene = await open(repo);
    await scene.gates(await scene.merged('a'), ['true']);
    const [living = ''] = scene.rooms();
    const dead = join(repo.root, 'jerry-wt', 'wt-gates-abcdef');
    const precious = join(repo.root, 'jerry-wt', 'precious');
    const cache = join(repo.path, '.git/wt/cache');
    const claim = readFileSync(join(cache, `${basename(living)}.json`), 'utf8');
    for (const folder of [dead, precious]) {
      mkdirSync(folder);
      const { owner } = JSON.parse(claim);
      const gone = { version: 1, folder, owner: { ...owner, start_time: '1' } };
      writeFileSync(join(cache, `wt-gates-${basename(folder)}.json`), JSON.stringify(gone));
    }
    await scene.hub.gates.sweep();
    expect([living, dead, precious].map((folder) => existsSync(folder))).toEqual([true, false, true]);
    expect(scene.rooms()).toEqual([living]);
  });
});

describe('the results of gates', () => {
  const key = { tree: Sha.parse('a'.repeat(40)), command: 'true' };
  const record = {
    version: 1 as const,
    ...key,
    exit_code: 0,
    duration_ms: 1,
    tail: '',
    warnings: [],
  } satisfies Partial<GateRecord>;
  const at = new Date().toISOString();

  it('are forgotten when they are old or damaged, and bounded', async () => {
    const folder = temporaryFolder();
    const results = openResults(folder, () => new Date());
    results.remember({ ...record, at });
    expect(results.recall(key)?.record.exit_code).toBe(0);
    const later = openResults(folder, () => new Date(Date.now() + 31 * 86_400_000));
    expect(later.recall(key)).toBeUndefined();
    const [file] = [results.logOf(key).replace(/log$/, 'json')];
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, '{"version":1');
    expect(results.recall(key)).toBeUndefined();
    results.remember({ ...record, at });
    expect(results.recall(key)?.record).toEqual({ ...record, at });
    results.remember({ ...record, tree: Sha.parse('b'.repeat(40)), command: 'old', at });
    later.remember({ ...record, command: 'other', at });
    expect(results.recall(key)).toBeUndefined();
  });
});
