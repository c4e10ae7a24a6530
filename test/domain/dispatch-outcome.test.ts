import { describe, expect, it } from 'vitest';
import type { CheckAnswer } from '../../src/domain/answers/dispatch.ts';
import { withAttempt, withLastAttempt } from '../../src/domain/attempts.ts';
import { blankDispatch, DispatchRecord, DispatchRequest } from '../../src/domain/dispatch.ts';
import { concluded, type RunOutcome } from '../../src/domain/dispatch-outcome.ts';
import { noProgress } from '../../src/domain/dispatch-progress.ts';
import { ResultEvent } from '../../src/domain/stream-event.ts';

const at = (second: number) => new Date(Date.UTC(2026, 1, 20, 12, 0, second));
const self = { pid: 7, start_time: '1', boot_id: null, hostname: 'h', pid_namespace: null };

function record(
  request: Partial<DispatchRequest> = {},
  change: Partial<DispatchRecord> & { readonly check?: CheckAnswer } = {},
): DispatchRecord {
  const asked = DispatchRequest.parse({
    ...{ tools: [], timeout_ms: 1000, grace_ms: 0, linger_ms: 1, resume: false, allow_empty: false },
    ...{ allow_push: false, commit: false, command: 'claude', args: [], env: {}, unset: [], ...request },
  });
  const blank = { ...blankDispatch, dispatch_id: 'dispatch-20260220-001', branch: 'feat/a' };
  const begun = withAttempt(
    { ...blank, started_at: at(10).toISOString() },
    { cause: 'dispatch', model: null, session_id: 's' },
    at(10),
  );
  const { check, ...more } = change;
  return DispatchRecord.parse({
    ...{ version: 1, phase: 'ending', request: asked, git_dir: null, watched: [], launcher: self },
    ...{ supervisor: self, claude: null, marker: { name: 'M', value: 'v' }, stopping: null },
    ...{
      session_started: false,
      dispatch: withLastAttempt(begun, { pid: 9, check: check ?? null }),
      ...more,
    },
  });
}

const outcome = (result: object | undefined, more: Partial<RunOutcome> = {}): RunOutcome => ({
  progress: {
    ...noProgress,
    sessionId: 's',
    result:
      result === undefined
        ? undefined
        : ResultEvent.parse({ subtype: 'success', is_error: false, ...result }),
  },
  started: true,
  complaint: undefined,
  exit: { code: 0, signal: null },
  work: { head: 'a'.repeat(40), commits: 1, uncommitted: false, changed: true, leaks: [], warnings: [] },
  warnings: [],
  finishedAt: at(20),
  ...more,
});

const failing: CheckAnswer = {
  ...{ command: 'npm test', exit_code: 1, signal: null, duration_ms: 1, output: 'one failed' },
};

describe('the final record of a run', () => {
  it('ends the attempt that was under way, and tells of claude by that', () => {
    const { phase, dispatch } = concluded(record(), outcome({ num_turns: 3, result: 'done' }));
    expect(phase).toBe('ended');
    expect(dispatch).toMatchObject({
      ...{ pid: 9, status: 'complete', num_turns: 3, result: 'done', duration_ms: 10_000, error: null },
      attempts: [{ reason: null, num_turns: 3, result: 'done', finished_at: at(20).toISOString() }],
    });
  });

  it('has no time that runs backwards', () => {
    const { dispatch } = concluded(record(), outcome({}, { finishedAt: at(0) }));
    expect(dispatch).toMatchObject({ duration_ms: 0, finished_at: at(10).toISOString() });
  });

  it('says when a limit is over, how to go on, and nothing of a limit that passed', () => {
    const limited = outcome({ is_error: true, api_error_status: 429 });
    const told = { ...limited, progress: { ...limited.progress, limit: { resetsAt: at(30).getTime() } } };
    expect(concluded(record(), told).dispatch).toMatchObject({
      ...{ reason: 'rate_limited', resets_at: at(30).toISOString() },
      error: { hint: "wt dispatch feat/a --resume -p 'go on'" },
    });
    expect(concluded(record(), limited).dispatch.resets_at).toBeNull();
    const parked = record({}, { stopping: 'cancelled' });
    expect(concluded(parked, told).dispatch).toMatchObject({ reason: 'cancelled', resets_at: null });
  });

  it('holds the beginning of a very long result', () => {
    const { dispatch } = concluded(record(), outcome({ result: 'x'.repeat(50_000_000) }));
    expect(dispatch.result?.length).toBe(1024 * 1024);
    expect(dispatch.warnings).toMatchObject([{ code: 'result_shortened' }]);
    expect(JSON.stringify(dispatch).length).toBeLessThan(1_200_000);
  });

  it('names the command that still fails, with its output', () => {
    const until = { command: 'npm test', attempts: 3 };
    const { dispatch } = concluded(record({ until }, { check: failing }), outcome({}));
    expect(dispatch).toMatchObject({
      ...{ status: 'failed', reason: 'error' },
      error: { code: 'command_failed', details: { command: 'npm test', exit_code: 1, output: 'one failed' } },
    });
    const unseen = concluded(record({ until }), outcome({})).dispatch;
    expect(unseen).toMatchObject({ status: 'failed', reason: 'lost' });
    const passed = record({ until }, { check: { ...failing, exit_code: 0 } });
    const limited = concluded(passed, outcome({ subtype: 'error_max_turns', is_error: true })).dispatch;
    expect(limited).toMatchObject({ status: 'complete', reason: null, warnings: [{ code: 'max_turns' }] });
  });

  it('is made also from a record of a wt that knew no attempts', () => {
    const old = record();
    const bare = { ...old, dispatch: { ...old.dispatch, pid: 9, attempts: [] } };
    const denied = [{ tool_name: 'Bash', tool_input: { command: 'true' } }];
    const { dispatch } = concluded(bare, outcome({ num_turns: 3, permission_denials: denied }));
    expect(dispatch).toMatchObject({
      ...{ pid: 9, num_turns: 3, permission_denials: denied, attempts: [] },
      warnings: [{ code: 'permission_denied', message: 'the agent was denied Bash(true)' }],
    });
  });
});
