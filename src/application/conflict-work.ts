import { isDirty } from '../domain/changes.ts';
import { isFailure } from '../domain/failure.ts';
import type { See } from './conflict-matrix.ts';
import { openGate } from './gate.ts';
import { look } from './overview/look.ts';
import type { Hub } from './ports.ts';

// More at once gain nothing: a status is bound by the processor.
const statusesAtOnce = 4;
const snapshotsAtOnce = 2;

/** Looks at what is not committed in the worktrees too. */
export function openSight(hub: Hub): See {
  const gate = openGate(statusesAtOnce);
  const snapshots = openGate(snapshotsAtOnce); // of its own: they need not wait for the other statuses
  return async (trial, worktree, id) => {
    const { changes, warnings } = await look(hub, gate, worktree);
    if (changes === undefined) return { id, worktree, dirty: null, tree: undefined, warnings };
    if (!isDirty(changes) || worktree.head === undefined)
      return { id, worktree, dirty: isDirty(changes), tree: undefined, warnings };
    const leave = await snapshots.enter();
    try {
      return { id, worktree, dirty: true, tree: await trial.workTree(worktree, changes.paths), warnings };
    } catch (error) {
      if (!isFailure(error) || error.kind === 'interrupted') throw error;
      const message = `what is not committed could not be read, and does not count: ${error.message}`;
      return {
        id,
        worktree,
        dirty: true,
        tree: undefined,
        warnings: [{ code: 'work_unreadable', message }],
      };
    } finally {
      leave();
    }
  };
}
