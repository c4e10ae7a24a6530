import type { Integrated } from './answers/status.ts';
import { type Changes, isDirty } from './changes.ts';
import { type Failure, failures } from './failure.ts';
import { type Worktree, worktreeName } from './worktree.ts';

/** Whether a worktree's work is in its base; a question that could not be answered is never a yes. */
export type Integration =
  | { readonly kind: 'yes'; readonly why: Integrated }
  | { readonly kind: 'no' }
  | { readonly kind: 'unknown'; readonly why: string };

/** What was found out about a worktree before it may be removed. */
export type RemovalFacts = {
  readonly worktree: Worktree;
  /** Why what sits at the path is not this worktree; `undefined` when it is, or nothing is there. */
  readonly impostor: string | undefined;
  /** The current directory is inside, and nobody can take the user out. */
  readonly occupiedByUs: boolean;
  /** The id of a dispatch that runs there, or of which it cannot be told. */
  readonly runningDispatch: string | undefined;
  /** `undefined` when the folder is gone. */
  readonly changes: Changes | undefined;
  readonly base: string | undefined;
  readonly ahead: number | undefined;
  readonly integration: Integration;
};

const isOurLock = (reason: string) => reason.startsWith('wt dispatch ') || reason.startsWith('wt cleanup ');

/**
 * Why a worktree may not be removed, in the order in which a person should hear it; the codes of the rest are in
 * `details.also`. `force` overrides uncommitted changes and commits that are not in the base.
 */
export function refusal(facts: RemovalFacts, options: { readonly force: boolean }): Failure | undefined {
  const { worktree, changes, integration } = facts;
  const name = worktreeName(worktree);
  const path = worktree.path;
  const found: (also: readonly string[]) => Failure[] = (also) => {
    const all: Failure[] = [];
    if (worktree.isMain) all.push(failures.mainWorktree(path));
    if (facts.impostor !== undefined) all.push(failures.notThisWorktree(path, facts.impostor));
    if (facts.occupiedByUs) all.push(failures.currentWorktree(path, also));
    if (facts.runningDispatch !== undefined)
      all.push(failures.dispatchRunning(name, facts.runningDispatch, also));
    if (worktree.locked !== undefined && !isOurLock(worktree.locked)) {
      all.push(failures.worktreeLocked(path, worktree.locked, also));
    }
    if (!options.force && changes !== undefined && isDirty(changes)) {
      const hint = `commit them, or wt cleanup ${name} --force; wt undo brings them back`;
      all.push(failures.dirtyWorktree(name, changes.paths, hint, also));
    }
    if (!options.force && integration.kind !== 'yes') {
      const ahead = integration.kind === 'no' ? (facts.ahead ?? null) : null;
      all.push(
        failures.unmergedCommits(name, worktree.branch ?? 'HEAD', facts.base ?? 'its base', ahead, also),
      );
    }
    return all;
  };
  const codes = found([]).map(({ code }) => code);
  return found(codes.slice(1))[0];
}

/** Whether the branch goes with the worktree: only one that wt made, whose work is in the base. */
export const mayDeleteBranch = (
  facts: Pick<RemovalFacts, 'worktree' | 'integration'>,
  others: readonly Worktree[],
  keep: boolean,
): boolean => {
  const { worktree, integration } = facts;
  return (
    !keep &&
    worktree.branch !== undefined &&
    worktree.facts?.branch_created === true &&
    worktree.facts.branch === worktree.branch &&
    integration.kind === 'yes' &&
    !others.some(({ path, branch }) => path !== worktree.path && branch === worktree.branch)
  );
};
