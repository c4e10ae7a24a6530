import { describe, expect, it } from 'vitest';
import type { BranchName } from '../../src/domain/branch-name.ts';
import { blankDispatch } from '../../src/domain/dispatch.ts';
import { emptyParentsEnd, mayDeleteBranch, type RemovalFacts, refusal } from '../../src/domain/removal.ts';
import type { Sha } from '../../src/domain/sha.ts';
import type { Worktree } from '../../src/domain/worktree.ts';
import type { WorktreeFacts } from '../../src/domain/worktree-facts.ts';

const sha = 'a'.repeat(40) as Sha;
const branch = 'feat/x' as BranchName;
const changes = { staged: 0, unstaged: 0, untracked: 0, conflicted: 0, paths: [] };
const worktree: Worktree = {
  path: '/src/jerry-wt/feat/x',
  gitDir: '/src/jerry/.git/worktrees/x',
  isMain: false,
  head: sha,
  branch,
  detached: false,
  locked: undefined,
  prunable: undefined,
  facts: { branch_created: true, branch: 'feat/x', project_id: null } as WorktreeFacts,
};
const clean: RemovalFacts = {
  worktree,
  impostor: undefined,
  isCurrent: false,
  runningDispatch: undefined,
  occupation: undefined,
  changes,
  operation: undefined,
  base: 'main',
  ahead: 0,
  integration: { kind: 'yes', why: 'ancestor' },
  obstacle: undefined,
};
const run = { ...blankDispatch, dispatch_id: 'dispatch-20260220-001', status: 'running' } as const;
const dirty = { changes: { ...changes, untracked: 1, paths: ['new.txt'] } };
const unmerged = { ahead: 2, integration: { kind: 'no' } } as const;
const everything: RemovalFacts = {
  ...clean,
  ...dirty,
  ...unmerged,
  impostor: 'it is a file',
  isCurrent: true,
  runningDispatch: run,
  worktree: { ...worktree, locked: 'mine' },
  obstacle: { what: 'a file system is mounted there' },
};

const codes = (facts: RemovalFacts, force = false) => {
  const failure = refusal(facts, { force });
  return failure === undefined ? [] : [failure.code, ...(failure.details.also as string[])];
};

describe('the refusal to remove a worktree', () => {
  it('is none for one that is clean, merged and idle', () => {
    expect(codes(clean)).toEqual([]);
  });

  it('names the first reason, and the others in their order', () => {
    expect(codes(everything)).toEqual([
      'not_this_worktree',
      'current_worktree',
      'dispatch_running',
      'worktree_locked',
      'dirty_worktree',
      'unmerged_commits',
      'cannot_save',
    ]);
  });

  it('is about the main worktree whatever else there is', () => {
    expect(codes({ ...everything, worktree: { ...worktree, isMain: true } })).toEqual(['main_worktree']);
  });

  it.each<[string, Partial<RemovalFacts>]>([
    ['not_this_worktree', { impostor: 'it is a file' }],
    ['current_worktree', { isCurrent: true }],
    ['dispatch_running', { runningDispatch: run }],
    ['worktree_locked', { worktree: { ...worktree, locked: '' } }],
    ['worktree_locked', { worktree: { ...worktree, locked: 'wt create is at work here (1)' } }],
    ['worktree_locked', { occupation: 'wt provision is at work there' }],
    ['dirty_worktree', dirty],
    ['dirty_worktree', { operation: 'rebase' }],
    ['unmerged_commits', unmerged],
    ['unmerged_commits', { integration: { kind: 'unknown', why: 'git could not tell' } }],
    [
      'unmerged_commits',
      { integration: { kind: 'ask', why: 'ancestor', revertedBy: 'e'.repeat(40) as Sha } },
    ],
    ['cannot_save', { obstacle: { what: 'a file system is mounted there' } }],
  ])('%s stands alone where it is the only reason', (code, facts) => {
    expect(codes({ ...clean, ...facts })).toEqual([code]);
  });

  it('is overridden by force for uncommitted changes, an unfinished merge and commits of its own, and no more', () => {
    expect(codes({ ...clean, ...dirty, ...unmerged, operation: 'merge' }, true)).toEqual([]);
    expect(codes(everything, true)).toEqual([
      'not_this_worktree',
      'current_worktree',
      'dispatch_running',
      'worktree_locked',
      'cannot_save',
    ]);
  });

  it('does not count our own locks', () => {
    for (const locked of ['wt dispatch dispatch-20260220-001', 'wt cleanup trash-20260220-001'])
      expect(codes({ ...clean, worktree: { ...worktree, locked } })).toEqual([]);
  });

  it('says what to type next, quoted', () => {
    const odd = { ...worktree, facts: undefined, branch: undefined, path: "/src/it's here" };
    expect(refusal({ ...clean, ...dirty, worktree: odd }, { force: false })?.hint).toContain(
      "wt cleanup '/src/it'\\''s here' --force",
    );
  });
});

describe('the branch of a removed worktree', () => {
  const may = (facts: Partial<RemovalFacts>, others: Worktree[] = [worktree], keep = false) =>
    mayDeleteBranch({ ...clean, ...facts }, others, keep);

  it('goes with it when wt made it and its work is in the base', () => {
    expect(may({})).toBe(true);
  });

  it.each<[string, Partial<RemovalFacts>]>([
    ['has work that is not in the base', unmerged],
    ['could not be judged', { integration: { kind: 'unknown', why: 'no base' } }],
    ['is not from wt', { worktree: { ...worktree, facts: undefined } }],
    [
      'was there before',
      { worktree: { ...worktree, facts: { branch_created: false, branch: 'feat/x' } as WorktreeFacts } },
    ],
    ['is another one than was made', { worktree: { ...worktree, branch: 'feat/y' as BranchName } }],
    ['is not checked out', { worktree: { ...worktree, branch: undefined } }],
  ])('stays when it %s', (_, facts) => {
    expect(may(facts)).toBe(false);
  });

  it('stays when it is to be kept, and where another worktree has it', () => {
    expect(may({}, [worktree], true)).toBe(false);
    expect(may({}, [worktree, { ...worktree, path: '/elsewhere' }])).toBe(false);
  });
});

describe('the empty parents of a removed worktree', () => {
  const repository = { parent: '/src', name: 'jerry' };

  it.each([
    ['/src/jerry-wt/feat/x', 'feat/x', '/src'],
    ['/src/trees/feat/x', 'feat/x', '/src/trees'],
    ['/src/trees/mine', 'feat/x', '/src/trees'],
    ['/feat/x', 'feat/x', '/'],
  ])('of %s on %s go up to %s', (path, name, end) => {
    expect(emptyParentsEnd({ path, branch: name as BranchName }, repository)).toBe(end);
  });
});
