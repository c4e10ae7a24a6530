import type { BranchName } from './branch-name.ts';
import type { Conflict } from './conflict.ts';
import { type Failure, failures } from './failure.ts';
import type { MergeProbe } from './merge-probe.ts';
import type { Sha } from './sha.ts';

/** How a branch is to land: `auto` fast-forwards where it can, `ff` does only that, `merge` never does. */
export type LandingStrategy = 'auto' | 'ff' | 'merge';

/** Work that is to land, pinned to the commit that was looked at. */
export type Candidate = {
  /** What a person calls it, for messages. */
  readonly name: string;
  readonly worktreePath: string;
  /** `undefined` where HEAD is detached: its commit lands. */
  readonly branch: BranchName | undefined;
  readonly head: Sha;
  /** Tree of `head`, where it is known. */
  readonly tree: Sha | undefined;
  /** The local branch it lands on. */
  readonly target: string;
  /** The newest run in its worktree. */
  readonly dispatchId?: string | undefined;
};

/** Where a target stands: in the repository, or after the steps of a plan. */
export type Tip = { readonly commit: Sha; readonly tree: Sha | undefined };

/** Commits that the candidate has and the tip lacks, and the other way round. */
export type Ancestry = { readonly ahead: number; readonly behind: number };

/** What landing a candidate on a tip would be. */
export type Verdict =
  | { readonly kind: 'up-to-date' }
  | { readonly kind: 'fast-forward'; readonly tree: Sha }
  | { readonly kind: 'merge'; readonly tree: Sha }
  | { readonly kind: 'conflicts'; readonly conflicts: readonly Conflict[] }
  | { readonly kind: 'refused'; readonly failure: Failure };

/** One judged candidate; `after` is where its target stands once it has landed. */
export type Step = {
  readonly candidate: Candidate;
  readonly verdict: Verdict;
  readonly before: Sha;
  readonly after: Sha;
};

/** The landings to come, in order, each judged against its target as those before it leave it. */
export type MergePlan = { readonly steps: readonly Step[]; readonly tips: ReadonlyMap<string, Tip> };

export const emptyPlan = (tips: ReadonlyMap<string, Tip>): MergePlan => ({ steps: [], tips });

/** The tip that the next candidate for a target is judged against. */
export function tipOf(plan: MergePlan, target: string): Tip {
  const tip = plan.tips.get(target);
  if (tip === undefined) throw new TypeError(`the plan does not know ${target}`);
  return tip;
}

/** The plan with one more step, its target moved on when the step lands something. */
export function extend(plan: MergePlan, candidate: Candidate, verdict: Verdict, after: Sha): MergePlan {
  const before = tipOf(plan, candidate.target).commit;
  const step: Step = { candidate, verdict, before, after };
  const lands = verdict.kind === 'fast-forward' || verdict.kind === 'merge';
  const tips = lands
    ? new Map(plan.tips).set(candidate.target, { commit: after, tree: verdict.tree })
    : plan.tips;
  return { steps: [...plan.steps, step], tips };
}

/**
 * Whether the probe leaves open how the histories relate. A clean merge whose tree is neither side's can be no
 * fast-forward, and something is left to land; so git need not be asked.
 */
export const needsAncestry = (probe: MergeProbe, candidate: Candidate, tip: Tip): boolean =>
  probe.kind === 'clean' &&
  (candidate.tree === undefined ||
    tip.tree === undefined ||
    probe.tree === candidate.tree ||
    probe.tree === tip.tree);

/** What landing would be; `ancestry` is `undefined` when `needsAncestry` says that it does not matter. */
export function judge(
  strategy: LandingStrategy,
  { name, target }: Candidate,
  probe: MergeProbe,
  ancestry: Ancestry | undefined,
): Verdict {
  const refused = (failure: Failure): Verdict => ({ kind: 'refused', failure });
  if (probe.kind === 'unrelated') return refused(failures.unrelatedHistories(name, target));
  if (probe.kind === 'unknown') return refused(failures.probeFailed(name, target, probe.why));
  if (ancestry?.ahead === 0) return { kind: 'up-to-date' };
  if (ancestry?.behind === 0 && strategy !== 'merge' && probe.kind === 'clean')
    return { kind: 'fast-forward', tree: probe.tree };
  if (strategy === 'ff') return refused(failures.notFastForward(name, target));
  return probe.kind === 'clean' ? { kind: 'merge', tree: probe.tree } : probe;
}
