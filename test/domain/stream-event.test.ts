import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, noProgress, progressed } from '../../src/domain/dispatch-progress.ts';
import { oneLine, plainText } from '../../src/domain/plain-text.ts';
import { essenceOf, readEvents, type StreamEvent } from '../../src/domain/stream-event.ts';

const line = (event: object) => JSON.stringify(event);
const assistant = (id: string, block: object, extra: object = {}) =>
  line({ type: 'assistant', message: { id, content: [block] }, parent_tool_use_id: null, ...extra });
const toolUse = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, input });
const toolResult = (id: string, content: unknown, is_error?: boolean) =>
  line({ type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: id, content, is_error }] } });

const follow = (...lines: readonly string[]) => lines.flatMap(readEvents).reduce(progressed, noProgress);

describe('a line of the stream', () => {
  it.each<[string, StreamEvent[]]>([
    [
      line({ type: 'system', subtype: 'init', session_id: 's', model: 'm', tools: [] }),
      [{ kind: 'init', sessionId: 's', model: 'm' }],
    ],
    [
      assistant('m1', { type: 'text', text: 'hello' }),
      [{ kind: 'text', message: 'm1', nested: false, text: 'hello' }],
    ],
    [
      assistant('m1', toolUse('t1', 'Bash', { command: 'git\nstatus' }), { parent_tool_use_id: 't0' }),
      [{ kind: 'tool', message: 'm1', nested: true, id: 't1', name: 'Bash', essence: 'git status' }],
    ],
    [
      toolResult('t1', 'Exit code 3\nno', true),
      [{ kind: 'tool-result', nested: false, id: 't1', isError: true, text: 'Exit code 3\nno' }],
    ],
    [
      toolResult('t1', [{ type: 'text', text: 'written' }]),
      [{ kind: 'tool-result', nested: false, id: 't1', isError: false, text: 'written' }],
    ],
    [
      line({ type: 'system', subtype: 'api_retry', attempt: 2, retry_delay_ms: 600.3, error: 'overloaded' }),
      [{ kind: 'retry', attempt: 2, delayMs: 600.3, error: 'overloaded' }],
    ],
    [line({ type: 'system', subtype: 'task_started' }), [{ kind: 'other', type: 'system/task_started' }]],
    [line({ type: 'of_tomorrow' }), [{ kind: 'other', type: 'of_tomorrow' }]],
    ['npm warn nothing', [{ kind: 'garbage', text: 'npm warn nothing' }]],
    ['{"type":"assistant","mess', [{ kind: 'garbage', text: '{"type":"assistant","mess' }]],
    ['[1, 2]', [{ kind: 'garbage', text: '[1, 2]' }]],
    ['  ', []],
  ])('%s is read as what wt uses of it', (text, expected) => {
    expect(readEvents(text)).toEqual(expected);
  });

  it('gives each block of a message that has several', () => {
    const content = [
      { type: 'text', text: 'a' },
      toolUse('t', 'Read', { file_path: 'x' }),
      { type: 'thinking' },
    ];
    const kinds = readEvents(line({ type: 'assistant', message: { id: 'm', content } })).map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(['text', 'tool']);
  });

  it('never throws, whatever a claude prints', () => {
    const event = fc.record(
      {
        type: fc.constantFrom('result', 'assistant', 'user', 'system'),
        subtype: fc.constantFrom('init', 'success', 'api_retry', 3, null),
        message: fc.jsonValue(),
        is_error: fc.jsonValue(),
        result: fc.jsonValue(),
        num_turns: fc.jsonValue(),
        total_cost_usd: fc.jsonValue(),
        permission_denials: fc.jsonValue(),
        errors: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(fc.property(event, (value) => readEvents(line(value)).length >= 0));
    fc.assert(fc.property(fc.string(), (text) => readEvents(text).length >= 0));
  });
});

describe('progress', () => {
  it('counts messages, not their blocks, and knows the tool that runs', () => {
    const started = follow(
      line({ type: 'system', subtype: 'init', session_id: 's' }),
      assistant('m1', { type: 'text', text: 'I shall look' }),
      assistant('m1', toolUse('t1', 'Read', { file_path: 'a.ts' })),
      toolResult('t1', 'text'),
      assistant('m2', toolUse('t2', 'Bash', { command: 'npm test' })),
    );
    expect(started).toMatchObject({
      sessionId: 's',
      turns: 2,
      tool: { name: 'Bash', essence: 'npm test' },
      said: 'I shall look',
    });
    expect(
      progressed(started, { kind: 'tool-result', nested: false, id: 't2', isError: false, text: '' }).tool,
    ).toBeUndefined();
  });

  it('takes the last result, and what follows it changes nothing', () => {
    const progress = follow(
      line({ type: 'result', subtype: 'success', is_error: false, cost_usd: 0.5 }),
      line({ type: 'system', subtype: 'task_notification' }),
    );
    expect(costOf(progress.result)).toBe(0.5);
  });

  it('leaves the turns of a subagent out', () => {
    const nested = { parent_tool_use_id: 't1' };
    expect(
      follow(
        assistant('m1', { type: 'text', text: 'a' }),
        assistant('m2', { type: 'text', text: 'b' }, nested),
      ).turns,
    ).toBe(1);
  });
});

describe('text of an agent', () => {
  it('loses what would move the cursor or colour the terminal', () => {
    expect(plainText('a\u001b[31mred\u001b[0m\u0007\u001b]0;title\u001b\\b\tc\nd\u009b')).toBe('aredb\tc\nd');
  });

  it('fits on one line', () => {
    expect(oneLine('a\n  b\u001b[2K c', 5)).toBe('a b c');
    expect(oneLine('abcdefgh', 5)).toBe('abcd…');
  });

  it.each([
    [{ command: 'ls', description: 'list' }, 'ls'],
    [{ file_path: '/a/b', content: 'x' }, '/a/b'],
    [{ pattern: '*.ts', path: 'src' }, '*.ts'],
    [{ other: 1, words: 'said' }, 'said'],
    [undefined, ''],
    ['text', ''],
  ])('tells of the input %j what says most', (input, expected) => {
    expect(essenceOf(input)).toBe(expected);
  });
});
