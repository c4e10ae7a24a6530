import type { DispatchAnswer } from './answers/dispatch.ts';
import type { DispatchRecord } from './dispatch.ts';
import { costOf, type DispatchProgress } from './dispatch-progress.ts';
import { type DispatchVerdict, type Exit, judge } from './dispatch-verdict.ts';
import { type Failure, failures } from './failure.ts';
import { oneLine } from './plain-text.ts';
import { quote } from './shell.ts';
import { errorBody, type Warning } from './warning.ts';

/** What a worktree shows after a run; `undefined` is unknown, and a warning says why. */
export type WorkDone = {
  readonly head: string | undefined;
  readonly commits: number | undefined;
  readonly uncommitted: boolean | undefined;
  readonly changed: boolean | undefined;
  readonly leaks: DispatchAnswer['leaks'];
  readonly warnings: readonly Warning[];
};

/** Everything that is known of a run that is over. */
export type RunOutcome = {
  readonly progress: DispatchProgress;
  readonly started: boolean;
  readonly complaint: string | undefined;
  readonly exit: Exit | undefined;
  readonly work: WorkDone;
  readonly warnings: readonly Warning[];
  readonly finishedAt: Date;
};

/** The final record of a run. */
export function concluded(record: DispatchRecord, outcome: RunOutcome): DispatchRecord {
  const { dispatch } = record;
  const { progress, work, exit, finishedAt } = outcome;
  const { result } = progress;
  const denials = result?.permission_denials ?? [];
  const verdict = judge({
    started: outcome.started,
    complaint: outcome.complaint,
    stopped: record.stopping ?? undefined,
    exit,
    result,
    commits: work.commits,
    changed: work.changed,
  });
  const failure = failureOf(record, verdict);
  const said = result?.result === undefined || result.result === '' ? null : result.result;
  return {
    ...record,
    phase: 'ended',
    session_started: record.session_started || progress.sessionId !== undefined,
    dispatch: {
      ...dispatch,
      status: verdict.status,
      reason: verdict.reason,
      session_id: progress.sessionId ?? dispatch.session_id,
      result: said,
      structured_output: result?.structured_output ?? null,
      num_turns: result?.num_turns ?? null,
      total_cost_usd: costOf(result) ?? null,
      duration_ms: Math.max(0, finishedAt.getTime() - Date.parse(dispatch.started_at ?? '')),
      exit_code: exit?.code ?? null,
      signal: exit?.signal ?? null,
      permission_denials: denials,
      head_sha: work.head ?? null,
      commits: work.commits ?? null,
      uncommitted_changes: work.uncommitted ?? null,
      leaks: work.leaks,
      finished_at: finishedAt.toISOString(),
      warnings: [
        ...dispatch.warnings,
        ...(verdict.status === 'complete' && verdict.reason !== 'denied' ? denialWarning(denials) : []),
        ...work.warnings,
        ...outcome.warnings,
      ],
      error: failure === undefined ? null : errorBody(failure),
    },
  };
}

function denialWarning(denials: readonly unknown[]): Warning[] {
  if (denials.length === 0) return [];
  const calls = denials.slice(0, 3).map(describeDenial).join(', ');
  const more = denials.length > 3 ? ` and ${denials.length - 3} more` : '';
  return [{ code: 'permission_denied', message: `the agent was denied ${calls}${more}` }];
}

function describeDenial(denial: unknown): string {
  const { tool_name, tool_input } = (denial ?? {}) as { tool_name?: unknown; tool_input?: unknown };
  const name = typeof tool_name === 'string' ? tool_name : 'a tool';
  const { command, file_path } = (tool_input ?? {}) as { command?: unknown; file_path?: unknown };
  const what = [command, file_path].find((value) => typeof value === 'string');
  return typeof what === 'string' ? `${name}(${oneLine(what, 60)})` : name;
}

function failureOf(record: DispatchRecord, verdict: DispatchVerdict): Failure | undefined {
  if (verdict.status === 'complete') return undefined;
  const { dispatch_id: id, branch, worktree_path } = record.dispatch;
  const { reason, message } = verdict;
  if (reason === 'timeout') return failures.timeout(`${id}`, record.request.timeout_ms / 1000);
  const resume = `wt dispatch ${quote(branch ?? worktree_path ?? '@')} --resume -p 'go on'`;
  const hints: Partial<Record<typeof reason, string | undefined>> = {
    max_turns: `${resume} --max-turns <more>`,
    budget: `${resume} --max-budget-usd <more>`,
    cancelled: record.session_started ? resume : undefined,
    lost: record.session_started ? resume : undefined,
    not_started: undefined,
  };
  const hint = reason in hints ? hints[reason] : `wt logs ${id}`;
  return failures.claudeFailed(reason, `${id} failed (${reason}): ${message}`, { dispatch_id: id }, hint);
}
