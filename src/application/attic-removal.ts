import { type Failure, isFailure } from '../domain/failure.ts';
import type { RemovalPlan } from '../domain/trash.ts';
import type { Writer } from './ports/registrations.ts';
import type { OpenIntent } from './ports/state.ts';
import type { Hub } from './ports.ts';
import { finishRemoval, type Removed } from './removing.ts';

/**
 * Removes a worktree that cannot be renamed into the trash: commits and uncommitted work are kept in the attic, then
 * its folder is deleted in its place. What refs cannot hold, ignored files too, is refused: nothing is lost by it.
 */
export async function removeIntoAttic(
  hub: Hub,
  plan: RemovalPlan,
  intent: OpenIntent,
): Promise<Removed | Failure> {
  const { entry } = plan;
  try {
    await hub.trash.keep(plan, intent);
    const bundle = await hub.attic.writeInPlace(entry, intent, new AbortController().signal);
    await intent.step('keeping', { commit: bundle.commit });
    // In any case: the branch that leads to its commits may be deleted with it.
    const ref = await hub.attic.keep(entry, { ...bundle, isClean: false }, intent);
    await intent.step('deleting', { ref: ref ?? null });
    return await finishClearing(hub, plan, ref, intent);
  } catch (error) {
    if (!isFailure(error) || (await hub.trash.hasBegun(plan))) throw error; // the next command finishes it
    await hub.trash.discard(plan, intent); // the attic has what was deleted before this one failed
    return error;
  }
}

/** The steps from the deletion on, also taken by recovery: each may have been done before. */
export async function finishClearing(
  hub: Hub,
  plan: RemovalPlan,
  ref: string | undefined,
  writer: Writer,
): Promise<Removed> {
  if (!(await hub.trash.hasBegun(plan))) {
    const { worktree_path: path, registration } = plan.entry;
    const all = await hub.git.worktrees();
    const isRegistered = all.some((each) => each.path === path && each.gitDir?.endsWith(`/${registration}`));
    if (isRegistered) await hub.trash.clear(plan.entry);
    else return { trash: null, branch_deleted: plan.deletes_branch, warnings: [] };
  }
  const entry = await hub.trash.moveIn({ ...plan, places: [] }, writer);
  const removed = await finishRemoval(hub, plan, entry, writer);
  await hub.trash.dropRefs(entry, writer);
  if (await hub.trash.release(entry)) await hub.trash.sweep(new AbortController().signal);
  const kept = `${ref ?? 'the attic'} keeps its work`;
  const message = `${entry.worktree_path} could not be moved to the trash and was deleted; ${kept} (wt trash shows it)`;
  return { ...removed, trash: null, warnings: [...removed.warnings, { code: 'kept_in_attic', message }] };
}
