import type { DispatchAnswer } from './answers/dispatch.ts';
import { type Changes, isDirty } from './changes.ts';
import { isCreationLock } from './creation-record.ts';
import { type Failure, failures, type Obstacle } from './failure.ts';
import type { Integration } from './integration.ts';
import { refusalByRun } from './run-evidence.ts';
import { isRunLock } from './run-lock.ts';
import { quote } from './shell.ts';
import { type Worktree, worktreeName } from './worktree.ts';

/** What was found out about a worktree before it may be removed. */
export type RemovalFacts = {
  readonly worktree: Worktree;
  /** Why what sits at the path is not this worktree; `undefined` when it is, or when nothing is there. */
  readonly impostor: string | undefined;
  /** wt, or a shell that started it, stands inside, and nobody takes it out. */
  readonly isCurrent: boolean;
  /** The dispatch that runs there, or of which that cannot be told. */
  readonly runningDispatch: DispatchAnswer | undefined;
  /** What another wt is doing there right now. */
  readonly occupation: string | undefined;
  /** `undefined` when the folder is gone, or where it does not matter. */
  readonly changes: Changes | undefined;
  /** What git is in the middle of there: `rebase`, `merge`. */
  readonly operation: string | undefined;
  readonly base: string | undefined;
  readonly ahead: number | undefined;
  readonly integration: Integration;
  /** What keeps it from being moved to the trash whole. */
  readonly obstacle: Obstacle | undefined;
};

/** The lock that a removal holds while it moves things, so that git does not forget the registration meanwhile. */
export const removalLock = (trashId: string): string => `wt cleanup ${trashId}`;

// A dispatch that runs is refused as such, and the lock that it may have left means nothing.
const isOurLock = (reason: string) => isRunLock(reason) || reason.startsWith(removalLock(''));

type Also = readonly string[];

/**
 * Why a worktree may not be removed, the first reason that a person should hear; the codes of the others are in its
 * `details.also`. `force` overrides uncommitted changes and commits that are not in the base.
 */
export function refusal(facts: RemovalFacts, options: { readonly force: boolean }): Failure | undefined {
  const all = refusals(facts, options);
  const also = all.slice(1).map((make) => make([]).code);
  return all[0]?.([...new Set(also)]);
}

function refusals(facts: RemovalFacts, { force }: { readonly force: boolean }): ((also: Also) => Failure)[] {
  const { worktree, changes, integration, operation } = facts;
  const { path, locked } = worktree;
  const name = worktreeName(worktree);
  if (worktree.isMain) return [(also) => failures.mainWorktree(path, undefined, also)];
  const found: ((also: Also) => Failure)[] = [];
  const { impostor, runningDispatch, occupation, obstacle } = facts;
  if (impostor !== undefined) found.push((also) => failures.notThisWorktree(path, impostor, also));
  if (facts.isCurrent) found.push((also) => failures.currentWorktree(path, also));
  const running = refusalByRun('cleanup', name, runningDispatch);
  if (running !== undefined) found.push(running);
  if (occupation !== undefined) found.push((also) => failures.worktreeOccupied(path, occupation, also));
  else if (locked !== undefined && isCreationLock(locked))
    found.push((also) => failures.worktreeOccupied(path, locked, also));
  else if (locked !== undefined && !isOurLock(locked))
    found.push((also) => failures.worktreeLocked(path, locked, also));
  if (!force && changes !== undefined && isDirty(changes)) {
    const hint = `commit them, or wt cleanup ${quote(name)} --force; wt undo brings them back`;
    found.push((also) => failures.dirtyWorktree(name, changes.paths.slice(0, 200), hint, also));
  } else if (!force && operation !== undefined) {
    found.push((also) => failures.unfinishedOperation(name, path, operation, also));
  }
  if (!force && integration.kind !== 'yes') {
    const ahead = integration.kind === 'no' ? (facts.ahead ?? null) : null;
    const tip = worktree.branch ?? 'its HEAD';
    const base = facts.base ?? 'its base';
    if (integration.kind === 'ask') {
      const { revertedBy } = integration;
      // One in which nothing was done stands on a commit of the base: that was not its work.
      if (worktree.facts?.base_sha !== worktree.head)
        found.push((also) => failures.revertedWork(name, tip, base, revertedBy, also));
    } else found.push((also) => failures.unmergedCommits(name, tip, base, ahead, also));
  }
  if (obstacle !== undefined) found.push((also) => failures.cannotSave(path, obstacle, also));
  return found;
}

/** Whether the branch goes with the worktree: only one that wt made, whose work is in the base. */
export const mayDeleteBranch = (
  { worktree, integration }: Pick<RemovalFacts, 'worktree' | 'integration'>,
  others: readonly Worktree[],
  keep: boolean,
): boolean =>
  !keep &&
  worktree.branch !== undefined &&
  worktree.head !== undefined &&
  worktree.facts?.branch_created === true &&
  worktree.facts.branch === worktree.branch &&
  integration.kind === 'yes' &&
  !others.some(({ path, branch }) => path !== worktree.path && branch === worktree.branch);

/**
 * The folder up to which the empty parents of a removed worktree go with it: those that its branch's name made, and
 * the default place of worktrees.
 */
export function emptyParentsEnd(
  { path, branch }: Pick<Worktree, 'path' | 'branch'>,
  repository: { readonly parent: string; readonly name: string },
): string {
  const parent = repository.parent === '/' ? '' : repository.parent;
  if (path.startsWith(`${parent}/${repository.name}-wt/`)) return repository.parent;
  if (branch !== undefined && path.endsWith(`/${branch}`)) return path.slice(0, -branch.length - 1) || '/';
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
