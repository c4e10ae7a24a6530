import type { AttemptAnswer } from './answers/dispatch.ts';
import type { DispatchRequest } from './dispatch.ts';
import { isPassed } from './dispatch-verdict.ts';

/** What is known once a claude of a run has ended by itself. */
export type AttemptsSoFar = {
  readonly request: Pick<
    DispatchRequest,
    'retries' | 'wait_for_limit' | 'until' | 'model' | 'escalate_model' | 'timeout_ms'
  >;
  /** In their order; the last one has ended, and holds its check if there was one. */
  readonly attempts: readonly Pick<AttemptAnswer, 'cause' | 'model' | 'reason' | 'check'>[];
  /** How long claude has run in all of them. */
  readonly ranMs: number;
  /** The HTTP status that the API refused the last one with; `undefined` when it could not be reached. */
  readonly apiStatus: number | undefined;
  /** When the limit that the last one met is over, in epoch milliseconds. */
  readonly resetsAt: number | undefined;
};

/** What happens next in a run. */
export type NextStep =
  | { readonly kind: 'finish' }
  /** The work is not done, and there is no running time left. */
  | { readonly kind: 'out-of-time' }
  | { readonly kind: 'check' }
  | { readonly kind: 'go-on'; readonly escalated: boolean }
  | { readonly kind: 'retry'; readonly escalated: boolean; readonly afterMs: number }
  | { readonly kind: 'park'; readonly escalated: boolean; readonly until: Date };

const second = 1_000;
const minute = 60 * second;
/** The longest of claude's limits is a week. */
const longestPark = 8 * 24 * 60 * minute;

/** What follows an attempt: a check, another attempt at once or later, or the end. `random` is in [0, 1). */
export function nextStep(
  facts: AttemptsSoFar,
  { now, random }: { readonly now: Date; readonly random: number },
): NextStep {
  const { request, attempts, ranMs, resetsAt } = facts;
  const last = attempts.at(-1);
  if (last === undefined) return { kind: 'finish' };
  const { escalate_model: stronger, until } = request;
  const escalated = stronger !== null && stronger !== request.model && last.model === stronger;
  const isOutOfTime = ranMs >= request.timeout_ms;

  switch (last.reason) {
    case null:
    case 'max_turns': {
      if (until === null) return { kind: 'finish' };
      if (last.check === null) return { kind: 'check' };
      const used = attempts.filter(({ cause }) => cause === 'dispatch' || cause === 'check').length;
      if (isPassed(last.check) || used >= until.attempts) return { kind: 'finish' };
      if (isOutOfTime) return { kind: 'out-of-time' };
      return { kind: 'go-on', escalated: stronger !== null && used + 1 === until.attempts };
    }
    case 'api_error': {
      const used = attempts.filter(({ cause }) => cause === 'retry').length;
      if (isOutOfTime || used >= request.retries || !isPassing(facts.apiStatus)) return { kind: 'finish' };
      const most = Math.min(minute, 2 * second * 2 ** used);
      return { kind: 'retry', escalated, afterMs: Math.round(most * (0.5 + random / 2)) };
    }
    case 'rate_limited': {
      if (isOutOfTime || !request.wait_for_limit) return { kind: 'finish' };
      const others = attempts.findLastIndex(({ reason }) => reason !== 'rate_limited');
      const until = parkedUntil(now.getTime(), resetsAt, attempts.length - 1 - others);
      return { kind: 'park', escalated, until: new Date(until) };
    }
    default:
      return { kind: 'finish' };
  }
}

/** Whether an API error may be another answer next time: a connection, an overload, but no refusal of what was asked. */
const isPassing = (status: number | undefined): boolean =>
  status === undefined || status >= 500 || status === 408 || status === 409 || status === 425;

/** A limit is over when that was told, were it already; one that is met again is tried less and less often. */
function parkedUntil(now: number, resetsAt: number | undefined, met: number): number {
  const waits = resetsAt === undefined ? met : met - 1;
  const backoff = waits === 0 ? 0 : Math.min(15 * minute, minute * 2 ** (waits - 1));
  return Math.min(Math.max(now + backoff, resetsAt ?? 0), now + longestPark);
}
