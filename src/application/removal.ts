import type { CleanupAnswer } from '../domain/answers/cleanup.ts';
import { failures, isFailure } from '../domain/failure.ts';
import { mayDeleteBranch, refusal } from '../domain/removal.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { archive, deleteRemote, mendHooks, stashWarnings } from './farewell.ts';
import { type Inspected, inspect, openScene, type RemovalScene, type Verdict } from './inspection.ts';
import { type Occupants, occupantsOf } from './occupants.ts';
import type { Hub, Ports } from './ports.ts';
import { moveToTrash } from './removing.ts';
import { refuseUnfinished, takeTurn } from './turn.ts';

export type RemovalOptions = {
  /** Removes uncommitted changes and commits that are not in the base too: they stay in the trash and on the branch. */
  readonly force: boolean;
  /** Ends the processes whose current directory is inside. */
  readonly kill: boolean;
  readonly keepBranch: boolean;
  /** Copies the records of its runs, and what the configuration names, out of the repository first. */
  readonly archive: boolean;
  /** Deletes the branch of its name on the remote too. */
  readonly remote: boolean;
  /** The caller takes the user out of the worktree afterwards. */
  readonly leaving: boolean;
};

/** A removal in which nothing particular was asked for. */
export const plainRemoval = {
  force: false,
  kill: false,
  keepBranch: false,
  archive: false,
  remote: false,
  leaving: false,
} as const satisfies RemovalOptions;

export const blankCleanup = (worktree: Worktree): CleanupAnswer => ({
  worktree_path: worktree.path,
  branch: worktree.branch ?? null,
  removed: false,
  branch_deleted: false,
  integrated: null,
  trash: null,
  archived: null,
  remote_deleted: false,
  size_bytes: null,
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
  const warnings = [
    ...answer.warnings,
    ...withHelp(occupants, '--kill ends them'),
    ...(await stashWarnings(hub, worktree)),
  ];
  return { ...answer, size_bytes: (await hub.farewell.size(worktree.path)) ?? null, warnings };
}

/**
 * Removes a worktree into the trash: refs first, then folder and registration by rename, then the branch by
 * compare-and-swap. Throws the refusal when nothing was begun. Takes the repository's lock: not to be called by who
 * holds it.
 */
export async function removeWorktree(
  ports: Ports,
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  options: RemovalOptions,
): Promise<CleanupAnswer> {
  const seen = await firstLook(hub, scene, worktree, options);
  const inside = seen === undefined ? [] : await clear(hub, worktree, options);
  const archived = options.archive ? await archive(ports, hub, worktree) : null;
  try {
    const answer = await takeTurn(ports, hub, 'wt cleanup', async () => {
      const { now, all: worktrees } = await lookAgain(hub, worktree, options, seen?.verdict);
      const deletesBranch = mayDeleteBranch(now.facts, worktrees, options.keepBranch);
      const removed = await moveToTrash(hub, now.facts.worktree, { deletesBranch });
      const looked = answerOf(now);
      const warnings = [
        ...looked.warnings,
        ...inside,
        ...removed.warnings,
        ...(await mendHooks(hub, worktree, worktrees)),
      ];
      return { ...looked, ...removed, removed: true, archived, warnings };
    });
    return await sayGoodbye(ports, hub, scene, worktree, options, answer);
  } catch (error) {
    if (archived !== null && !(await isMoving(hub, worktree))) await hub.farewell.withdraw(archived);
    throw error;
  }
}

/** What only touches what others share, once the worktree is in the trash. */
async function sayGoodbye(
  ports: Ports,
  hub: Hub,
  { refs }: RemovalScene,
  worktree: Worktree,
  { remote }: RemovalOptions,
  answer: CleanupAnswer,
): Promise<CleanupAnswer> {
  const stashes = await stashWarnings(hub, worktree);
  const isIntegrated = answer.integrated !== null;
  const gone = remote ? await deleteRemote(ports, hub, worktree, refs, isIntegrated) : undefined;
  return {
    ...answer,
    remote_deleted: gone?.deleted ?? false,
    warnings: [...answer.warnings, ...stashes, ...(gone?.warnings ?? [])],
    error: gone?.error ?? answer.error,
  };
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
  return { now, all: scene.worktrees };
}
