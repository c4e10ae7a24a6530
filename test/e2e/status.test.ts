import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ListAnswer } from '../../src/domain/answers/status.ts';
import { wt } from '../support/bin.ts';
import { makeRepo } from '../support/repo.ts';
import { add, codes, gitDirOf, named, rowsOf, status } from '../support/statuses.ts';

describe('wt status', () => {
  it('shows every kind of worktree in one go, the main one first, and says what it could not read', async () => {
    const repo = makeRepo();
    repo.commit('ignore', { '.gitignore': '.claude/\n' });
    const claude = join(repo.path, '.claude', 'worktrees', 'fix');
    repo.git('worktree', 'add', '-q', '-b', 'worktree-fix', claude);
    const dirty = add(repo, 'dirty');
    repo.commit('own', { 'own.txt': 'x\n' }, dirty);
    writeFileSync(join(dirty, 'README.md'), 'changed\n');
    writeFileSync(join(dirty, 'staged.txt'), 'staged\n');
    repo.gitIn(dirty, 'add', 'staged.txt');
    mkdirSync(join(dirty, 'new folder'));
    writeFileSync(join(dirty, 'new folder', 'line\nbreak'), 'x');
    const detached = join(repo.root, 'detached');
    repo.git('worktree', 'add', '-q', '--detach', detached);
    repo.commit('nowhere', {}, detached);
    repo.git('worktree', 'lock', '--reason', 'on a stick', add(repo, 'locked'));
    rmSync(add(repo, 'deleted'), { recursive: true });
    const both = add(repo, 'locked-and-deleted');
    repo.git('worktree', 'lock', both);
    rmSync(both, { recursive: true });
    for (const [name, damage] of [
      ['unlinked', (path: string) => rmSync(join(path, '.git'))],
      ['replaced', (path: string) => repo.git('init', '-q', path)],
    ] as const) {
      const path = join(repo.path, '.claude', 'worktrees', name);
      repo.git('worktree', 'add', '-q', '--lock', '-b', name, path);
      if (name === 'replaced') rmSync(path, { recursive: true });
      damage(path);
    }
    const unborn = add(repo, 'unborn');
    repo.gitIn(unborn, 'switch', '-q', '--orphan', 'fresh');
    const torn = add(repo, 'torn');
    writeFileSync(join(gitDirOf(repo, torn), 'wt.json'), '{"version": 1, "pro');
    const tooNew = add(repo, 'too-new');
    writeFileSync(join(gitDirOf(repo, tooNew), 'wt.json'), '{"version": 99}');
    const broken = add(repo, 'broken');
    writeFileSync(join(gitDirOf(repo, broken), 'index'), 'not an index');
    const rebasing = add(repo, 'rebasing');
    repo.commit('mine', { 'README.md': 'mine\n' }, rebasing);
    repo.gitIn(rebasing, 'switch', '-qc', 'upstream', 'HEAD~1');
    repo.commit('theirs', { 'README.md': 'theirs\n' }, rebasing);
    repo.gitIn(rebasing, 'switch', '-q', 'rebasing');
    expect(() => repo.gitIn(rebasing, 'rebase', '-q', 'upstream')).toThrow();

    const rows = await status(repo);
    expect(rows[0]).toMatchObject({
      path: repo.path,
      is_main: true,
      branch: 'main',
      base: null,
      ahead: null,
    });
    expect(rows[0]).toMatchObject({
      state: 'ready',
      empty: null,
      needs: null,
      warnings: [],
      created_at: null,
    });
    const paths = rows.slice(1).map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());

    expect(named(rows, 'worktree-fix')).toMatchObject({
      path: claude,
      base: 'main',
      base_source: 'inferred',
      ahead: 0,
      behind: 0,
      state: 'ready',
      empty: true,
      integrated: 'same_commit',
      provisioned: null,
      dispatch_status: 'idle',
      uncommitted_changes: false,
      warnings: [],
    });
    expect(named(rows, 'dirty')).toMatchObject({
      ahead: 1,
      uncommitted_changes: true,
      changes: { staged: 1, unstaged: 1, untracked: 1, conflicted: 0 },
      empty: false,
      needs: { kind: 'dirty', command: 'wt diff dirty' },
    });
    expect(named(rows, 'detached')).toMatchObject({ branch: null, detached: true, ahead: 1, empty: false });
    expect(named(rows, 'detached').last_commit_at).not.toBeNull();
    expect(named(rows, 'locked')).toMatchObject({ locked: 'on a stick', prunable: null });
    for (const name of ['deleted', 'locked-and-deleted']) {
      expect(named(rows, name)).toMatchObject({
        uncommitted_changes: null,
        changes: null,
        empty: null,
        needs: null,
      });
      expect(codes(named(rows, name))).toEqual(['folder_missing']);
    }
    expect(named(rows, 'deleted').prunable).toContain('non-existent');
    expect(named(rows, 'locked-and-deleted')).toMatchObject({ locked: '', prunable: null });
    for (const name of ['unlinked', 'replaced']) {
      expect(named(rows, name)).toMatchObject({ uncommitted_changes: null, changes: null, empty: null });
      expect(codes(named(rows, name))).toEqual(['not_this_worktree']);
    }
    expect(named(rows, 'fresh')).toMatchObject({ head: null, ahead: null, integrated: null, empty: true });
    for (const [name, code] of [
      ['torn', 'command_failed'],
      ['too-new', 'state_too_new'],
    ] as const) {
      expect(named(rows, name)).toMatchObject({ base: null, provisioned: null, state: null, empty: null });
      expect(codes(named(rows, name))).toEqual([code]);
    }
    expect(named(rows, 'broken')).toMatchObject({ ahead: 0, uncommitted_changes: null, state: null });
    expect(codes(named(rows, 'broken'))).toEqual(['status_failed']);
    expect(named(rows, 'rebasing')).toMatchObject({
      changes: { conflicted: 1 },
      needs: { kind: 'conflict' },
    });

    // The other tools' worktrees are selected like any other, by several selectors, in their order.
    const some = await status(repo, ['too-new', 'dirty', repo.path]);
    expect(some.map(({ branch }) => branch)).toEqual(['too-new', 'dirty', 'main']);

    // People see the same, and every line fits the terminal where that can be.
    const shown = await wt(repo.path, repo.env, ['status']);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('dirty: wt diff dirty');
    expect(shown.stdout).toContain('gone');
    expect(shown.stdout).toMatch(/^@ main +ready +clean$/m);
    expect(shown.stdout).toMatch(/^ {2}dirty +ready +\+1 +\+1 ~1 \?1$/m);
  });

  it('judges work against the base as it is now', async () => {
    const repo = makeRepo();
    repo.commit('file', { 'a.txt': 'one\n', 'gone.txt': 'x\n' });
    const clash = add(repo, 'clash');
    repo.commit('mine', { 'a.txt': 'mine\n', 'fine.txt': 'x\n' }, clash);
    const waiting = add(repo, 'waiting');
    repo.commit('fine', { 'b.txt': 'b\n' }, waiting);
    const squashed = add(repo, 'squashed');
    repo.commit('squash me', { 'c.txt': 'c\n' }, squashed);
    const merged = add(repo, 'merged');
    repo.commit('merge me', { 'd.txt': 'd\n' }, merged);
    const orphan = add(repo, 'orphan');
    repo.gitIn(orphan, 'switch', '-q', '--orphan', 'pages');
    repo.commit('pages', { 'index.html': 'x\n' }, orphan);
    repo.git('merge', '-q', '--no-ff', '-m', 'Merge merged', 'merged');
    repo.git('merge', '-q', '--squash', 'squashed');
    repo.commit('squashed', { 'a.txt': 'theirs\n' });

    const rows = await status(repo);
    expect(named(rows, 'clash')).toMatchObject({
      merge_conflicts: true,
      conflicts: [{ path: 'a.txt', kind: 'content', resolution: null }],
      integrated: null,
      needs: { kind: 'conflict', command: 'wt merge clash --resolve' },
    });
    expect(named(rows, 'waiting')).toMatchObject({
      ahead: 1,
      behind: 3,
      merge_conflicts: false,
      conflicts: [],
    });
    expect(named(rows, 'waiting')).toMatchObject({ integrated: null, needs: { kind: 'stale_base' } });
    expect(named(rows, 'squashed')).toMatchObject({
      integrated: 'merge_adds_nothing',
      state: 'merged',
      needs: null,
    });
    expect(named(rows, 'merged')).toMatchObject({ integrated: 'ancestor', state: 'merged', empty: false });
    expect(named(rows, 'pages')).toMatchObject({
      merge_conflicts: null,
      conflicts: null,
      integrated: null,
      needs: null,
    });
    expect(codes(named(rows, 'pages'))).toEqual(['unrelated_histories']);

    const shown = await wt(repo.path, repo.env, ['status']);
    expect(shown.stdout).toContain('    conflicts with main in a.txt\n');
    const urgent = await status(repo, ['--by-need']);
    expect(urgent.map(({ needs }) => needs?.kind)).toEqual([
      'conflict',
      'stale_base',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('tells an empty worktree from one whose work has landed', async () => {
    const repo = makeRepo();
    const untouched = add(repo, 'untouched');
    const updated = add(repo, 'updated');
    const landed = add(repo, 'landed');
    repo.commit('work', { 'x.txt': 'x\n' }, landed);
    repo.git('merge', '-q', '--ff-only', 'landed');
    repo.gitIn(updated, 'merge', '-q', '--ff-only', 'main');
    const noLog = add(repo, 'no-log');
    rmSync(join(gitDirOf(repo, noLog), 'logs'), { recursive: true });

    const rows = await status(repo);
    expect(named(rows, 'untouched')).toMatchObject({
      path: untouched,
      empty: true,
      state: 'ready',
      behind: 1,
    });
    expect(named(rows, 'updated')).toMatchObject({ empty: true, state: 'ready', integrated: 'same_commit' });
    expect(named(rows, 'landed')).toMatchObject({ empty: false, state: 'merged', integrated: 'same_commit' });
    expect(named(rows, 'no-log')).toMatchObject({ empty: null, state: null });
    expect(codes(named(rows, 'no-log'))).toEqual(['empty_unknown']);
  });

  it('names two worktrees that would conflict with each other, before anyone merges', async () => {
    const repo = makeRepo();
    const text = (...lines: string[]) => `${lines.join('\n')}\n`;
    repo.commit('file', { 'a.txt': text('1', '2', '3', '4', '5', '6', '7', '8', '9'), 'z.txt': 'z\n' });
    const edit = (branch: string, ...lines: string[]) =>
      repo.commit(branch, { 'a.txt': text(...lines) }, add(repo, branch, 'main'));
    edit('first', 'one', '2', '3', '4', '5', '6', '7', '8', '9');
    edit('second', 'uno', '2', '3', '4', '5', '6', '7', '8', '9');
    edit('apart', '1', '2', '3', '4', '5', '6', '7', '8', 'nine');
    const quiet = add(repo, 'quiet', 'main');
    writeFileSync(join(quiet, 'z.txt'), 'quiet\n');
    const loud = add(repo, 'loud', 'main');
    writeFileSync(join(loud, 'z.txt'), 'loud\n');
    for (const branch of ['twin-a', 'twin-b']) {
      const twin = add(repo, branch, 'main');
      writeFileSync(join(twin, 'notes.txt'), 'the same notes\n');
    }
    repo.git('worktree', 'list');
    const index = () => repo.gitIn(quiet, 'status', '--porcelain');
    const before = index();

    const rows = await status(repo);
    const conflictsOf = (name: string) =>
      named(rows, name).warnings.map(({ code, message }) => `${code}: ${message}`);
    expect(conflictsOf('first')).toEqual(['conflicts_with_worktree: conflicts with second in a.txt']);
    expect(conflictsOf('second')).toEqual(['conflicts_with_worktree: conflicts with first in a.txt']);
    expect(conflictsOf('apart')).toEqual([]);
    const counting = ', counting what is not committed';
    expect(conflictsOf('quiet')).toEqual([
      `conflicts_with_worktree: conflicts with loud in z.txt${counting}`,
    ]);
    expect(conflictsOf('loud')).toEqual([
      `conflicts_with_worktree: conflicts with quiet in z.txt${counting}`,
    ]);
    expect(conflictsOf('twin-a')).toEqual([]);
    expect(index()).toBe(before);
    expect((await wt(repo.path, repo.env, ['status'])).stdout).toContain(
      '    conflicts with second in a.txt\n',
    );
    expect(await status(repo, ['first'])).toMatchObject([
      { branch: 'first', warnings: [{ code: 'conflicts_with_worktree' }] },
    ]);
  });

  it('asks git once per worktree and seven times more, and three where nothing was committed since', async () => {
    const repo = makeRepo();
    for (const branch of ['a', 'b', 'c', 'd', 'e']) {
      repo.commit(branch, { [`${branch}.txt`]: 'x\n', 'shared.txt': `${branch}\n` }, add(repo, branch));
    }
    repo.commit('main goes on', { 'main.txt': 'x\n' });
    for (const branch of ['a', 'b'])
      writeFileSync(join(repo.root, 'jerry-wt', branch, 'notes.txt'), 'the same\n');
    await wt(repo.path, repo.env, ['path', '^']); // remembers git's version
    const count = async (command: string) => {
      const { stderr } = await wt(repo.path, repo.env, [command, '-v']);
      return stderr.split('\n').filter((line) => /\$ git /.test(line)).length;
    };
    expect(await count('list')).toBe(6 + 6);
    expect(await count('status')).toBe(6 + 4); // and each pair of worktrees
    expect(await count('status')).toBe(6 + 3);
    expect(await count('list')).toBe(6 + 3);
    repo.commit('one more', { 'f.txt': 'x\n' }, join(repo.root, 'jerry-wt', 'a'));
    expect(await count('status')).toBe(6 + 7);
  });

  it('shows a repository without commits', async () => {
    const repo = makeRepo({ empty: true });
    expect(await status(repo)).toMatchObject([{ branch: 'main', head: null, state: 'ready', warnings: [] }]);
  });
});

describe('wt list', () => {
  it('has the same rows without what costs a comparison, and writes nothing', async () => {
    const repo = makeRepo();
    repo.commit('own', { 'own.txt': 'x\n' }, add(repo, 'feat/a'));
    const rows = await rowsOf(repo, ListAnswer, ['ls']);
    const full = await status(repo);
    expect(rows).toEqual(
      full.map(
        ({
          changes: _,
          conflicts: __,
          integrated: ___,
          integrated_upstream: ______,
          needs: ____,
          sessions: _____,
          ...row
        }) => row,
      ),
    );
    const shown = await wt(repo.path, repo.env, ['list']);
    expect(shown.stdout).toMatch(/^ {2}feat\/a +ready +\+1 +clean$/m);
  });

  it('only tells of what was left unfinished', async () => {
    const repo = makeRepo();
    const path = add(repo, 'feat/a');
    const intents = join(repo.path, '.git', 'wt', 'intents');
    mkdirSync(intents, { recursive: true });
    const owner = { pid: 1, start_time: '0', boot_id: null, hostname: 'elsewhere', pid_namespace: null };
    const intent = {
      version: 1,
      id: '7f1f7c2c-0000-4000-8000-000000000000',
      operation: 'merge',
      owner,
      started_at: '2026-02-20T00:00:00.000Z',
      worktree_path: path,
      children: [],
      step: 'begun',
      data: {},
    };
    const file = join(intents, `${intent.id}.json`);
    writeFileSync(file, JSON.stringify(intent));
    const ran = await wt(repo.path, repo.env, ['list', '--json']);
    expect(ran.stderr).toMatch(/^the unfinished merge of .* was begun on elsewhere/);
    expect(existsSync(file)).toBe(true);
    expect(named(z.array(ListAnswer).parse(ran.json()), 'feat/a')).toMatchObject({
      state: 'merging',
      warnings: [{ code: 'unfinished_operation' }],
    });
  });

  it('is quiet when its reader goes away', async () => {
    const repo = makeRepo();
    for (const n of [1, 2, 3, 4, 5, 6]) add(repo, `feat/${n}`);
    const ran = await wt(repo.path, repo.env, ['list', '--json'], {
      through: ['sh', '-c', '"$0" "$@" | head -c 1'],
    });
    expect(ran).toMatchObject({ code: 0, stdout: '[', stderr: '' });
  });

  it('refuses arguments', async () => {
    const repo = makeRepo();
    expect(await wt(repo.path, repo.env, ['list', 'main'])).toMatchObject({ code: 2 });
  });
});
