import { describe, expect, it } from 'vitest';
import {
  type DispatchRecord,
  isCompleteWithWork,
  newestFirst,
  newestRun,
  nextDispatchId,
} from '../../src/domain/dispatch.ts';

const now = new Date('2026-02-20T23:59:59.000Z');

describe('dispatch ids', () => {
  it.each([
    [[], 'dispatch-20260220-001'],
    [['dispatch-20260220-001', 'dispatch-20260220-007'], 'dispatch-20260220-008'],
    [['dispatch-20260219-041', 'notes.txt'], 'dispatch-20260220-001'],
    [['dispatch-20260220-999'], 'dispatch-20260220-1000'],
    [['dispatch-20260223-004', 'dispatch-20260220-007'], 'dispatch-20260223-005'], // the clock was set back
  ])('follow the highest of the day in %j', (existing, expected) => {
    expect(nextDispatchId(now, existing)).toBe(expected);
  });

  it('sort by day and number', () => {
    const ids = ['dispatch-20260220-999', 'dispatch-20260221-001', 'dispatch-20260220-1000'];
    expect(ids.sort(newestFirst)).toEqual([
      'dispatch-20260221-001',
      'dispatch-20260220-1000',
      'dispatch-20260220-999',
    ]);
  });
});

describe('the newest run in a worktree', () => {
  const record = (worktree_path: string, git_dir: string | null, started_at: string) =>
    ({ phase: 'ended', git_dir, dispatch: { worktree_path, started_at } }) as unknown as DispatchRecord;
  const runs = [
    record('/b', '/g/b', '2026-02-20T12:00:00.000Z'),
    record('/old-a', '/g/a', '2026-02-20T11:00:00.000Z'),
    record('/a', '/g/other', '2026-02-20T10:00:00.000Z'),
  ];

  it('is found by path, and by the git directory of one that was moved', () => {
    expect(newestRun(runs, { path: '/a', gitDir: undefined })).toBe(runs[2]);
    expect(newestRun(runs, { path: '/new-a', gitDir: '/g/a' })).toBe(runs[1]);
    expect(newestRun(runs, { path: '/c', gitDir: undefined })).toBeUndefined();
  });

  it('is none of a worktree that was at the same place before', () => {
    const facts = { created_at: '2026-02-20T10:30:00.000Z' };
    expect(newestRun(runs, { path: '/a', gitDir: '/g/a2', facts })).toBeUndefined();
  });

  it('is known by when its worktree was made, whatever the clock said at its start, and always while it runs', () => {
    const facts = { created_at: '2026-02-20T10:30:00.000Z' };
    const place = { path: '/a', gitDir: '/g/other', facts };
    const [old] = runs.slice(2) as [DispatchRecord];
    expect(newestRun([{ ...old, worktree_created_at: facts.created_at }], place)).toBeDefined();
    expect(newestRun([{ ...old, worktree_created_at: '2026-02-20T09:00:00.000Z' }], place)).toBeUndefined();
    expect(newestRun([{ ...old, phase: 'running' }], place)).toBeDefined();
  });
});

describe('complete with work', () => {
  it.each([
    ['complete', null, true],
    ['complete', 'dirty', true],
    ['complete', 'no_commits', false],
    ['complete', 'denied', false],
    ['failed', 'timeout', false],
    ['running', null, false],
  ] as const)('%s (%s): %s', (status, reason, expected) => {
    expect(isCompleteWithWork({ status, reason })).toBe(expected);
  });
});
