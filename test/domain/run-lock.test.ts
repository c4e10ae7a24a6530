import { describe, expect, it } from 'vitest';
import { isRunLock, runLock, runLockOwner } from '../../src/domain/run-lock.ts';

describe('the lock of a run', () => {
  it.each(['8123', 'Mon Nov 21 11:13:00 2026', ''])('is read as it was written, started %j', (start_time) => {
    const reason = runLock('dispatch-20260220-001', { pid: 12, start_time });
    expect(isRunLock(reason)).toBe(true);
    expect(runLockOwner(reason)).toMatchObject({
      id: 'dispatch-20260220-001',
      pid: 12,
      startTime: start_time === '' ? undefined : start_time,
    });
  });

  it('is written as others may read it', () => {
    expect(runLock('dispatch-20260220-001', { pid: 12, start_time: '99' })).toBe(
      'wt dispatch dispatch-20260220-001 (pid 12 start 99)',
    );
  });

  it.each([undefined, '', 'mine', 'claude agent abc (pid 12 start 99)', 'wt cleanup trash-1'])(
    'is not %j',
    (reason) => {
      expect(runLockOwner(reason)).toBeUndefined();
      expect(isRunLock(reason ?? '')).toBe(false);
    },
  );
});
