import { describe, expect, it } from 'vitest';
import type { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import type { BranchName } from '../../src/domain/branch-name.ts';
import { blankDispatch } from '../../src/domain/dispatch.ts';
import {
  type CandidateFacts,
  landingRefusal,
  landingWarnings,
  type SkipReason,
  skipReason,
} from '../../src/domain/merge-candidate.ts';
import type { Sha } from '../../src/domain/sha.ts';

const clean = { staged: 0, unstaged: 0, untracked: 0, conflicted: 0, paths: [] };
const dirty = { ...clean, untracked: 1, paths: ['more'] };
const run = (status: string, reason: string | null = null) =>
  ({ ...blankDispatch, dispatch_id: 'dispatch-20260101-001', status, reason }) as DispatchAnswer;

const facts = (changed: Partial<CandidateFacts> & { readonly locked?: string } = {}): CandidateFacts => {
  const { locked, ...more } = changed;
  const worktree = {
    path: '/w/a',
    gitDir: '/r/.git/worktrees/a',
    isMain: false,
    head: '1'.repeat(40) as Sha,
    branch: 'feat/a' as BranchName,
    detached: false,
    locked,
    prunable: undefined,
    facts: undefined,
  };
  return { worktree, changes: clean, operation: undefined, run: run('complete'), ...more };
};

describe('a worktree of -a', () => {
  it.each<[string, Parameters<typeof facts>[0], SkipReason | undefined]>([
    ['done', {}, undefined],
    ['done, what it left having been committed since', { run: run('complete', 'dirty') }, undefined],
    ['never dispatched', { run: undefined }, 'no_dispatch'],
    ['failed', { run: run('failed', 'timeout') }, 'not_complete'],
    ['denied', { run: run('complete', 'denied') }, 'not_complete'],
    ['without a commit', { run: run('complete', 'no_commits') }, 'not_complete'],
    ['running', { run: run('running') }, 'running'],
    ['locked by its run, which has ended', { locked: 'wt dispatch dispatch-20260101-001' }, undefined],
    ['dirty', { changes: dirty }, 'dirty'],
    ['in a rebase', { operation: 'rebase' }, 'dirty'],
    ['locked by somebody', { locked: '' }, 'locked'],
    ['running, dirty and locked', { run: run('running'), changes: dirty, locked: 'x' }, 'running'],
    ['failed and dirty', { run: run('failed'), changes: dirty }, 'not_complete'],
  ])('that is %s', (_, changed, expected) => {
    expect(skipReason(facts(changed))).toBe(expected);
  });
});

describe('a worktree that was named', () => {
  it.each<[string, Parameters<typeof facts>[0], string | undefined]>([
    ['done', {}, undefined],
    ['never dispatched', { run: undefined }, undefined],
    ['failed', { run: run('failed', 'timeout') }, undefined],
    ['locked by somebody', { locked: '' }, undefined],
    ['dirty', { changes: dirty }, 'dirty_worktree'],
    ['in a rebase', { operation: 'rebase', changes: dirty }, 'operation_in_progress'],
    ['running', { run: run('running'), changes: dirty }, 'dispatch_running'],
    ['locked by its run, which has ended', { locked: 'wt dispatch dispatch-20260101-001' }, undefined],
  ])('and is %s', (_, changed, expected) => {
    expect(landingRefusal(facts(changed))?.code).toBe(expected);
  });

  it('is warned of in a dry run instead', () => {
    const codes = (changed: Parameters<typeof facts>[0]) =>
      landingWarnings(facts(changed)).map(({ code }) => code);
    expect(codes({})).toEqual([]);
    expect(codes({ run: run('running'), changes: dirty, operation: 'merge' })).toEqual([
      'dispatch_running',
      'operation_in_progress',
      'uncommitted_not_judged',
    ]);
  });
});
