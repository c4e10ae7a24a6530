import type { DispatchAnswer } from './answers/dispatch.ts';
import { withAttemptEnded } from './attempts.ts';
import { type DispatchRecord, isStructured } from './dispatch.ts';
import type { DispatchProgress } from './dispatch-progress.ts';
import {
  type ClaudeEvidence,
  type DispatchVerdict,
  type Exit,
  failureOfClaude,
  isPassed,
  judge,
} from './dispatch-verdict.ts';
import { errorBody } from './error-body.ts';
import { type Failure, failures } from './failure.ts';
import { denialWarning, longResult, passedAtLimit } from './outcome-warnings.ts';
import { limitBehind } from './rate-limit.ts';
import { longestResult, shortened } from './record-bounds.ts';
import { quote } from './shell.ts';
import type { Warning } from './warning.ts';

/** What a worktree shows after a run; `undefined` is unknown, and a warning says why. */
export type WorkDone = {
  readonly head: string | undefined;
  readonly commits: number | undefined;
  readonly uncommitted: boolean | undefined;
  readonly changed: boolean | undefined;
  readonly leaks: DispatchAnswer['leaks'];
  readonly warnings: readonly Warning[];
};

/** Everything that is known of a run that is over; `progress` is of its last attempt. */
export type RunOutcome = {
  readonly progress: DispatchProgress;
  readonly started: boolean;
  readonly fault?: string | undefined;
  readonly complaint: string | undefined;
  readonly exit: Exit | undefined;
  readonly work: WorkDone;
  readonly warnings: readonly Warning[];
  readonly finishedAt: Date;
};

/** The final record of a run. */
export function concluded(record: DispatchRecord, outcome: RunOutcome): DispatchRecord {
  const { progress, work, exit } = outcome;
  const { result } = progress;
  const claude: ClaudeEvidence = {
    started: outcome.started,
    fault: outcome.fault,
    complaint: outcome.complaint,
    stopped: record.stopping ?? undefined,
    exit,
    result,
    limit: progress.limit,
    isStructured: isStructured(record.request),
  };
  const startedAt = Date.parse(record.dispatch.started_at ?? '');
  const finishedAt = new Date(Math.max(outcome.finishedAt.getTime(), startedAt || 0));
  const reason = failureOfClaude(claude)?.reason ?? null;
  const dispatch = withAttemptEnded(record.dispatch, { progress, exit, reason, finishedAt });
  const { attempts, permission_denials: denials } = dispatch;
  const verdict = judge({
    ...claude,
    ...work,
    check: record.request.until === null ? 'none' : (attempts.at(-1)?.check ?? 'unknown'),
    attempts: attempts.length,
  });
  const session_started = record.session_started || progress.sessionId !== undefined;
  const failure = failureOf({ ...record, session_started }, verdict);
  const resetsAt = result === undefined ? undefined : limitBehind(result, progress.limit)?.resetsAt;
  const isDone = verdict.status === 'complete';
  return {
    ...record,
    phase: 'ended',
    session_started,
    dispatch: {
      ...dispatch,
      pid: dispatch.pid ?? attempts.at(-1)?.pid ?? null,
      status: verdict.status,
      reason: verdict.reason,
      ...saidBy(result),
      duration_ms: Math.max(0, finishedAt.getTime() - (startedAt || 0)),
      exit_code: exit?.code ?? null,
      signal: exit?.signal ?? null,
      head_sha: work.head ?? null,
      commits: work.commits ?? null,
      uncommitted_changes: work.uncommitted ?? null,
      leaks: work.leaks,
      finished_at: finishedAt.toISOString(),
      resets_at:
        verdict.reason === 'rate_limited' && resetsAt !== undefined ? new Date(resetsAt).toISOString() : null,
      warnings: [
        ...dispatch.warnings,
        ...(isDone && verdict.reason !== 'denied' ? denialWarning(denials) : []),
        ...(isDone && reason === 'max_turns' ? [passedAtLimit] : []),
        ...longResult(result?.result),
        ...work.warnings,
        ...outcome.warnings,
      ],
      error: failure === undefined ? null : errorBody(failure),
    },
  };
}

/** What claude's result says, as far as a record holds it. */
function saidBy(result: DispatchProgress['result']): Pick<DispatchAnswer, 'result' | 'structured_output'> {
  const said = result?.result ?? '';
  return {
    result: said === '' ? null : shortened(said, longestResult),
    structured_output: result?.structured_output ?? null,
  };
}

function failureOf(record: DispatchRecord, verdict: DispatchVerdict): Failure | undefined {
  if (verdict.status === 'complete') return undefined;
  const { dispatch_id: id, branch, worktree_path } = record.dispatch;
  const { reason, message, check } = verdict;
  if (reason === 'timeout') return failures.timeout(`${id}`, record.request.timeout_ms / 1000);
  const resume = `wt dispatch ${quote(branch ?? worktree_path ?? '@')} --resume -p 'go on'`;
  if (check !== undefined && !isPassed(check)) {
    const { exit_code, signal, output } = check;
    const details = { dispatch_id: id, command: check.command, exit_code, signal, output };
    return failures.commandFailed(`${id} failed`, message, details, resume);
  }
  const whenStarted = record.session_started ? resume : undefined;
  const hints: Partial<Record<typeof reason, string | undefined>> = {
    max_turns: `${resume} --max-turns <more>`,
    budget: `${resume} --max-budget-usd <more>`,
    cancelled: whenStarted,
    lost: whenStarted,
    stalled: whenStarted,
    rate_limited: whenStarted,
    not_started: undefined,
  };
  const hint = reason in hints ? hints[reason] : `wt logs ${id}`;
  return failures.claudeFailed(reason, `${id} failed (${reason}): ${message}`, { dispatch_id: id }, hint);
}
