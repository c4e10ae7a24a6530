import type { AttemptAnswer, DispatchAnswer, DispatchReason } from './answers/dispatch.ts';
import { costOf, type DispatchProgress } from './dispatch-progress.ts';
import type { Exit } from './dispatch-verdict.ts';
import { boundedDenials, shortened } from './record-bounds.ts';

/** Why a claude is started, and what with. */
export type AttemptPlan = Pick<AttemptAnswer, 'cause' | 'model' | 'session_id'>;

/** The dispatch with one more attempt, of which nothing is known yet. */
export function withAttempt(dispatch: DispatchAnswer, plan: AttemptPlan, startedAt: Date): DispatchAnswer {
  const attempt: AttemptAnswer = {
    number: dispatch.attempts.length + 1,
    ...plan,
    pid: null,
    reason: null,
    result: null,
    num_turns: null,
    total_cost_usd: null,
    exit_code: null,
    signal: null,
    started_at: startedAt.toISOString(),
    finished_at: null,
    check: null,
  };
  return {
    ...dispatch,
    session_id: plan.session_id,
    pid: null,
    reason: null,
    resets_at: null,
    exit_code: null,
    signal: null,
    attempts: [...dispatch.attempts, attempt],
  };
}

/** The dispatch with something more known of its last attempt. */
export function withLastAttempt(dispatch: DispatchAnswer, change: Partial<AttemptAnswer>): DispatchAnswer {
  const last = dispatch.attempts.at(-1);
  if (last === undefined) return dispatch;
  return { ...dispatch, attempts: [...dispatch.attempts.slice(0, -1), { ...last, ...change }] };
}

/** How a claude ended by itself. */
export type AttemptEnd = {
  readonly progress: DispatchProgress;
  readonly exit: Exit | undefined;
  readonly reason: DispatchReason | null;
  readonly finishedAt: Date;
};

/** The dispatch once its last attempt is over; turns and costs are per process (2.1.197), so those of all add up. */
export function withAttemptEnded(dispatch: DispatchAnswer, end: AttemptEnd): DispatchAnswer {
  const last = dispatch.attempts.at(-1);
  if (last !== undefined && last.finished_at !== null) return dispatch;
  const { progress, exit } = end;
  const { result } = progress;
  const sessionId = progress.sessionId ?? dispatch.session_id;
  const turns = result?.num_turns ?? null;
  const cost = costOf(result) ?? null;
  const ended = withLastAttempt(dispatch, {
    session_id: sessionId,
    reason: end.reason,
    result: result?.result === undefined ? null : shortened(result.result, longestAttemptResult),
    num_turns: turns,
    total_cost_usd: cost,
    exit_code: exit?.code ?? null,
    signal: exit?.signal ?? null,
    finished_at: new Date(
      Math.max(end.finishedAt.getTime(), Date.parse(last?.started_at ?? '') || 0),
    ).toISOString(),
  });
  return {
    ...ended,
    session_id: sessionId,
    num_turns: sum(dispatch.num_turns, turns),
    total_cost_usd: sum(dispatch.total_cost_usd, cost),
    exit_code: exit?.code ?? null,
    signal: exit?.signal ?? null,
    permission_denials: boundedDenials([
      ...dispatch.permission_denials,
      ...(result?.permission_denials ?? []),
    ]),
  };
}

const longestAttemptResult = 16 * 1024;

const sum = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);
