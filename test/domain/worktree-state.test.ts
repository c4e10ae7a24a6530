import { describe, expect, it } from 'vitest';
import type { WorktreeState } from '../../src/domain/answers/status.ts';
import { type StateFacts, worktreeState } from '../../src/domain/worktree-state.ts';

const quiet: StateFacts = {
  operation: undefined,
  run: undefined,
  isIntegrated: false,
  isEmpty: false,
  isDirty: false,
};
const running = { status: 'running', reason: null, pid: 4711 } as const;
const failed = { status: 'failed', reason: 'error', pid: 1 } as const;
const complete = { status: 'complete', reason: null, pid: 1 } as const;

describe('the state of a worktree', () => {
  it.each<[string, Partial<StateFacts>, WorktreeState | undefined]>([
    ['an unfinished create', { operation: 'create', run: running }, 'provisioning'],
    ['an unfinished provision', { operation: 'provision' }, 'provisioning'],
    ['an unfinished landing', { operation: 'merge', run: running }, 'merging'],
    ['an unfinished cleanup', { operation: 'cleanup', isIntegrated: true }, 'cleanup'],
    ['an unfinished undo', { operation: 'undo' }, 'cleanup'],
    [
      'a run without a claude yet',
      { run: { status: 'running', reason: null, pid: null }, isIntegrated: true },
      'dispatched',
    ],
    ['a run', { run: running, isIntegrated: true }, 'running'],
    ['a run that waits for a limit', { run: { ...running, reason: 'rate_limited', pid: null } }, 'running'],
    ['landed work', { isIntegrated: true }, 'merged'],
    ['landed work of a failed run', { isIntegrated: true, run: failed }, 'merged'],
    ['landed work with new changes', { isIntegrated: true, isDirty: true }, 'ready'],
    ['nothing done yet', { isIntegrated: true, isEmpty: true }, 'ready'],
    ['an empty one after a run', { isEmpty: true, run: complete }, 'completed'],
    ['a failed run', { run: { ...failed, pid: null } }, 'failed'],
    ['a run that never began', { run: { ...failed, status: null, pid: null } }, 'failed'],
    ['a completed run', { run: complete, isDirty: true }, 'completed'],
    ['nothing at all', {}, 'ready'],
  ])('is, with %s, the first that applies', (_, facts, state) => {
    expect(worktreeState({ ...quiet, ...facts })).toBe(state);
  });

  it.each<[string, Partial<StateFacts>, WorktreeState | undefined]>([
    ['which operation is unfinished', { operation: 'unknown', run: running }, undefined],
    ['the runs', { run: 'unknown' }, undefined],
    ['the runs, though an operation is under way', { run: 'unknown', operation: 'merge' }, 'merging'],
    ['whether the work has landed', { isIntegrated: 'unknown' }, undefined],
    ['whether it has landed, in a dirty worktree', { isIntegrated: 'unknown', isDirty: true }, 'ready'],
    ['whether it has landed, in an empty worktree', { isIntegrated: 'unknown', isEmpty: true }, 'ready'],
    ['the changes of work that has landed', { isIntegrated: true, isDirty: 'unknown' }, undefined],
    ['the changes of work that has not landed', { isDirty: 'unknown', isEmpty: 'unknown' }, 'ready'],
    ['whether landed work is any', { isIntegrated: true, isEmpty: 'unknown' }, undefined],
    ['the changes during a run', { run: running, isDirty: 'unknown', isIntegrated: 'unknown' }, 'running'],
  ])('does not guess when it cannot read %s', (_, facts, state) => {
    expect(worktreeState({ ...quiet, ...facts })).toBe(state);
  });
});
