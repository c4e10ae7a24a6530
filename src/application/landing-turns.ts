import type { Landing } from './landing-aftermath.ts';
import type { Outcome } from './landing-outcome.ts';
import type { Prepared } from './merge-candidates.ts';
import type { Turned } from './ordering.ts';

/**
 * Those that were judged in the order in which that was done, each with why. Of worktrees that were named, one that
 * was not judged keeps its place.
 */
export function inTurn(
  prepared: readonly Prepared[],
  turns: readonly Turned[],
  all: boolean,
): readonly Prepared[] {
  const judged = turns.flatMap(({ candidate, why }): Prepared[] => {
    const found = prepared.find((each) => each.candidate === candidate);
    return found === undefined ? [] : [{ ...found, answer: { ...found.answer, order_reason: why ?? null } }];
  });
  if (all) return [...judged, ...prepared.filter(({ candidate }) => candidate === undefined)];
  const next = judged.values();
  return prepared.map((each) => (each.candidate === undefined ? each : (next.next().value ?? each)));
}

/** Numbers those that had a turn; with `-a` those that were left out come last. */
export function numbered(
  landings: readonly Landing[],
  turns: readonly Turned[],
  all: boolean,
): readonly Landing[] {
  const isOut = ({ answer }: Landing) => answer.status === 'skipped';
  const sorted = all ? [...landings.filter((each) => !isOut(each)), ...landings.filter(isOut)] : landings;
  let order = 0;
  return sorted.map((landing): Landing => {
    const { worktree, answer } = landing;
    const hadTurn = turns.some(({ candidate }) => candidate.worktreePath === worktree.path);
    if (!hadTurn || isOut(landing)) return { ...landing, answer: { ...answer, order_reason: null } };
    order += 1;
    return { ...landing, answer: { ...answer, order } };
  });
}

/** The answer of a worktree, put together from how it was found and what became of it. */
export function answered(
  { worktree, answer, candidate, failure }: Prepared,
  outcomes: ReadonlyMap<string, Outcome>,
  all: boolean,
): Landing {
  const outcome = candidate === undefined ? undefined : outcomes.get(candidate.worktreePath);
  if (outcome === undefined) return { worktree, answer, failure };
  const warnings = [...answer.warnings, ...(outcome.answer.warnings ?? [])];
  const isNothing = all && outcome.answer.status === 'up-to-date';
  const skipped = isNothing
    ? { status: 'skipped' as const, reason: 'nothing_ahead', target_after: null }
    : {};
  return {
    worktree,
    answer: { ...answer, ...outcome.answer, warnings, ...skipped },
    failure: outcome.failure,
  };
}
