import { dirname } from 'node:path';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import type { OverlappingRun } from '../../domain/leaks.ts';
import { openRuns } from '../runs.ts';
import { isAsWritten } from '../state-files/written.ts';

/** Who else may have changed files while a run was at work. */
export type OtherHands = {
  readonly runs: readonly OverlappingRun[];
  /** Whether a file is as wt itself wrote it last. */
  readonly isOurs: (path: string) => boolean;
};

export const otherHands = async (folder: string, record: DispatchRecord): Promise<OtherHands> => ({
  runs: await overlappingRuns(folder, record),
  isOurs: (path) => isAsWritten(dirname(dirname(folder)), path),
});

/** The other runs of the repository that were at work at some time since this one began. */
async function overlappingRuns(
  folder: string,
  { dispatch: own }: DispatchRecord,
): Promise<readonly OverlappingRun[]> {
  const began = Date.parse(own.started_at ?? '');
  const runs = await openRuns(dirname(dirname(folder))).list();
  return runs.flatMap(({ phase, dispatch }) => {
    const { dispatch_id: dispatchId, worktree_path: worktree, started_at, finished_at } = dispatch;
    if (dispatchId === null || dispatchId === own.dispatch_id || worktree === null) return [];
    const until = phase === 'ended' ? Date.parse(finished_at ?? '') : undefined;
    if (until !== undefined && until < began) return [];
    return [{ dispatchId, worktree, from: Date.parse(started_at ?? ''), until }];
  });
}
