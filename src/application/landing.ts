import { branchTip } from '../domain/base.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import type { LandingRecord } from '../domain/landing-record.ts';
import {
  type Candidate,
  emptyPlan,
  extend,
  judge,
  type LandingStrategy,
  type MergePlan,
  needsAncestry,
  type Step,
  type Tip,
  tipOf,
  type Verdict,
} from '../domain/merge-plan.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { Scratch } from './ports/landing.ts';
import type { Hub, Ports } from './ports.ts';

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
  if (commit === undefined) throw failures.baseNotFound(branch, 'it is no local branch');
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

export type PlanOptions = {
  readonly strategy: LandingStrategy;
  /** Message of the merge commits; git's own when left out. */
  readonly message: string | undefined;
};

/** Judges each candidate against its target as the candidates before it leave it; nothing is changed. */
export async function planLandings(
  scratch: Scratch,
  targets: ReadonlyMap<string, Target>,
  candidates: readonly Candidate[],
  options: PlanOptions,
): Promise<MergePlan> {
  let plan = emptyPlan(new Map([...targets].map(([branch, { tip }]) => [branch, tip])));
  for (const candidate of candidates) {
    const tip = tipOf(plan, candidate.target);
    const checkout = targets.get(candidate.target)?.checkout;
    let verdict: Verdict;
    let after = tip.commit;
    try {
      const attributes = { commit: tip.commit, checkout };
      const probe = await scratch.probe({ ours: tip.commit, theirs: candidate.head }, attributes);
      const ancestry = needsAncestry(probe, candidate, tip)
        ? await scratch.ancestry(tip.commit, candidate.head)
        : undefined;
      verdict = judge(options.strategy, candidate, probe, ancestry);
      if (verdict.kind === 'fast-forward') after = candidate.head;
      if (verdict.kind === 'merge') {
        const parents = [tip.commit, candidate.head];
        const message = options.message ?? mergeMessage(candidate);
        after = await scratch.commit({ tree: verdict.tree, parents, message, checkout });
      }
    } catch (error) {
      if (!isFailure(error)) throw error;
      verdict = { kind: 'refused', failure: error };
    }
    plan = extend(plan, candidate, verdict, after);
  }
  return plan;
}

/** The subject that git gives a merge; into the usual branches it does not name them. */
export const mergeMessage = ({ branch, head, target }: Candidate): string =>
  `Merge ${branch === undefined ? `commit '${head}'` : `branch '${branch}'`}${
    target === 'main' || target === 'master' ? '' : ` into ${target}`
  }`;

/** The move of a target that a step of a plan is. */
export const landingOf = (
  { candidate, before, after }: Step,
  { branch, checkout }: Target,
): LandingRecord => ({
  target: branch,
  before,
  after,
  message: `wt merge: ${candidate.branch ?? candidate.head}`,
  checkout: checkout === undefined ? null : { path: checkout.path, git_dir: checkout.gitDir },
});

/** Lands one step of a plan; gives the failure for which nothing was changed. */
export async function land(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  scratch: Scratch,
  step: Step,
  target: Target,
): Promise<Failure | undefined> {
  const data = landingOf(step, target);
  try {
    await scratch.keep(step.after);
    return await hub.locks.hold(
      'repository',
      () =>
        hub.intents.during(
          'merge',
          { worktreePath: step.candidate.worktreePath, step: 'landing', data },
          async (intent) => {
            const landed = await hub.landings.land(data, intent);
            return landed.kind === 'refused' ? landed.failure : undefined;
          },
        ),
      {
        purpose: 'wt merge',
        signal: narrator.signal,
        onWait: (holder) => narrator.note(`waiting for ${holder}`),
      },
    );
  } catch (error) {
    if (!isFailure(error)) throw error;
    return error;
  }
}
