import { isFailure } from '../domain/failure.ts';
import { mergeMessage } from '../domain/landing-message.ts';
import {
  type Candidate,
  isLanding,
  judge,
  type LandingTree,
  type Manner,
  needsAncestry,
  type Tip,
  type Verdict,
} from '../domain/merge-plan.ts';
import type { Sha } from '../domain/sha.ts';
import { dispatchTrailer, squashAuthor, squashMessage } from '../domain/squash.ts';
import { withTrailer } from '../domain/trailers.ts';
import type { Target } from './landing-target.ts';
import type { Scratch } from './ports/landing.ts';

export type JudgingOptions = Manner & {
  /** Message of the commits that are made; git's own, or the branch's, when left out. */
  readonly message: string | undefined;
};

/** What landing a candidate would be, and where its target stands then. */
export type JudgedCandidate = { readonly verdict: Verdict; readonly after: Sha };

type Place = { readonly tip: Tip; readonly checkout: Target['checkout'] };

/** Judges a candidate against a tip, and makes what would land in the scratch. */
export async function judgeCandidate(
  scratch: Scratch,
  candidate: Candidate,
  place: Place,
  options: JudgingOptions,
): Promise<JudgedCandidate> {
  const { tip, checkout } = place;
  const stays = (verdict: Verdict): JudgedCandidate => ({ verdict, after: tip.commit });
  try {
    const attributes = { commit: tip.commit, checkout };
    const probe = await scratch.probe({ ours: tip.commit, theirs: candidate.head }, attributes);
    const ancestry = needsAncestry(probe, candidate, tip)
      ? await scratch.ancestry(tip.commit, candidate.head)
      : undefined;
    const verdict = judge(options, candidate, tip, probe, ancestry);
    if (options.strategy === 'rebase' && (verdict.kind === 'rebase' || verdict.kind === 'conflicts'))
      return await replay(scratch, candidate, place);
    if (!isLanding(verdict)) return stays(verdict);
    return { verdict, after: await commitOf(scratch, candidate, place, verdict, options) };
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
): Promise<JudgedCandidate> {
  const stays = (verdict: Verdict): JudgedCandidate => ({ verdict, after: tip.commit });
  const replayed = await scratch.replay(candidate.head, tip, { commit: tip.commit, checkout });
  if (replayed.kind === 'stuck') {
    const { at, probe } = replayed;
    const verdict = judge({ strategy: 'rebase' }, candidate, tip, probe, undefined);
    return stays(verdict.kind === 'conflicts' ? { ...verdict, at } : verdict);
  }
  const { commit, tree } = replayed.tip;
  if (commit === tip.commit) return stays({ kind: 'up-to-date', addsNothing: true });
  return { verdict: { kind: 'rebase', tree }, after: commit };
}
