import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHub } from '../../src/adapters/hub.ts';
import { diff } from '../../src/application/commands/diff.ts';
import type { Ports } from '../../src/application/ports.ts';
import { DiffAnswer } from '../../src/domain/answers/diff.ts';
import { wt } from '../support/bin.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

/** A worktree with a commit, changes that are staged and that are not, a binary and an untracked file. */
function scene() {
  const repo = makeRepo();
  repo.commit('files', { 'a.txt': 'one\ntwo\n', 'gone.txt': 'x\n', 'src/b.txt': 'b\n' });
  const path = join(repo.root, 'jerry-wt', 'work');
  repo.git('worktree', 'add', '-q', '-b', 'work', path);
  const start = repo.git('rev-parse', 'HEAD');
  repo.commit('committed', { 'committed.txt': 'c\n' }, path);
  repo.commit('main goes on', { 'main.txt': 'm\n' });
  writeFileSync(join(path, 'a.txt'), 'one\n2\n');
  writeFileSync(join(path, 'staged.txt'), 's\n');
  repo.gitIn(path, 'add', 'staged.txt');
  rmSync(join(path, 'gone.txt'));
  mkdirSync(join(path, 'new'));
  writeFileSync(join(path, 'new', 'untracked.bin'), Buffer.from([0, 1, 2, 0]));
  return { repo, path, start };
}

async function filesOf(repo: TestRepo, args: readonly string[], cwd = repo.path) {
  const ran = await wt(cwd, repo.env, ['diff', '--json', ...args]);
  const answer = DiffAnswer.parse(ran.json());
  expect(answer).toEqual(ran.json());
  return answer;
}

describe('wt diff', () => {
  it('shows all that the worktree would bring: committed, staged, changed, deleted, untracked', async () => {
    const { repo, path, start } = scene();
    const answer = await filesOf(repo, ['work']);
    expect(answer).toMatchObject({ base: start, head: repo.git('rev-parse', 'work') });
    expect(answer.files).toEqual([
      { path: 'a.txt', status: 'M', added: 1, deleted: 1 },
      { path: 'committed.txt', status: 'A', added: 1, deleted: 0 },
      { path: 'gone.txt', status: 'D', added: 0, deleted: 1 },
      { path: 'new/untracked.bin', status: 'A', added: null, deleted: null },
      { path: 'staged.txt', status: 'A', added: 1, deleted: 0 },
    ]);
    const shown = await wt(path, repo.env, ['diff']);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain('-two\n+2\n');
    expect(shown.stdout).toContain('diff --git a/new/untracked.bin b/new/untracked.bin\nnew file');
    expect(shown.stdout).not.toContain('main.txt');
  });

  it('leaves the index, the object database and the temporary folder as they were', async () => {
    const { repo, path } = scene();
    const index = join(repo.gitIn(path, 'rev-parse', '--absolute-git-dir'), 'index');
    const temporary = join(repo.root, 'tmp');
    mkdirSync(temporary);
    const look = () => ({
      index: readFileSync(index, 'base64'),
      written: statSync(index).mtimeMs,
      objects: repo.git('count-objects', '-v'),
      temporary: readdirSync(temporary),
      status: repo.gitIn(path, '--no-optional-locks', 'status', '--porcelain'),
    });
    const before = look();
    expect(await wt(path, { ...repo.env, TMPDIR: temporary }, ['diff'])).toMatchObject({ code: 0 });
    expect(look()).toEqual(before);
  });

  it('passes options and paths on to git, paths as they are from where one stands', async () => {
    const { repo, path } = scene();
    expect((await wt(repo.path, repo.env, ['diff', 'work', '--stat'])).stdout).toContain('5 files changed');
    writeFileSync(join(path, 'src', 'b.txt'), 'B\n');
    const inside = await wt(join(path, 'src'), repo.env, ['diff', '--', '--name-only', '--', 'b.txt']);
    expect(inside.stdout).toBe('src/b.txt\n');
    const { files } = await filesOf(repo, ['--', 'b.txt'], join(path, 'src'));
    expect(files.map((file) => file.path)).toEqual(['src/b.txt']);
    expect(await wt(path, repo.env, ['diff', '--json', '--', '--stat'])).toMatchObject({ code: 2 });
    expect(await wt(path, repo.env, ['diff', '--', '--exit-code'])).toMatchObject({ code: 0 });
    const failed = await wt(path, repo.env, ['diff', '--', '--no-such-option']);
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stderr).toMatch(/^error: git diff: usage: git diff .*\n$/);
  });

  it('starts, in a worktree without a base branch, where it was made, and in the main one at its commit', async () => {
    const { repo, path } = scene();
    writeFileSync(join(repo.path, 'a.txt'), 'changed in main\n');
    expect((await filesOf(repo, ['^'])).files.map((file) => file.path)).toEqual(['a.txt']);
    repo.git('tag', 'v1', 'HEAD~1');
    expect(
      (await wt(repo.path, repo.env, ['create', 'from-tag', '--base', 'v1', '--no-provision'])).code,
    ).toBe(0);
    expect((await filesOf(repo, ['from-tag'])).base).toBe(repo.git('rev-parse', 'v1'));
    repo.git('branch', '-m', 'main', 'trunk');
    const answer = await wt(path, repo.env, ['diff', '--json']);
    expect(answer).toMatchObject({ code: 2 });
    expect(answer.json()).toMatchObject({ error: { code: 'no_target' } });
  });

  it('starts at a best common ancestor, also when each side has merged the other', async () => {
    const { repo, path } = scene();
    repo.gitIn(path, 'stash', '-qu');
    const [ours, theirs] = [repo.git('rev-parse', 'main'), repo.git('rev-parse', 'work')];
    repo.gitIn(path, 'merge', '-q', '--no-edit', ours);
    expect(await filesOf(repo, ['work'])).toMatchObject({ base: ours, files: [{ path: 'committed.txt' }] });
    repo.git('merge', '-q', '--no-edit', theirs);
    expect([ours, theirs]).toContain((await filesOf(repo, ['work'])).base);
  });

  it('says when there is nothing to compare', async () => {
    const { repo, path } = scene();
    expect(await wt(repo.path, repo.env, ['diff'])).toMatchObject({ code: 2 });
    expect(await wt(repo.path, repo.env, ['diff', 'work', '--since', 'dispatch-20260220-001'])).toMatchObject(
      { code: 5 },
    );
    rmSync(path, { recursive: true });
    const gone = await wt(repo.path, repo.env, ['diff', 'work', '--json']);
    expect(gone.json()).toMatchObject({ error: { code: 'file_not_found' } });
    const empty = makeRepo({ empty: true });
    expect(await wt(empty.path, empty.env, ['diff', '^'])).toMatchObject({ code: 5 });
  });

  it('lets git itself start the pager on a terminal', async () => {
    const { repo, path } = scene();
    const commands: (readonly string[])[] = [];
    const clock = { now: () => new Date(), monotonicMs: () => 0, uuid: () => crypto.randomUUID() };
    const { signal } = new AbortController();
    const ports = {
      environment: { cwd: () => path, home: repo.home, variables: repo.env, version: '0' },
      narrator: {
        format: 'people',
        tty: { stdin: true, stdout: true, stderr: true, columns: 80 },
        note: () => {},
      },
      terminal: {
        inherit: async (command: readonly string[], { cwd, env }: { cwd: string; env: object }) => {
          commands.push(command);
          expect(cwd).toBe(path);
          expect(env).toHaveProperty('GIT_OBJECT_DIRECTORY');
          return { exitCode: null, signal: 'SIGPIPE' }; // the pager was left early
        },
      },
      hub: () =>
        openHub({ cwd: path, variables: repo.env, clock, home: repo.home, signal, trace: undefined }),
    } as unknown as Ports;
    await diff.run(ports, { worktree: undefined, stat: true, since: undefined, rest: ['src'] });
    expect(commands).toEqual([['git', 'diff', '--stat', expect.any(String), expect.any(String), 'src']]);
  });
});
