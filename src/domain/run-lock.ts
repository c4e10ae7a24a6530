import { type LockOwner, lockOwner } from './lock-owner.ts';
import type { ProcessIdentity } from './process.ts';

const prefix = 'wt dispatch ';

/**
 * The reason of the lock that a run's supervisor holds on the worktree (git-worktree(1), `lock`), so that no other
 * tool prunes, moves or removes it meanwhile.
 */
export const runLock = (
  dispatchId: string,
  { pid, start_time: start }: Pick<ProcessIdentity, 'pid' | 'start_time'>,
): string => `${prefix}${dispatchId} (pid ${pid}${start === '' ? '' : ` start ${start}`})`;

/** Whether the reason of a lock is a run's. Such a lock means nothing by itself: it counts as the run. */
export const isRunLock = (reason: string): boolean => reason.startsWith(prefix);

/** Which run holds a lock, and by which process; `undefined` when it is no run's. */
export function runLockOwner(reason: string | undefined): LockOwner | undefined {
  const owner = lockOwner(reason ?? '');
  return owner?.tool === 'wt' ? owner : undefined;
}
