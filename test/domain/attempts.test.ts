import { describe, expect, it } from 'vitest';
import { withAttempt, withAttemptEnded, withLastAttempt } from '../../src/domain/attempts.ts';
import { blankDispatch } from '../../src/domain/dispatch.ts';
import { noProgress } from '../../src/domain/dispatch-progress.ts';
import { boundedDenials, shortened } from '../../src/domain/record-bounds.ts';
import { ResultEvent } from '../../src/domain/stream-event.ts';

const time = (second: number) => new Date(Date.UTC(2026, 1, 20, 12, 0, second));
const plan = { cause: 'dispatch', model: null, session_id: 'one' } as const;
const ended = (fields: object, second: number, sessionId?: string) => ({
  progress: { ...noProgress, sessionId, result: ResultEvent.parse({ subtype: 'success', ...fields }) },
  exit: { code: 0, signal: null },
  reason: null,
  finishedAt: time(second),
});

describe('the attempts of a dispatch', () => {
  it('add up turns, costs and denials, and keep the session that was announced last', () => {
    const denied = [{ tool_name: 'Bash' }];
    let dispatch = withAttempt(blankDispatch, plan, time(0));
    dispatch = withAttemptEnded(
      dispatch,
      ended({ num_turns: 2, total_cost_usd: 0.5, permission_denials: denied }, 1, 'two'),
    );
    dispatch = withAttempt(dispatch, { ...plan, cause: 'retry', session_id: 'two' }, time(2));
    expect(dispatch).toMatchObject({ session_id: 'two', num_turns: 2, exit_code: null });
    dispatch = withAttemptEnded(
      dispatch,
      ended({ num_turns: 3, cost_usd: 0.25, permission_denials: denied }, 3),
    );
    expect(dispatch).toMatchObject({
      ...{ session_id: 'two', num_turns: 5, total_cost_usd: 0.75, exit_code: 0 },
      permission_denials: [...denied, ...denied],
      attempts: [
        { number: 1, cause: 'dispatch', session_id: 'two', num_turns: 2, finished_at: time(1).toISOString() },
        { number: 2, cause: 'retry', session_id: 'two', num_turns: 3, total_cost_usd: 0.25 },
      ],
    });
  });

  it('end once', () => {
    const once = withAttemptEnded(withAttempt(blankDispatch, plan, time(0)), ended({ num_turns: 2 }, 1));
    expect(withAttemptEnded(once, ended({ num_turns: 7 }, 2))).toEqual(once);
  });

  it('never end before they begin, whatever the clock does', () => {
    const dispatch = withAttemptEnded(withAttempt(blankDispatch, plan, time(30)), ended({}, 0));
    expect(dispatch.attempts[0]?.finished_at).toBe(time(30).toISOString());
  });

  it('know nothing of what claude did not tell', () => {
    const dispatch = withAttemptEnded(withAttempt(blankDispatch, plan, time(0)), {
      ...{ progress: noProgress, exit: undefined, reason: 'lost', finishedAt: time(1) },
    });
    expect(dispatch).toMatchObject({ num_turns: null, total_cost_usd: null, exit_code: null });
    expect(dispatch.attempts).toMatchObject([{ reason: 'lost', result: null, num_turns: null }]);
    expect(withLastAttempt(blankDispatch, { pid: 7 })).toEqual(blankDispatch);
  });
});

describe('what a record holds', () => {
  it('is bounded, and never ends in half a character', () => {
    expect(shortened('abc', 3)).toBe('abc');
    expect(shortened('abcd', 3)).toBe('ab…');
    expect(shortened('a😀bc', 3)).toBe('a…');
    expect(shortened('a😀bc', 4)).toBe('a😀…');
  });

  it('leaves ordinary denials as they are, and the content out of huge ones', () => {
    const small = { tool_name: 'Bash', tool_input: { command: 'x'.repeat(5_000) } };
    const huge = { tool_name: 'Write', tool_input: { file_path: '/a', content: 'x'.repeat(1_000_000) } };
    const [first, second] = boundedDenials([small, huge]);
    expect(first).toEqual(small);
    expect(second).toMatchObject({ tool_name: 'Write', tool_input: { file_path: '/a' } });
    expect(JSON.stringify(second).length).toBeLessThan(3_000);
    expect(boundedDenials(Array.from({ length: 1_000 }, () => small))).toHaveLength(200);
  });
});
