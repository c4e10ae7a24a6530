import type { BranchName } from './branch-name.ts';
import type { Conflict } from './conflict.ts';
import type { EscalatedConflict } from './escalation.ts';
import { type Failure, failures } from './failure.ts';
import type { GateAnswer } from './gate.ts';
import type { MergeProbe } from './merge-probe.ts';
import type { Binding } from './orchestration/binding.ts';
import type { RangeCommit } from './range-commit.ts';
import type { Sha } from './sha.ts';
import type { Warning } from './warning.ts';

/**
 * How a branch is to land: `auto` fast-forwards where it can, `ff` does only that, `merge` never does; `squash` makes
 * one commit of it, `rebase` replays its commits where it cannot be fast-forwarded.
 */
export const landingStrategies = ['auto', 'ff', 'merge', 'squash', 'rebase'] as const;
export type LandingStrategy = (typeof landingStrategies)[number];

/** Work that is to land, pinned to the commit that was looked at. */
export type Candidate = {
  /** `sync` where it is a base that comes into a branch; a landing when left out. */
  readonly operation?: 'merge' | 'sync';
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
  /** What the commits that land it name: the run that made the work, the project it is for. */
  readonly dispatchId?: string | undefined;
  readonly projectId?: string | undefined;
  /** The agent of an orchestration whose work it is. */
  readonly binding?: Binding | undefined;
};

/** Where a target stands: in the repository, or after the steps of a plan. */
export type Tip = { readonly commit: Sha; readonly tree: Sha | undefined };

/** Commits that the candidate has and the tip lacks, and the other way round. */
export type Ancestry = { readonly ahead: number; readonly behind: number };

/** What would land: the tree of the target afterwards, and what was resolved on the way to it. */
export type LandingTree = {
  readonly kind: 'fast-forward' | 'merge' | 'squash' | 'rebase';
  readonly tree: Sha;
  readonly resolved?: readonly Conflict[];
};

/** What landing a candidate on a tip would be. */
export type Verdict =
  | LandingTree
  /** `addsNothing`: it has commits that the target lacks, and the target has all their changes. */
  | { readonly kind: 'up-to-date'; readonly addsNothing: boolean }
  /** `at`: the commit that could not be replayed. */
  | {
      readonly kind: 'conflicts';
      readonly conflicts: readonly Conflict[];
      readonly at?: RangeCommit | undefined;
    }
  /** It would land, and did not pass one of its gates. */
  | { readonly kind: 'gate-failed'; readonly judged: LandingTree; readonly failure: Failure }
  | { readonly kind: 'refused'; readonly failure: Failure };

/** What was found out about a candidate: where its target stands once it has landed, and what is to be told. */
export type Judgement = {
  readonly verdict: Verdict;
  readonly after: Sha;
  /** The conflicts with what their owner needs to resolve them. */
  readonly escalations?: readonly EscalatedConflict[];
  readonly gates?: readonly GateAnswer[];
  /** The end of the output of the gate that failed. */
  readonly tail?: string;
  readonly warnings?: readonly Warning[];
};

/** One judged candidate. */
export type Step = Judgement & { readonly candidate: Candidate; readonly before: Sha };

export const isLanding = (verdict: Verdict): verdict is LandingTree => 'tree' in verdict;

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
export function extend(plan: MergePlan, candidate: Candidate, judgement: Judgement): MergePlan {
  const { verdict, after } = judgement;
  const before = tipOf(plan, candidate.target).commit;
  const step: Step = { ...judgement, candidate, before };
  const tips = isLanding(verdict)
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

export type Manner = {
  readonly strategy: LandingStrategy;
  /** A merge that would change nothing is left out too, though it would join the histories. */
  readonly onlyChanges?: boolean;
};

/** What landing would be; `ancestry` is `undefined` when `needsAncestry` says that it does not matter. */
export function judge(
  { strategy, onlyChanges = false }: Manner,
  { name, target }: Pick<Candidate, 'name' | 'target'>,
  tip: Tip,
  probe: MergeProbe,
  ancestry: Ancestry | undefined,
): Verdict {
  const refused = (failure: Failure): Verdict => ({ kind: 'refused', failure });
  if (probe.kind === 'unrelated') return refused(failures.unrelatedHistories(name, target));
  if (probe.kind === 'unknown') return refused(failures.probeFailed(name, target, probe.why));
  if (ancestry?.ahead === 0) return { kind: 'up-to-date', addsNothing: false };
  const addsNothing = probe.kind === 'clean' && probe.tree === tip.tree;
  const joins = (strategy === 'auto' && !onlyChanges) || strategy === 'merge';
  if (addsNothing && strategy === 'squash') return { kind: 'up-to-date', addsNothing };
  if (ancestry?.behind === 0 && probe.kind === 'clean' && strategy !== 'merge' && strategy !== 'squash')
    return { kind: 'fast-forward', tree: probe.tree };
  if (strategy === 'ff') return refused(failures.notFastForward(name, target));
  if (addsNothing && !joins) return { kind: 'up-to-date', addsNothing };
  if (probe.kind !== 'clean') return probe;
  return { kind: strategy === 'auto' ? 'merge' : strategy, tree: probe.tree, resolved: probe.resolved ?? [] };
}
