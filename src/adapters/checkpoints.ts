import type { Checkpoints } from '../application/ports/checkpoints.ts';
import { isDirtyAt } from '../domain/leaks.ts';
import type { HubContext } from './context.ts';
import { listCheckpoints } from './git/checkpoints.ts';
import { openRestoring } from './git/restoring.ts';
import { openRuns } from './runs.ts';
import { readSnapshot } from './supervisor/run-folder.ts';

/** The checkpoints of a repository. */
export function openCheckpoints(context: HubContext): Checkpoints {
  const runs = openRuns(context.repository.stateDir);
  return {
    list: (dispatchId) => listCheckpoints(context.ask, dispatchId),
    beganClean: async (dispatchId) => {
      const own = readSnapshot(runs.folder(dispatchId))?.own;
      return own !== undefined && 'fingerprint' in own ? !isDirtyAt(own.fingerprint) : undefined;
    },
    open: (worktree, state, options) => openRestoring(context, worktree, state, options),
  };
}
