import type { CleanupAnswer } from '../domain/answers/cleanup.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import { emptyParentsEnd, mayDeleteBranch, refusal } from '../domain/removal.ts';
import type { RemovalPlan, TrashEntry } from '../domain/trash.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { type Inspected, inspect, openScene, type RemovalScene, type Verdict } from './inspection.ts';
import { type Occupants, occupantsOf } from './occupants.ts';
import type { Writer } from './ports/registrations.ts';
import type { Hub, Ports } from './ports.ts';
import { refuseUnfinished, takeTurn } from './turn.ts';

export type RemovalOptions = {
  /** Removes uncommitted changes and commits that are not in the base too: they stay in the trash and on the branch. */
  readonly force: boolean;
  /** Ends the processes whose current directory is inside. */
  readonly kill: boolean;
  readonly keepBranch: boolean;
  /** The caller takes the user out of the worktree afterwards. */
  readonly leaving: boolean;
};

export const blankCleanup = (worktree: Worktree): CleanupAnswer => ({
  worktree_path: worktree.path,
  branch: worktree.branch ?? null,
  removed: false,
  branch_deleted: false,
  integrated: null,
  trash: null,
  archived: null,
  warnings: [],
  error: null,
});

const answerOf = ({ facts, warnings }: Inspected): CleanupAnswer => ({
  ...blankCleanup(facts.worktree),
  integrated: facts.integration.kind === 'yes' ? facts.integration.why : null,
  warnings: [...warnings],
});

function refuse({ facts }: Inspected, options: RemovalOptions): void {
  const refused = refusal(facts, options);
  if (refused !== undefined) throw refused;
}

/** Looks at a worktree as its removal would, and writes nothing; throws the refusal. */
export async function previewRemoval(
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  options: RemovalOptions,
): Promise<CleanupAnswer> {
  const inspected = await inspect(hub, scene, worktree, { ...options, reconcile: false });
  refuse(inspected, options);
  const occupants = await occupantsOf(hub, worktree.path);
  const answer = answerOf(inspected);
  return { ...answer, warnings: [...answer.warnings, ...withHelp(occupants, '--kill ends them')] };
}

/**
 * Removes a worktree into the trash: refs first, then folder and registration by rename, then the branch by
 * compare-and-swap. Throws the refusal when nothing was begun. Takes the repository's lock: not to be called by who
 * holds it.
 */
export async function removeWorktree(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  options: RemovalOptions,
): Promise<CleanupAnswer> {
  const seen = await firstLook(hub, scene, worktree, options);
  const inside = seen === undefined ? [] : await clear(hub, worktree, options);
  return takeTurn({ narrator }, hub, 'wt cleanup', async () => {
    const inspected = await lookAgain(hub, worktree, options, seen?.verdict);
    const { trash, branch_deleted, warnings } = await remove(hub, inspected.now, inspected.scene, options);
    const answer = answerOf(inspected.now);
    const all = [...answer.warnings, ...inside, ...warnings];
    return { ...answer, removed: true, branch_deleted, trash, warnings: all };
  });
}

/** Refuses without waiting for the lock; `undefined` where another command is moving this worktree right now. */
async function firstLook(
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  options: RemovalOptions,
): Promise<Inspected | undefined> {
  try {
    const seen = await inspect(hub, scene, worktree, { ...options, reconcile: true });
    refuse(seen, options);
    return seen;
  } catch (error) {
    if (!isFailure(error) || !(await isMoving(hub, worktree))) throw error;
    return undefined;
  }
}

async function isMoving(hub: Hub, { path, gitDir }: Worktree): Promise<boolean> {
  const isMoved = (await hub.intents.list()).some(
    ({ intent, owner }) =>
      intent.worktree_path === path &&
      owner === 'alive' &&
      (intent.operation === 'cleanup' || intent.operation === 'undo'),
  );
  return isMoved || !(await hub.git.worktrees()).some((each) => each.path === path && each.gitDir === gitDir);
}

async function clear(hub: Hub, { path }: Worktree, { kill }: RemovalOptions): Promise<readonly Warning[]> {
  const occupants = await occupantsOf(hub, path);
  const pids = occupants.processes?.map(({ pid }) => pid) ?? [];
  return kill ? occupants.end() : withHelp(occupants, `kill ${pids.join(' ')} ends them`);
}

const withHelp = ({ processes, warnings }: Occupants, help: string): readonly Warning[] =>
  processes === undefined
    ? warnings
    : warnings.map(({ code, message }) => ({ code, message: `${message}; ${help}` }));

/** Looks at a worktree as it is now, under the lock; what was judged of the same commits holds. */
async function lookAgain(hub: Hub, seen: Worktree, options: RemovalOptions, verdict: Verdict | undefined) {
  await refuseUnfinished(hub, seen.path);
  const scene = await openScene(hub);
  const worktree = scene.worktrees.find(({ path, gitDir }) => path === seen.path && gitDir === seen.gitDir);
  if (worktree === undefined) throw failures.worktreeNotFound(worktreeName(seen), []);
  if (worktree.unreadable !== undefined) throw worktree.unreadable;
  const now = await inspect(hub, scene, worktree, { ...options, reconcile: false }, verdict);
  refuse(now, options);
  return { now, scene };
}

type Removed = Pick<CleanupAnswer, 'trash' | 'branch_deleted'> & { readonly warnings: readonly Warning[] };

async function remove(
  hub: Hub,
  { facts }: Inspected,
  { worktrees }: RemovalScene,
  options: RemovalOptions,
): Promise<Removed> {
  const { worktree } = facts;
  const plan = await hub.trash.plan(worktree, {
    deletes_branch: mayDeleteBranch(facts, worktrees, options.keepBranch),
    parents_end: emptyParentsEnd(worktree, hub.repository),
  });
  const intended = { worktreePath: worktree.path, step: 'removing', data: { plan } };
  const outcome = await hub.intents.during(
    'cleanup',
    intended,
    async (intent): Promise<Removed | Failure> => {
      let entry: TrashEntry;
      try {
        const mark = await hub.trash.keep(plan, intent);
        entry = await hub.trash.moveIn(plan, intent, mark);
      } catch (error) {
        if (!isFailure(error) || (await hub.trash.hasBegun(plan))) throw error; // the next command finishes it
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
  return { trash: entry.id, branch_deleted: deleted, warnings };
}
