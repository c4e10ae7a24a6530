import { describe, expect, it } from 'vitest';
import { statusOf } from '../../src/domain/orchestration/status.ts';
import { Status } from '../../src/domain/status.ts';
import { readStatus } from '../../src/domain/tracker/status-cell.ts';

const words: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['pending', 'not started', 'to do', 'planned', 'draft', 'queued', 'not run'],
  READY: ['ready', 'unblocked', 'ready to start'],
  IN_PROGRESS: ['in progress', 'wip', 'active', 'under review', 'partially complete', 'dispatched'],
  COMPLETE: ['complete', 'done', 'pass', 'approved', 'verified', 'all gates pass', 'merged'],
  FAILED: ['failed', 'error', 'rejected', 'timed out'],
  BLOCKED: ['blocked', 'on hold', 'escalated', 'needs review', 'awaiting approval', 'ready for review'],
  SKIPPED: ['skipped', 'n/a', 'not applicable', 'deferred', 'waived'],
  CANCELLED: ['cancelled', 'canceled', 'superseded', "won't fix", 'abandoned'],
  UNKNOWN: ['banana', 'completeness', 'not complete', 'incomplete', '完了'],
};

describe('a word for a status', () => {
  const all = Object.entries(words).flatMap(([status, list]) => list.map((word) => [word, status] as const));
  it.each(all)('%s is %s in both kinds of files, however it is written', (word, status) => {
    const shapes = [
      word,
      word.toUpperCase(),
      word.replaceAll(' ', '_'),
      word.replaceAll(' ', '-').toUpperCase(),
      ...(status === 'UNKNOWN' ? [] : [`✅ ${word}`, `${word} (3 of 7)`, `${word} 🎉`]),
    ];
    expect(shapes.map(statusOf)).toEqual(shapes.map(() => status));
    expect(shapes.map((shape) => readStatus(shape).status)).toEqual(shapes.map(() => status));
  });

  it('may be the canonical name itself', () => {
    for (const status of Status.options)
      expect([statusOf(status), readStatus(status).status]).toEqual([status, status]);
  });
});
