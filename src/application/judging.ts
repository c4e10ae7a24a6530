import type { Conflict } from '../domain/conflict.ts';
import type { ConflictPolicy } from '../domain/conflict-policy.ts';
import { isFailure } from '../domain/failure.ts';
import type { GateSubject } from '../domain/gate.ts';
import { mergeMessage } from '../domain/landing-message.ts';
import {
  type Candidate,
  isLanding,
  type Judgement,
  judge,
  type LandingTree,
  type Manner,
  needsAncestry,
  type Tip,
  type Verdict,
} from '../domain/merge-plan.ts';
import type { Escalation } from '../domain/resolution.ts';
import type { Sha } from '../domain/sha.ts';
import { dispatchTrailer, squashAuthor, squashMessage } from '../domain/squash.ts';
import { withTrailer } from '../domain/trailers.ts';
import { explainConflicts } from './escalation.ts';
import type { GatesRun } from './gates.ts';
import type { Target } from './landing-target.ts';
import { leftOut } from './left-out.ts';
import type { Scratch } from './ports/landing.ts';
import { resolveByPolicy } from './resolution.ts';

export type JudgingOptions = Manner & {
  /** Message of the commits that are made; git's own, or the branch's, when left out. */
  readonly message: string | undefined;
  /** What may be resolved without a person. */
  readonly policy: ConflictPolicy;
  /** Tests what would land; `undefined` where there are no gates. */
  readonly test?: ((subject: GateSubject, objects: readonly string[]) => Promise<GatesRun>) | undefined;
};

type Place = { readonly tip: Tip; readonly checkout: Target['checkout'] };

/** Judges a candidate against a tip, and makes what would land in the scratch. */
export async function judgeCandidate(
  scratch: Scratch,
  candidate: Candidate,
  place: Place,
  options: JudgingOptions,
): Promise<Judgement> {
  const { tip, checkout } = place;
  const stays = (verdict: Verdict): Judgement => ({ verdict, after: tip.commit });
  try {
    const attributes = { commit: tip.commit, checkout };
    const found = await scratch.probe({ ours: tip.commit, theirs: candidate.head }, attributes);
    const { probe, escalations } = await resolveByPolicy(scratch, found, options.policy);
    const ancestry = needsAncestry(probe, candidate, tip)
      ? await scratch.ancestry(tip.commit, candidate.head)
      : undefined;
    const verdict = judge(options, candidate, tip, probe, ancestry);
    if (options.strategy === 'rebase' && (verdict.kind === 'rebase' || verdict.kind === 'conflicts'))
      return await tested(scratch, candidate, tip, await replay(scratch, candidate, place, options), options);
    if (verdict.kind === 'conflicts')
      return {
        ...stays(verdict),
        ...(await explained(scratch, candidate, tip, verdict, options, escalations)),
      };
    if (!isLanding(verdict)) return stays(verdict);
    const after = await commitOf(scratch, candidate, place, verdict, options);
    return await tested(scratch, candidate, tip, { verdict, after }, options);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return stays({ kind: 'refused', failure: error });
  }
}

async function commitOf(
  scratch: Scratch,
  candidate: Candidate,
  { tip, checkout }: Place,
  { kind, tree }: LandingTree,
  { message }: JudgingOptions,
): Promise<Sha> {
  const { head, branch, projectId, dispatchId } = candidate;
  if (kind === 'fast-forward') return head;
  if (kind === 'merge') {
    const plain = message ?? mergeMessage(candidate);
    const text = dispatchId === undefined ? plain : withTrailer(plain, dispatchTrailer, dispatchId);
    return scratch.commit({ tree, parents: [tip.commit, head], message: text, checkout });
  }
  const commits = await scratch.range({ since: tip.commit, tip: head });
  return scratch.commit({
    tree,
    parents: [tip.commit],
    message: squashMessage({ commits, branch, projectId, dispatchId, given: message }),
    author: squashAuthor(commits),
    checkout,
  });
}

/** What replaying the commits one by one gives; the first that conflicts stands for the branch. */
async function replay(
  scratch: Scratch,
  candidate: Candidate,
  { tip, checkout }: Place,
  options: JudgingOptions,
): Promise<Judgement> {
  const stays = (verdict: Verdict): Judgement => ({ verdict, after: tip.commit });
  const replayed = await scratch.replay(candidate.head, tip, { commit: tip.commit, checkout });
  if (replayed.kind === 'stuck') {
    const { at, probe } = replayed;
    const verdict = judge({ strategy: 'rebase' }, candidate, tip, probe, undefined);
    if (verdict.kind !== 'conflicts') return stays(verdict);
    const escalated = await explained(scratch, candidate, tip, verdict, options);
    return { ...stays({ ...verdict, at }), ...escalated };
  }
  const { commit, tree } = replayed.tip;
  if (commit === tip.commit) return stays({ kind: 'up-to-date', addsNothing: true });
  const { name, head } = candidate;
  const warnings = await leftOut(scratch, { name, head, onto: tip, checkout, tree });
  return { verdict: { kind: 'rebase', tree }, after: commit, warnings };
}

/** The conflicts with the commits of both sides that made them. */
async function explained(
  scratch: Scratch,
  { head }: Candidate,
  { commit }: Tip,
  { conflicts }: { readonly conflicts: readonly Conflict[] },
  { policy }: JudgingOptions,
  escalations: readonly Escalation[] = [],
): Promise<Pick<Judgement, 'escalations'>> {
  return {
    escalations: await explainConflicts(scratch, { targetTip: commit, head, conflicts, policy, escalations }),
  };
}

/** The judgement after the gates have run on what would land. */
async function tested(
  scratch: Scratch,
  candidate: Candidate,
  tip: Tip,
  judgement: Judgement,
  { test }: JudgingOptions,
): Promise<Judgement> {
  const { verdict, after, warnings: known = [] } = judgement;
  if (test === undefined || !isLanding(verdict)) return judgement;
  const { target } = candidate;
  const subject = {
    tree: verdict.tree,
    commit: after,
    candidate: { ...candidate, projectId: candidate.projectId },
    target,
    before: tip.commit,
  };
  const { gates, failure, tail, warnings: further } = await test(subject, scratch.objects());
  const warnings = [...known, ...further];
  if (failure === undefined) return { ...judgement, gates, warnings };
  if (failure.code !== 'gate_failed') throw failure;
  return {
    verdict: { kind: 'gate-failed', judged: verdict, failure },
    after: tip.commit,
    gates,
    tail,
    warnings,
  };
}
