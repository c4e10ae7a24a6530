import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRepo } from '../../support/repo.ts';
import { trashOf } from './whereabouts.ts';

/** An operation that is to be killed everywhere. */
export type Operation = {
  readonly name: string;
  readonly args: readonly string[] | ((repo: TestRepo) => readonly string[]);
  /** Commands of wt that come before it. */
  readonly prepare?: readonly (readonly string[])[];
  /** What people do after the first of them: what is there then must be there ever after. */
  readonly arrange?: (repo: TestRepo) => void;
  /** What they do after the last of them. */
  readonly rearrange?: (repo: TestRepo) => void;
  /** Whether commits give way to others, so that only what is in their files must be there ever after. */
  readonly rewrites?: boolean;
  /** What must be the same before and after it, such as what is uncommitted somewhere. */
  readonly keeps?: (repo: TestRepo) => string;
  /** Whether entries of the trash may end in the attic. */
  readonly expires?: boolean;
  /** Branches that have to be there whatever comes of it. */
  readonly branches: readonly string[];
  /** Whether what is there is what the operation ends in. */
  readonly isDone: (repo: TestRepo) => boolean;
  /** The exit code of the same command once more when it is done. */
  readonly again: number;
};

const worktree = (repo: TestRepo) => join(repo.root, 'jerry-wt', 'feat', 'x');
const isThere = (repo: TestRepo) => existsSync(join(worktree(repo), '.git'));

const created = ['create', 'feat/x', '--no-provision'];

function work(repo: TestRepo): void {
  const path = worktree(repo);
  repo.commit('work', { 'a.txt': 'a\n', 'half.txt': 'changed\n', 'zz/z.txt': 'z\n' }, path);
}

function clutter(repo: TestRepo, { ignored = true } = {}): void {
  const path = worktree(repo);
  work(repo);
  writeFileSync(join(path, 'staged.txt'), 'staged\n');
  repo.gitIn(path, 'add', '.');
  writeFileSync(join(path, 'staged.txt'), 'changed since\n');
  if (ignored) writeFileSync(join(path, '.env'), 'SECRET=2\n', { mode: 0o600 });
}

const elsewhere = (repo: TestRepo) => {
  work(repo);
  repo.git('branch', 'release', 'main');
};
const diverged = (repo: TestRepo) => {
  work(repo);
  repo.commit('beside', { 'beside.txt': 'beside\n' });
};
const divergedElsewhere = (repo: TestRepo) => {
  elsewhere(repo);
  repo.git(
    'update-ref',
    'refs/heads/release',
    repo.git('commit-tree', '-m', 'beside', '-p', 'main', 'main^{tree}'),
  );
};
/** Two commits on both sides, files that the base adds, changes and removes, and uncommitted work in the worktree. */
const behind = (repo: TestRepo) => {
  const path = worktree(repo);
  repo.commit('work', { 'a.txt': 'a\n' }, path);
  repo.commit('more work', { 'zz/z.txt': 'z\n' }, path);
  writeFileSync(join(path, 'staged.txt'), 'staged\n');
  repo.gitIn(path, 'add', '.');
  writeFileSync(join(path, 'staged.txt'), 'changed since\n');
  repo.commit('beside', { 'a/beside.txt': 'beside\n', 'half.txt': 'changed\n' });
  repo.git('rm', '-q', 'z/last.txt');
  repo.commit('gone', { 'zzz.txt': 'zzz\n' });
};

/** Whether `a.txt` of the branch is on the target. */
const has = (target: string) => (repo: TestRepo) =>
  repo.git('ls-tree', '-r', '--name-only', target).includes('a.txt');

const landing = (
  name: string,
  flags: readonly string[],
  arrange: (repo: TestRepo) => void,
  target = 'main',
): Operation => ({
  name,
  args: ['merge', 'feat/x', ...flags],
  prepare: [created],
  arrange,
  branches: target === 'main' ? ['main', 'feat/x'] : ['main', 'feat/x', target],
  isDone: has(target),
  again: 0,
});

const planOf = (repo: TestRepo) => join(repo.path, 'ORCHESTRATION.yaml');

/** A landing that is entered in the coordinator's file, with a checkpoint, once. */
const recorded: Operation = {
  ...{ name: 'merge of an agent', args: ['merge', 'feat/x'], branches: ['main', 'feat/x'], again: 0 },
  prepare: [[...created, '--address', 'one']],
  arrange: diverged,
  rearrange: (repo) => {
    writeFileSync(planOf(repo), 'agents:\n  - {id: one, status: READY}\ncheckpoints: []\n');
  },
  isDone: (repo) =>
    has('main')(repo) &&
    /status: COMPLETE\}\ncheckpoints:\n {2}- id: .*\n(?: {4}.*\n){4}$/.test(
      readFileSync(planOf(repo), 'utf8'),
    ),
};

/** Brings the base into the branch of a worktree that has uncommitted work. */
const syncing = (name: string, flags: readonly string[], rewrites: boolean): Operation => ({
  name,
  args: ['sync', 'feat/x', ...flags],
  prepare: [created],
  arrange: behind,
  rewrites,
  keeps: (repo) => repo.gitIn(worktree(repo), 'status', '--porcelain'),
  branches: ['main', 'feat/x'],
  isDone: (repo) => repo.git('rev-list', '--count', 'feat/x..main') === '0',
  again: 0,
});

const takingBack = (
  name: string,
  flags: readonly string[],
  arrange: (repo: TestRepo) => void,
  target = 'main',
): Operation => ({
  ...landing(name, flags, arrange, target),
  args: ['undo'],
  prepare: [created, ['merge', 'feat/x', ...flags]],
  isDone: (repo) => !has(target)(repo),
  again: 5,
});

/** What is only in the trash: commits that no branch leads to, and work that no commit has. */
const expiring: Operation = {
  name: 'trash expiry',
  args: ({ path }) => ['__expire', path, '0'],
  prepare: [created, ['cleanup', 'feat/x', '--force']],
  arrange: (repo) => {
    clutter(repo, { ignored: false });
    writeFileSync(join(worktree(repo), 'untracked.txt'), 'untracked\n');
  },
  rearrange: (repo) => {
    repo.git('update-ref', '-d', 'refs/heads/feat/x');
    const [id = ''] = readdirSync(trashOf(repo)).filter((name) => name.startsWith('trash-'));
    const file = join(trashOf(repo), id, 'entry.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"removed_at": "\d+/, '"removed_at": "2020'));
  },
  expires: true,
  branches: ['main'],
  isDone: (repo) => !existsSync(trashOf(repo)) || readdirSync(trashOf(repo)).join() === 'last',
  again: 0,
};

/** Everything that writes an intent: one line each is all that another one needs. */
export const operations: readonly Operation[] = [
  { name: 'create', args: ['create', 'feat/x'], branches: ['main'], isDone: isThere, again: 4 },
  {
    name: 'provision',
    args: ['provision', 'feat/x'],
    prepare: [created],
    branches: ['main', 'feat/x'],
    isDone: (repo) => existsSync(join(worktree(repo), 'build/hooked')),
    again: 0,
  },
  landing('merge ff', [], work),
  landing('merge commit', [], diverged),
  landing('merge ff, not checked out', ['--into', 'release'], elsewhere, 'release'),
  landing('merge commit, not checked out', ['--into', 'release'], divergedElsewhere, 'release'),
  landing('merge squash', ['--strategy', 'squash'], diverged),
  landing(
    'merge squash, not checked out',
    ['--strategy', 'squash', '--into', 'release'],
    divergedElsewhere,
    'release',
  ),
  landing('merge rebase', ['--strategy', 'rebase'], diverged),
  landing(
    'merge rebase, not checked out',
    ['--strategy', 'rebase', '--into', 'release'],
    divergedElsewhere,
    'release',
  ),
  recorded,
  syncing('sync', [], false),
  syncing('sync rebase', ['--strategy', 'rebase'], true),
  {
    name: 'cleanup',
    args: ['cleanup', 'feat/x', '--force'],
    prepare: [created],
    arrange: (repo) => {
      clutter(repo);
      repo.git('merge', '-q', '--no-ff', 'feat/x');
    },
    branches: ['main'],
    isDone: (repo) => !existsSync(worktree(repo)),
    again: 5,
  },
  {
    name: 'undo',
    args: ['undo'],
    prepare: [created, ['cleanup', 'feat/x', '--force']],
    arrange: (repo) => {
      clutter(repo);
      repo.git('merge', '-q', '--no-ff', 'feat/x');
    },
    branches: ['main'],
    isDone: isThere,
    again: 5,
  },
  takingBack('undo landing', [], diverged),
  takingBack('undo landing, not checked out', ['--into', 'release'], elsewhere, 'release'),
  expiring,
];

const kill = 'kill -9 "$WT_TEST_HALF" "$PPID" 2>/dev/null';

/**
 * A repository in which a git that is to die half-way does so in the middle of its files (a smudge filter) or with
 * the references locked (git's hook `reference-transaction`, which is run between taking the locks and renaming them).
 */
export function furnish(repo: TestRepo): void {
  const hook = join(repo.path, '.git/hooks/reference-transaction');
  mkdirSync(join(repo.path, '.git/hooks'), { recursive: true });
  writeFileSync(
    hook,
    `#!/bin/sh\ncat >/dev/null\n[ "$1" = prepared ] && [ -n "$WT_TEST_HALF" ] && ${kill}\nexit 0\n`,
  );
  chmodSync(hook, 0o755);
  repo.git('config', 'filter.half.smudge', `[ -n "$WT_TEST_HALF" ] && ${kill}; cat`);
  repo.commit('files', {
    '.gitattributes': 'half.txt filter=half\n',
    '.gitignore': '.env\nbuild/\n',
    '.worktreeinclude': '.env\n',
    'a/first.txt': 'first\n',
    'half.txt': 'half\n',
    'z/last.txt': 'last\n',
  });
  writeFileSync(join(repo.path, '.env'), 'SECRET=1\n', { mode: 0o600 });
  mkdirSync(join(repo.home, '.config/wt'), { recursive: true });
  writeFileSync(
    join(repo.home, '.config/wt/config.yaml'),
    'hooks:\n  post_create: "mkdir -p build && echo hooked > build/hooked"\n',
  );
}
