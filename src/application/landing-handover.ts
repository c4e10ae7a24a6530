import type { Worktree } from '../domain/worktree.ts';
import type { Landing } from './landing-aftermath.ts';
import { notMended, type Tries, tryOnce, unresolved, withWarning } from './landing-attempt.ts';
import type { Target } from './landing-target.ts';
import type { Hub, Ports } from './ports.ts';

/** What is done about worktrees that did not land. */
export type Handover = {
  /** Begins a merge with conflicts in its worktree, for a person. */
  readonly resolve?: boolean | undefined;
  /** How often the session of a worktree may try to resolve its conflicts. */
  readonly dispatchResolve?: number | undefined;
  /** How often the session of a worktree may try to mend what failed a gate. */
  readonly dispatchFix?: number | undefined;
};

/** What judging worktrees together came to. */
export type Round = {
  readonly landings: readonly Landing[];
  readonly targets: ReadonlyMap<string, Target>;
  /** Where something was done already: paths of worktrees. */
  readonly begun: ReadonlySet<string>;
  /** The end of the output of the gate that failed, by the path of the worktree. */
  readonly tails: ReadonlyMap<string, string>;
};

/** Judges and lands one worktree again; `undefined` when it is gone. */
type Again = (worktree: Worktree) => Promise<Round | undefined>;

/** Hands each worktree that did not land to who owns it, and lands it again when that helped. */
export async function handOver(
  ports: Ports,
  hub: Hub,
  round: Round,
  handover: Handover,
  again: Again,
): Promise<Round> {
  const landings: Landing[] = [];
  const targets = new Map(round.targets);
  const begun = new Set(round.begun);
  for (const first of round.landings) {
    let tries: Tries = {
      fix: handover.dispatchFix ?? 0,
      resolve: handover.dispatchResolve ?? 0,
      open: handover.resolve === true,
    };
    const given = tries.fix + tries.resolve;
    let now = { landing: first, tail: round.tails.get(first.worktree.path) ?? '' };
    while (!ports.narrator.signal.aborted) {
      const tried = await tryOnce(ports, hub, now, targets, tries);
      if (tried === undefined) break;
      begun.add(first.worktree.path);
      tries = tried.tries;
      if (!tried.judgeAgain) {
        now = { ...now, landing: tried.landing };
        break;
      }
      const next = await again(first.worktree);
      const landing = next?.landings[0];
      if (next === undefined || landing === undefined) break;
      for (const [branch, target] of next.targets) targets.set(branch, target);
      now = { landing: inPlaceOf(first, landing), tail: next.tails.get(first.worktree.path) ?? '' };
    }
    landings.push(withTries(now.landing, given - tries.fix - tries.resolve));
  }
  return { ...round, landings, targets, begun };
}

/** Says that tries were made where the last one changed something, and it was judged again in vain. */
function withTries(landing: Landing, tries: number): Landing {
  const { status, warnings } = landing.answer;
  const outcome = { 'gate-failed': 'it does not pass yet', conflicts: 'it conflicts still' } as const;
  const isTold = warnings.some(({ code }) => code === notMended || code === unresolved);
  if (tries === 0 || isTold || (status !== 'gate-failed' && status !== 'conflicts')) return landing;
  const message = `its session had ${tries} ${tries === 1 ? 'try' : 'tries'}, and ${outcome[status]}`;
  return withWarning(landing, { code: notMended, message }).landing;
}

/** A landing that was tried again keeps its turn. */
const inPlaceOf = ({ answer }: Landing, later: Landing): Landing => ({
  ...later,
  answer: { ...later.answer, order: answer.order, order_reason: answer.order_reason },
});
