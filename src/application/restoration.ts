import type { UndoAnswer } from '../domain/answers/cleanup.ts';
import { branchTip } from '../domain/base.ts';
import { failures, isFailure } from '../domain/failure.ts';
import { quote } from '../domain/shell.ts';
import type { RestorationPlan, TrashEntry } from '../domain/trash.ts';
import type { Warning } from '../domain/warning.ts';
import type { Writer } from './ports/registrations.ts';
import type { Hub } from './ports.ts';
import { refuseUnfinished } from './turn.ts';

export const restoredAnswer = (entry: TrashEntry): UndoAnswer => ({
  operation: 'cleanup',
  id: entry.id,
  worktree_path: entry.worktree_path,
  branch: entry.branch,
  target: null,
  warnings: [],
  error: null,
});

/** Brings back a removed worktree, the last one when no id is given; under the repository's lock. */
export async function restoreWorktree(
  hub: Hub,
  id: string | undefined,
): Promise<{ readonly entry: TrashEntry; readonly warnings: readonly Warning[] }> {
  const entries = await hub.trash.list();
  const entry = id === undefined ? entries[0] : entries.find((candidate) => candidate.id === id);
  if (entry === undefined) {
    throw failures.nothingToUndo(
      id === undefined ? 'there is nothing to undo' : `nothing that can be undone is called '${id}'`,
    );
  }
  await refuseUnfinished(hub, entry.worktree_path);
  const plan: RestorationPlan = { entry, makes_branch: await checkWayBack(hub, entry) };
  const intended = { worktreePath: entry.worktree_path, step: 'bringing back', data: { plan } };
  const outcome = await hub.intents.during('undo', intended, async (intent) => {
    try {
      return await finishRestoration(hub, plan, intent);
    } catch (error) {
      if (!isFailure(error) || (await hub.trash.isComingBack(entry))) throw error; // the next command goes on
      await takeBackRestoration(hub, plan, intent);
      return error;
    }
  });
  if (isFailure(outcome)) throw outcome;
  return { entry, warnings: outcome };
}

/** All steps of an undo, also taken by recovery: each may have been done before. */
export async function finishRestoration(
  hub: Hub,
  { entry }: RestorationPlan,
  writer: Writer,
): Promise<readonly Warning[]> {
  const stands = await hub.trash.restoreBranch(entry, writer);
  if (!stands && !(await hub.trash.isComingBack(entry)))
    throw failures.branchExists(entry.branch ?? '', movedOn(entry));
  await hub.trash.moveOut(entry);
  await hub.trash.forget(entry, writer);
  return hub.events.append({
    type: 'worktree.restored',
    worktree_path: entry.worktree_path,
    dispatch_id: null,
    data: { operation: writer.id, branch: entry.branch, trash: entry.id },
  });
}

/** Takes back an undo that could not move anything. */
export async function takeBackRestoration(
  hub: Hub,
  { entry: { branch, head }, makes_branch }: RestorationPlan,
  writer: Writer,
): Promise<void> {
  if (makes_branch && branch !== null && head !== null) await hub.edits.deleteBranch(branch, head, writer);
}

/** Throws what stands in the way, before anything moves; gives whether the branch has to be made. */
async function checkWayBack(hub: Hub, entry: TrashEntry): Promise<boolean> {
  const { worktree_path: path, branch, head, held_branch: held, id } = entry;
  const again = `then wt undo ${id}`;
  const missing = await hub.trash.missing(entry);
  if (missing !== undefined)
    throw failures.nothingToUndo(`what was removed is not at ${missing}; is its disk mounted?`);
  const kind = await hub.folders.kind(path);
  const isFree = kind === 'absent' || (kind === 'empty-folder' && entry.place !== null);
  if (!isFree && !(await hub.trash.isHome(entry)))
    throw failures.pathExists(path, 'something else is there now', `move it away, ${again}`);
  const [worktrees, refs] = await Promise.all([hub.git.worktrees(), hub.git.refs(['refs/heads'])]);
  const registered = worktrees.find((worktree) => worktree.path === path);
  if (registered !== undefined)
    throw failures.pathExists(
      path,
      'git has another worktree registered there',
      `wt cleanup ${quote(path)}, ${again}`,
    );
  for (const name of [branch, held]) {
    const holder = name === null ? undefined : worktrees.find((worktree) => worktree.branch === name);
    if (name !== null && holder !== undefined) {
      const hint = `switch to another branch in ${holder.path}, ${again}`;
      throw failures.branchCheckedOut(name, holder.path, hint);
    }
  }
  if (branch === null || head === null) return false;
  const standing = branchTip(refs, branch);
  if (standing !== undefined && standing !== head) {
    throw failures.branchExists(branch, movedOn(entry));
  }
  const others = refs.map(({ ref }) => ref.replace(/^refs\/heads\//, ''));
  // git keeps no branch `feat/a` beside `feat/a/b`.
  const other = others.find((each) => each.startsWith(`${branch}/`) || branch.startsWith(`${each}/`));
  if (other === undefined || standing !== undefined) return standing === undefined;
  const hint = `git branch -m ${quote(other)} <other>, ${again}`;
  throw failures.branchInTheWay(branch, other, 'git cannot keep both', hint);
}

const movedOn = ({ branch, head, id }: TrashEntry) =>
  `it is no longer at ${head?.slice(0, 10)}: git branch -m ${quote(branch ?? '')} <other>, then wt undo ${id}`;
