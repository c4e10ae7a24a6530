import type { DispatchAnswer } from '../domain/answers/dispatch.ts';
import { blankDispatch, type DispatchRecord } from '../domain/dispatch.ts';
import { runLockOwner } from '../domain/run-lock.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { Hub } from './ports.ts';

/**
 * The run that a worktree's lock names while its supervisor lives, though there is no record of it: somebody deleted
 * its folder. Where there is a record, that says what is true, also of a lock that was read before the run ended.
 */
export function unrecordedRun(
  { processes }: Pick<Hub, 'processes'>,
  { locked, path, branch }: Worktree,
  recorded: readonly DispatchRecord[],
): DispatchAnswer | undefined {
  const owner = runLockOwner(locked);
  if (owner === undefined || recorded.some(({ dispatch }) => dispatch.dispatch_id === owner.id))
    return undefined;
  const supervisor = { ...processes.own(), pid: owner.pid, start_time: owner.startTime ?? '' };
  if (processes.liveness(supervisor) === 'dead') return undefined;
  const known = { dispatch_id: owner.id, worktree_path: path, branch: branch ?? null };
  return { ...blankDispatch, ...known, status: 'running' };
}
