import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LedgerEntry } from '../../src/domain/ledger.ts';
import { type MergeScene, mergeScene, type SceneOptions } from '../support/merges.ts';
import { type RemovalScene, removalScene } from '../support/removals.ts';

type Scene = MergeScene & Pick<RemovalScene, 'undo' | 'cleanup' | 'tidy'> & { readonly said: string[] };

/** `main` with `f` and `g`, and `feat/a` and `feat/b`, which add files. */
function scene(options: SceneOptions = {}): Scene {
  const made = mergeScene({
    base: { f: 'f\n', g: 'g\n', gone: 'gone\n', '.gitignore': '*.ignored\n' },
    branches: { 'feat/a': { f: 'a\n', new: 'new\n', gone: null }, 'feat/b': { b: 'b\n' } },
    ...options,
  });
  const { undo, cleanup, tidy, told } = removalScene(made.repo);
  return { ...made, undo, cleanup, tidy, said: told };
}

const put = ({ repo }: Scene, file: string, text: string) => writeFileSync(join(repo.path, file), text);
const at = ({ repo }: Scene, file: string) => readFileSync(join(repo.path, file), 'utf8');
const tip = ({ repo }: Scene, branch = 'main') => repo.git('rev-parse', branch);
const status = ({ repo }: Scene, cwd = repo.path) => repo.gitIn(cwd, 'status', '--porcelain', '--ignored');
const entry = ({ repo }: Scene, n: number) =>
  LedgerEntry.parse(JSON.parse(readFileSync(join(repo.path, '.git/wt/landings', `${n}.json`), 'utf8')));
const landed = ({ repo }: Scene) =>
  repo.git('for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', 'refs/wt/landed');
const isQuiet = ({ repo }: Scene) => {
  repo.git('fsck', '--no-dangling');
  expect(existsSync(join(repo.path, '.git/index.lock'))).toBe(false);
};

/** Everything that a refused undo leaves as it is. */
const state = (made: Scene) => [tip(made), status(made), made.repo.git('ls-files', '-s'), landed(made)];

async function refused(made: Scene, failure: object, input = {}) {
  const before = state(made);
  await expect(made.undo(input)).rejects.toMatchObject(failure);
  expect(state(made)).toEqual(before);
  isQuiet(made);
}

describe('a landing', () => {
  it('is entered in the ledger, with a ref that keeps what landed', async () => {
    const made = scene();
    const before = tip(made);
    await made.merge({ worktree: ['feat/a', 'feat/b'] });
    expect(entry(made, 1)).toMatchObject({
      version: 1,
      n: 1,
      target: 'main',
      before,
      after: tip(made, 'feat/a'),
      strategy: 'fast-forward',
      worktree_path: made.at('feat/a'),
      branch: 'feat/a',
      head: tip(made, 'feat/a'),
      dispatch_id: null,
      checkout: { path: made.repo.path, git_dir: join(made.repo.path, '.git') },
      pushed: false,
      undone: null,
    });
    expect(entry(made, 2)).toMatchObject({ strategy: 'merge', after: tip(made), head: tip(made, 'feat/b') });
    expect(landed(made)).toBe(`landed/1 ${tip(made, 'feat/a')}\nlanded/2 ${tip(made)}`);
    expect(statSync(join(made.repo.path, '.git/wt/landings/1.json')).mode & 0o777).toBe(0o600);
    expect(await made.merge({ worktree: ['feat/b'] })).toMatchObject([{ status: 'up-to-date' }]);
    expect(landed(made).split('\n')).toHaveLength(2);
  });
});

describe('wt undo of a landing', () => {
  it('puts a checked-out target back, index and files too, and keeps what had landed', async () => {
    const made = scene();
    const before = tip(made);
    await made.merge({ worktree: ['feat/a'] });
    const after = tip(made);
    expect(await made.undo()).toEqual([
      {
        operation: 'landing',
        id: 'landing-1',
        worktree_path: made.at('feat/a'),
        branch: 'feat/a',
        target: 'main',
        warnings: [],
        error: null,
      },
    ]);
    expect(made.said).toEqual([`main: ${after.slice(0, 10)} → ${before.slice(0, 10)}`]);
    expect([tip(made), status(made), at(made, 'f'), at(made, 'gone')]).toEqual([before, '', 'f\n', 'gone\n']);
    expect(existsSync(join(made.repo.path, 'new'))).toBe(false);
    expect(made.repo.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(made.repo.git('log', '-g', '-1', '--format=%gs', 'HEAD')).toBe('wt undo: landing-1');
    expect(landed(made)).toBe(`landed/1 ${after}`);
    expect(entry(made, 1).undone).toMatch(/^\d{4}-.*Z$/);
    isQuiet(made);
    await refused(made, { code: 'nothing_to_undo', kind: 'not-found' });
    await refused(made, { code: 'nothing_to_undo' }, { id: 'landing-1' });
    expect(await made.undo({ list: true })).toEqual([]);
    await made.merge({ worktree: ['feat/a'] });
    expect([tip(made), entry(made, 2).before]).toEqual([after, before]);
    const events = readFileSync(join(made.repo.path, '.git/wt/events.jsonl'), 'utf8').trim().split('\n');
    expect(events.map((line) => JSON.parse(line))).toMatchObject([
      { type: 'landing.merged' },
      {
        type: 'landing.undone',
        worktree_path: made.at('feat/a'),
        data: { landing: 'landing-1', target: 'main', target_before: after, target_after: before },
      },
      { type: 'landing.merged' },
    ]);
  });

  it('leaves what is staged, changed, new and ignored as it is', async () => {
    const made = scene();
    await made.merge({ worktree: ['feat/a'] });
    put(made, 'g', 'staged\n');
    put(made, 'fresh', 'staged\n');
    made.repo.git('add', 'g', 'fresh');
    put(made, 'g', 'changed since\n');
    put(made, 'fresh', 'changed since\n');
    put(made, 'untracked', 'x\n');
    put(made, 'x.ignored', 'x\n');
    rmSync(join(made.repo.path, '.gitignore'));
    await made.undo();
    expect(status(made).split('\n').sort()).toEqual(
      [' D .gitignore', 'MM g', 'AM fresh', '?? untracked', '?? x.ignored'].sort(),
    );
    expect([made.repo.git('show', ':g'), made.repo.git('show', ':fresh')]).toEqual(['staged', 'staged']);
    expect([at(made, 'g'), at(made, 'fresh')]).toEqual(['changed since\n', 'changed since\n']);
    isQuiet(made);
  });

  it('names what it would overwrite and changes nothing', async () => {
    const made = scene({
      base: { f: 'f\n', 'gone.ignored': 'committed\n' },
      branches: { 'feat/a': { f: 'a\n', 'gone.ignored': null, '.gitignore': '*.ignored\n', d: 'd\n' } },
    });
    await made.merge({ worktree: ['feat/a'] });
    put(made, 'f', 'mine\n');
    await refused(made, { code: 'dirty_target', kind: 'refused', details: { paths: ['f'] } });
    made.repo.git('add', 'f');
    await refused(made, { code: 'dirty_target', details: { paths: ['f'] } });
    made.repo.git('checkout', '-q', 'HEAD', 'f');
    put(made, 'gone.ignored', 'precious and ignored\n');
    await refused(made, { code: 'dirty_target', details: { paths: ['gone.ignored'] } });
    expect(at(made, 'gone.ignored')).toBe('precious and ignored\n');
    rmSync(join(made.repo.path, 'gone.ignored'));
    put(made, 'd', 'mine\n');
    await refused(made, { code: 'dirty_target', details: { paths: ['d'] } });
    made.repo.git('checkout', '-q', 'd');
    await made.undo();
    expect([status(made), at(made, 'gone.ignored')]).toEqual(['', 'committed\n']);
  });

  it('moves a target that is checked out nowhere, and follows one to where it is checked out since', async () => {
    const made = scene();
    made.repo.git('branch', 'release');
    const before = tip(made, 'release');
    await made.merge({ worktree: ['feat/a', 'feat/b'], into: 'release' });
    expect(landed(made).split('\n')).toHaveLength(2);
    expect(entry(made, 2).checkout).toBe(null);
    const untouched = state(made);
    await made.undo();
    expect(tip(made, 'release')).toBe(tip(made, 'feat/a'));
    expect(made.repo.git('log', '-g', '-1', '--format=%gs', 'release')).toBe('wt undo: landing-2');
    expect(state(made)).toEqual(untouched);
    const path = join(made.repo.root, 'jerry-wt', 'release');
    made.repo.git('worktree', 'add', '-q', path, 'release');
    await made.undo();
    expect([tip(made, 'release'), status(made, path)]).toEqual([before, '']);
    expect(readFileSync(join(path, 'f'), 'utf8')).toBe('f\n');
    isQuiet(made);
  });

  it('takes a batch back one at a time, the last first', async () => {
    const made = scene();
    const before = tip(made);
    await made.merge({ worktree: ['feat/a', 'feat/b'] });
    expect((await made.undo({ list: true })).map(({ id }) => id)).toEqual(['landing-2', 'landing-1']);
    await refused(
      made,
      { code: 'target_moved', kind: 'refused', hint: 'wt undo landing-2 first' },
      { id: 'landing-1' },
    );
    expect(await made.undo()).toMatchObject([{ id: 'landing-2', branch: 'feat/b' }]);
    expect((await made.undo({ list: true })).map(({ id }) => id)).toEqual(['landing-1']);
    expect(await made.undo()).toMatchObject([{ id: 'landing-1', branch: 'feat/a' }]);
    expect([tip(made), status(made)]).toEqual([before, '']);
  });

  it('is refused once somebody has committed on top, and says what takes it back', async () => {
    const made = scene();
    const before = tip(made);
    await made.merge({ worktree: ['feat/a'] });
    const after = tip(made);
    made.commit({ more: 'more\n' });
    const hint = `git revert ${before.slice(0, 12)}..${after.slice(0, 12)} takes it back with a commit`;
    await refused(made, { code: 'target_moved', hint, details: { expected: after, actual: tip(made) } });
    expect(await made.undo({ list: true })).toMatchObject([{ id: 'landing-1' }]);
  });

  it('passes over one that git has taken back, and one whose target is gone', async () => {
    const made = scene();
    await made.cleanup({ worktree: ['feat/b'], force: true });
    await made.merge({ worktree: ['feat/a'] });
    made.repo.git('reset', '-q', '--hard', 'HEAD~1');
    made.repo.git('branch', 'release');
    await made.merge({ worktree: ['feat/a'], into: 'release' });
    made.repo.git('branch', '-q', '-D', 'release');
    await refused(made, { code: 'nothing_to_undo' }, { id: 'landing-1' });
    expect(await made.undo()).toMatchObject([{ operation: 'cleanup', branch: 'feat/b', warnings: [] }]);
    expect(await made.undo({ list: true })).toEqual([]);
  });

  it('takes back first the cleanup and then the landing of a merge with --cleanup', async () => {
    const made = scene();
    const before = tip(made);
    made.commit({ beside: 'x\n' });
    await made.merge({ worktree: ['feat/a'], cleanup: true });
    expect((await made.undo({ list: true })).map(({ operation }) => operation)).toEqual([
      'cleanup',
      'landing',
    ]);
    expect(await made.undo()).toMatchObject([{ operation: 'cleanup', branch: 'feat/a', target: null }]);
    expect(await made.undo()).toMatchObject([{ operation: 'landing', branch: 'feat/a', target: 'main' }]);
    expect(tip(made, 'main~1')).toBe(before);
    expect(existsSync(join(made.at('feat/a'), 'new'))).toBe(true);
  });

  it('says where the work is when its branch has gone', async () => {
    const made = scene();
    await made.merge({ worktree: ['feat/a'] });
    made.repo.git('worktree', 'remove', '--force', made.at('feat/a'));
    const head = tip(made, 'feat/a');
    made.repo.git('branch', '-q', '-D', 'feat/a');
    const message = `feat/a is gone; refs/wt/landed/1 keeps its work: git branch feat/a ${head.slice(0, 12)}`;
    expect(await made.undo()).toMatchObject([{ warnings: [{ code: 'branch_gone', message }] }]);
    made.repo.git('reflog', 'expire', '--expire=now', '--all');
    made.repo.git('gc', '-q', '--prune=now');
    made.repo.git('branch', 'feat/a', head.slice(0, 12));
  });

  it.each([
    ['a bisect', ['bisect', 'start', 'HEAD', 'HEAD~1'], 'bisect'],
    ['a cherry-pick', ['cherry-pick', 'clash'], 'cherry-pick'],
  ])('is refused in the middle of %s', async (_, command, operation) => {
    const made = scene();
    made.repo.git('branch', 'clash', 'main');
    await made.merge({ worktree: ['feat/a'] });
    const path = join(made.repo.root, 'clash');
    made.repo.git('worktree', 'add', '-q', path, 'clash');
    made.commit({ f: 'clash\n' }, path);
    try {
      made.repo.git(...command);
    } catch {
      // it stops at the conflict
    }
    await refused(made, { code: 'operation_in_progress', details: { operation } });
  });

  it('names a lock that a git has left', async () => {
    const made = scene();
    await made.merge({ worktree: ['feat/a'] });
    const lock = join(made.repo.path, '.git/index.lock');
    writeFileSync(lock, '');
    await expect(made.undo()).rejects.toMatchObject({
      code: 'operation_in_progress',
      details: { path: lock },
    });
    rmSync(lock);
    await made.undo();
  });

  it('compares once more when the branch is locked: a commit that was made meanwhile stays', async () => {
    const made = scene();
    const { repo } = made;
    mkdirSync(join(repo.path, '.git/info'), { recursive: true });
    put(made, '.git/info/attributes', 'gone filter=late\n');
    await made.merge({ worktree: ['feat/a'] });
    const filter = join(repo.root, 'filter');
    const late = repo.git('commit-tree', '-p', 'main', '-m', 'late', 'main^{tree}');
    writeFileSync(filter, `#!/bin/sh\ngit update-ref refs/heads/main ${late}\nexec cat\n`);
    chmodSync(filter, 0o755);
    repo.git('config', 'filter.late.smudge', filter);
    await expect(made.undo()).rejects.toMatchObject({ code: 'target_moved' });
    expect([tip(made), status(made)]).toEqual([late, '']);
    expect(entry(made, 1).undone).toBe(null);
    isQuiet(made);
  });

  it('works with path names of every kind', async () => {
    const names = ['with space', "quo'te", 'new\nline', 'ünï', '-dash', 'dir/file'];
    const files = Object.fromEntries(names.map((name) => [name, `${name}\n`]));
    const made = scene({ base: { f: 'f\n' }, branches: { 'feat/a': files } });
    const before = tip(made);
    await made.merge({ worktree: ['feat/a'] });
    put(made, 'with space', 'mine\n');
    await refused(made, { code: 'dirty_target', details: { paths: ['with space'] } });
    made.repo.git('checkout', '-q', '--', 'with space');
    await made.undo();
    expect([tip(made), status(made), existsSync(join(made.repo.path, 'dir'))]).toEqual([before, '', false]);
  });
});

describe('a landing that was pushed', () => {
  /** `main` follows `origin/main`. */
  function published(): Scene {
    const made = scene();
    const { repo } = made;
    const origin = join(repo.root, 'origin.git');
    repo.git('clone', '-q', '--bare', repo.path, origin);
    repo.git('remote', 'add', 'origin', origin);
    repo.git('fetch', '-q', 'origin');
    repo.git('branch', '-q', '-u', 'origin/main', 'main');
    return made;
  }

  it('stays, and an older cleanup is taken back instead', async () => {
    const made = published();
    await made.cleanup({ worktree: ['feat/b'], force: true });
    made.commit({ beside: 'x\n' });
    await made.merge({ worktree: ['feat/a'], push: true });
    expect(entry(made, 1).pushed).toBe(true);
    const failure = {
      code: 'already_pushed',
      kind: 'refused',
      hint: `git revert -m 1 ${tip(made).slice(0, 12)} takes it back with a commit`,
    };
    await refused(made, failure, { id: 'landing-1' });
    expect(await made.undo({ list: true })).toMatchObject([{ operation: 'cleanup' }]);
    expect(await made.undo()).toMatchObject([
      { operation: 'cleanup', branch: 'feat/b', warnings: [{ code: 'already_pushed' }] },
    ]);
    await refused(made, failure);
  });

  it('is known by the remote-tracking branch when git has pushed it', async () => {
    const made = published();
    await made.merge({ worktree: ['feat/a'] });
    made.repo.git('push', '-q', 'origin', 'main');
    await refused(made, { code: 'already_pushed' });
  });

  it('by another branch, when that has the merge; not when only the branch itself is known', async () => {
    const made = published();
    made.repo.git('push', '-q', 'origin', 'feat/a');
    await made.merge({ worktree: ['feat/a'] });
    await made.merge({ worktree: ['feat/b'] });
    made.repo.git('push', '-q', 'origin', 'main:elsewhere');
    await refused(made, { code: 'already_pushed' }, { id: 'landing-2' });
    made.repo.git('push', '-q', 'origin', ':elsewhere');
    await made.undo();
    await made.undo();
    expect(tip(made)).toBe(tip(made, 'origin/main'));
  });
});

describe('landings that are long ago', () => {
  it('are forgotten in the background, but not the newest, and not what only its ref keeps', async () => {
    const made = scene();
    const { repo } = made;
    made.branch('feat/c', { c: 'c\n' });
    await made.merge({ worktree: ['feat/a', 'feat/b', 'feat/c'] });
    await made.undo();
    const lost = entry(made, 3).after;
    // Another message, so that it is another commit in the same second too.
    await made.merge({ worktree: ['feat/c'], message: 'Merge it after all' });
    const inDays = (days: number) => ({ now: new Date(Date.now() + days * 86_400_000) });
    await made.tidy(inDays(89));
    expect(landed(made).split('\n')).toHaveLength(4);
    await made.tidy(inDays(91));
    expect(landed(made)).toBe(`landed/3 ${lost}\nlanded/4 ${tip(made)}`);
    expect([1, 2, 3, 4].filter((n) => existsSync(join(repo.path, `.git/wt/landings/${n}.json`)))).toEqual([
      3, 4,
    ]);
    made.branch('feat/d', { d: 'd\n' });
    await made.merge({ worktree: ['feat/d'] });
    expect(entry(made, 5).branch).toBe('feat/d');
  });
});
