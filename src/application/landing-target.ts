import { baseOf, branchTip } from '../domain/base.ts';
import { failures, isFailure } from '../domain/failure.ts';
import type { Tip } from '../domain/merge-plan.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import type { Hub } from './ports.ts';

/** A branch that work lands on, as it stands now. */
export type Target = {
  readonly branch: string;
  readonly tip: Tip;
  /** The worktree in which it is checked out, where index and files have to follow. */
  readonly checkout: (Worktree & { readonly gitDir: string }) | undefined;
};

/** Looks a target up; throws `base_not_found`, and `branch_checked_out` where two worktrees have it. */
export function findTarget(
  branch: string,
  worktrees: readonly Worktree[],
  refs: readonly RefFacts[],
): Target {
  const commit = branchTip(refs, branch);
  if (commit === undefined)
    throw failures.withHint(
      failures.baseNotFound(branch, 'it is no local branch'),
      'git branch shows those that there are',
    );
  const tree = refs.find(({ sha }) => sha === commit)?.tree;
  const [checkout, another] = worktrees.filter(
    (worktree) => worktree.branch === branch && worktree.prunable === undefined,
  );
  // One of them would be left with an index that takes the landing back.
  if (another !== undefined) throw failures.branchCheckedOutTwice(branch, checkout?.path ?? '', another.path);
  if (checkout === undefined) return { branch, tip: { commit, tree }, checkout };
  const { gitDir } = checkout;
  if (gitDir === undefined) throw failures.notThisWorktree(checkout.path, 'its git directory is not there');
  return { branch, tip: { commit, tree }, checkout: { ...checkout, gitDir } };
}

/** The name of the branch that a worktree's work lands on; throws `main_worktree`, `no_target`, `base_not_found`. */
export function targetName(worktree: Worktree, refs: readonly RefFacts[], into: string | undefined): string {
  const name = worktreeName(worktree);
  if (worktree.isMain) throw failures.mainWorktree(worktree.path, 'only linked worktrees land');
  const target = into ?? baseOf(worktree, refs)?.branch;
  if (target === undefined) {
    const recorded = worktree.facts?.base ?? undefined;
    throw recorded === undefined ? failures.noTarget(name) : failures.baseGone(recorded, name);
  }
  if (target === worktree.branch)
    throw failures.usage(`${name} cannot land on itself`, `wt merge ${name} --into <branch>`);
  return target;
}

/** What forbids landing on a target at all; a dry run is told of it. */
export async function checkTarget(
  hub: Hub,
  { branch, checkout }: Target,
  worktrees: readonly Worktree[],
  options: { readonly dryRun: boolean; readonly needsUpstream: boolean },
): Promise<Warning[]> {
  try {
    if (checkout !== undefined && (await hub.folders.kind(checkout.path)) === 'absent')
      throw failures.notThisWorktree(checkout.path, 'its folder is not there');
    await hub.landings.assertIdle(branch, worktrees);
    if (options.needsUpstream && (await hub.landings.upstream(branch)) === undefined)
      throw failures.noUpstream(branch);
    return [];
  } catch (error) {
    if (!isFailure(error) || !options.dryRun || error.kind === 'interrupted') throw error;
    return [{ code: error.code, message: error.message }];
  }
}
