import type { CleanupAnswer } from '../domain/answers/cleanup.ts';
import { type Failure, isFailure } from '../domain/failure.ts';
import { emptyParentsEnd } from '../domain/removal.ts';
import type { RemovalPlan, TrashEntry } from '../domain/trash.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import { removeIntoAttic } from './attic-removal.ts';
import type { Writer } from './ports/registrations.ts';
import type { Hub } from './ports.ts';

export type Removed = Pick<CleanupAnswer, 'trash' | 'branch_deleted'> & {
  readonly warnings: readonly Warning[];
};

/** Moves a worktree to the trash, under an intent and the repository's lock; what it throws left all as it was. */
export async function moveToTrash(
  hub: Hub,
  worktree: Worktree,
  { deletesBranch }: { readonly deletesBranch: boolean },
): Promise<Removed> {
  const plan = await hub.trash.plan(worktree, {
    deletes_branch: deletesBranch,
    parents_end: emptyParentsEnd(worktree, hub.repository),
  });
  const intended = { worktreePath: worktree.path, step: 'removing', data: { plan } };
  const outcome = await hub.intents.during(
    'cleanup',
    intended,
    async (intent): Promise<Removed | Failure> => {
      if (plan.stuck) return removeIntoAttic(hub, plan, intent);
      let entry: TrashEntry;
      try {
        const mark = await hub.trash.keep(plan, intent);
        entry = await hub.trash.moveIn(plan, intent, mark);
      } catch (error) {
        if (!isFailure(error) || (await hub.trash.hasBegun(plan))) throw error; // the next command finishes it
        // A bind mount shows only when it is renamed.
        if (error.details.errno === 'EXDEV' || error.details.errno === 'EBUSY')
          return removeIntoAttic(hub, plan, intent);
        await hub.trash.discard(plan, intent);
        return error;
      }
      return finishRemoval(hub, plan, entry, intent);
    },
  );
  if (isFailure(outcome)) throw outcome;
  return outcome;
}

/** The last steps of a removal, also taken by recovery: each may have been done before. */
export async function finishRemoval(
  hub: Hub,
  plan: RemovalPlan,
  entry: TrashEntry,
  writer: Writer,
): Promise<Removed> {
  const { branch, head } = plan.entry;
  await hub.trash.record(entry);
  const warnings: Warning[] = [];
  let deleted = false;
  if (plan.deletes_branch && branch !== null && head !== null) {
    try {
      deleted = await hub.edits.deleteBranch(branch, head, writer);
      if (!deleted) warnings.push({ code: 'branch_kept', message: `${branch} moved just now, and stays` });
    } catch (error) {
      if (!isFailure(error, 'git_failed')) throw error;
      warnings.push({ code: 'branch_kept', message: `${branch} stays: ${error.message}` });
    }
  }
  await hub.folders.pruneParents(entry.worktree_path, plan.parents_end);
  const untold = await hub.events.append({
    type: 'worktree.removed',
    worktree_path: entry.worktree_path,
    dispatch_id: null,
    data: { operation: writer.id, branch, trash: entry.id, branch_deleted: deleted },
  });
  return { trash: entry.id, branch_deleted: deleted, warnings: [...warnings, ...untold] };
}
