import { describe, expect, it } from 'vitest';
import { openLogView } from '../../src/application/log-view.ts';
import type { AttemptAnswer } from '../../src/domain/answers/dispatch.ts';
import { blankDispatch, type DispatchRecord } from '../../src/domain/dispatch.ts';
import { readEvents } from '../../src/domain/stream-event.ts';

const assistant = (block: object, parent: string | null = null) =>
  JSON.stringify({ type: 'assistant', message: { id: 'm', content: [block] }, parent_tool_use_id: parent });
const bash = (command: string) => ({ type: 'tool_use', id: 't', name: 'Bash', input: { command } });
const gave = (content: string, parent: string | null = null) =>
  JSON.stringify({
    type: 'user',
    message: { content: [{ type: 'tool_result', tool_use_id: 't', content }] },
    parent_tool_use_id: parent,
  });

const shown = (columns: number | undefined, ...lines: readonly string[]) => {
  const view = openLogView({ color: false, columns });
  return lines
    .flatMap(readEvents)
    .map((event) => view.event(event))
    .join('');
};

const check = (exit_code: number, output = '') => ({
  ...{ command: 'npm test', exit_code, signal: null, duration_ms: 3000, output },
});
const attempt = (number: number, change: Partial<AttemptAnswer> = {}): AttemptAnswer => ({
  ...{ number, cause: 'dispatch', model: null, session_id: 's', pid: 1, reason: null, result: null },
  ...{ num_turns: 1, total_cost_usd: 0, exit_code: 0, signal: null, finished_at: null, check: null },
  started_at: '2026-11-20T10:00:00.000Z',
  ...change,
});
const recordWith = (attempts: readonly AttemptAnswer[], change: object = {}) =>
  ({
    phase: 'running',
    request: { until: { command: 'npm test', attempts: 3 } },
    dispatch: { ...blankDispatch, dispatch_id: 'dispatch-20261120-001', status: 'running', attempts },
    ...change,
  }) as unknown as DispatchRecord;
const now = new Date('2026-11-20T10:00:00.000Z');

describe('the log of a run', () => {
  it('is cut to the terminal and whole in a pipe, except what the agent says', () => {
    const command = `echo ${'x'.repeat(200)}`;
    const said = 'word '.repeat(40).trim();
    const stream = [assistant({ type: 'text', text: said }), assistant(bash(command)), gave('y'.repeat(200))];
    const [text, tool, result] = shown(40, ...stream)
      .trim()
      .split('\n');
    expect(text).toBe(said);
    expect([tool?.length, tool?.endsWith('…')]).toEqual([40, true]);
    expect([result?.length, result?.endsWith('…')]).toEqual([40, true]);
    expect(shown(undefined, ...stream)).toBe(`\n${said}\n> Bash ${command}\n    ${'y'.repeat(200)}\n`);
  });

  it('gives the first lines of a result, with their indentation and without what acts on a terminal', () => {
    const result = '\u001b[31mred\u001b[0m\n\tin\u0007dented\u009b2J\nthree\nfour\nfive\nsix\n';
    expect(shown(undefined, gave(result))).toBe(
      '    red\n        indented2J\n    three\n    four\n    … 2 more lines\n',
    );
    const named = JSON.stringify({
      type: 'assistant',
      message: { id: 'm', content: [{ type: 'tool_use', id: 't', name: 'Ba\u001b]0;x\u0007sh', input: {} }] },
    });
    expect(shown(undefined, named)).not.toMatch(/\p{Cc}(?<!\n)/u);
  });

  it('indents what an agent of the agent does, and leaves out what it does not know', () => {
    const nested = [assistant(bash('ls'), 'parent'), gave('out', 'parent'), '{"type":"of_tomorrow"}'];
    expect(shown(undefined, ...nested)).toBe('    > Bash ls\n        out\n');
  });

  it('tells the outcome of a check once, when it is known, and then the next attempt', () => {
    const view = openLogView({ color: false, columns: undefined });
    expect(view.record(recordWith([attempt(1)]), now)).toBe('');
    const failed = attempt(1, { check: check(1, 'a\nb\nc\nd\ne\n') });
    const told = '\ncheck failed (exit 1): npm test, 3s\n    b\n    c\n    d\n    e\n';
    expect(view.record(recordWith([failed]), now)).toBe(told);
    const second = attempt(2, { cause: 'check', model: 'opus' });
    expect(view.attempt(2, recordWith([failed, second]))).toBe('\nattempt 2 of 3 (the check failed), opus\n');
    const passed = attempt(2, { cause: 'check', check: check(0, 'fine') });
    expect(view.record(recordWith([failed, passed], { phase: 'ended' }), now)).toMatch(
      /^\ncheck passed: npm test, 3s\ndispatch-20261120-001 running\n$/,
    );
    // the same for one who comes when all is over
    const late = openLogView({ color: false, columns: undefined });
    expect(late.attempt(2, recordWith([failed, second]))).toBe(
      `${told}\nattempt 2 of 3 (the check failed), opus\n`,
    );
  });

  it('tells of a pause once, with the time of day', () => {
    const view = openLogView({ color: false, columns: undefined });
    const parked = recordWith([attempt(1)], { phase: 'parked' });
    const limited = { ...parked, dispatch: { ...parked.dispatch, reason: 'rate_limited' as const } };
    const until = { ...limited, dispatch: { ...limited.dispatch, resets_at: '2026-11-20T12:30:00.000Z' } };
    expect(view.record(until, now)).toMatch(/^\nparked by a limit until \d\d:\d\d\n$/);
    expect(view.record(until, now)).toBe('');
    expect(view.attempt(2, recordWith([attempt(1), attempt(2, { cause: 'limit' })]))).toContain(
      'attempt 2 of 3 (the limit is over)',
    );
  });
});
