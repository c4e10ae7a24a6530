import { describe, expect, it } from 'vitest';
import type { CheckAnswer } from '../../src/domain/answers/dispatch.ts';
import { beginningArgs, continuingArgs, continuingPrompt } from '../../src/domain/continuation.ts';
import { outputEnd } from '../../src/domain/output-end.ts';

const request = {
  args: ['-p', '--session-id', 'one', '--verbose'],
  resume_args: ['-p', '--resume', 'one', '--append-system-prompt', '--resume'],
  escalated_args: ['-p', '--resume', 'one', '--model', 'opus'],
};
const check: CheckAnswer = {
  ...{ command: 'npm test', exit_code: 3, signal: null, duration_ms: 1, output: 'expected 1\n' },
};

describe('the argv of a continued session', () => {
  it('has the id that was announced last, and the stronger model where it is its turn', () => {
    expect(continuingArgs(request, { sessionId: 'two', escalated: false })).toEqual([
      ...['-p', '--resume', 'two', '--append-system-prompt', '--resume'],
    ]);
    expect(continuingArgs(request, { sessionId: 'two', escalated: true })).toEqual([
      ...['-p', '--resume', 'two', '--model', 'opus'],
    ]);
  });

  it('is made from the first where a record of an earlier wt has no other', () => {
    const old = { ...request, resume_args: [], escalated_args: [] };
    expect(continuingArgs(old, { sessionId: 'two', escalated: true })).toEqual([
      ...['-p', '--resume', 'two', '--verbose'],
    ]);
  });

  it('begins a session anew under another id, but goes on with one that was there before', () => {
    expect(beginningArgs(request.args, 'two')).toEqual(['-p', '--session-id', 'two', '--verbose']);
    expect(beginningArgs(request.escalated_args, 'two')).toEqual(request.escalated_args);
  });
});

describe('what a continued session is asked', () => {
  it('is to go on, after a limit and after an API error', () => {
    expect(continuingPrompt('limit', undefined)).toMatch(/limit .*over\. Go on/);
    expect(continuingPrompt('retry', undefined)).toMatch(/API .*failed\. Go on/);
  });

  it('is to mend what the command says', () => {
    const prompt = continuingPrompt('check', check);
    expect(prompt).toContain('exit code 3');
    expect(prompt).toContain('    npm test\n');
    expect(prompt).toContain('```\nexpected 1\n```');
    expect(continuingPrompt('check', { ...check, output: ' \n' })).toContain('It wrote nothing.');
    expect(continuingPrompt('check', { ...check, exit_code: null, signal: 'SIGTERM' })).toContain('SIGTERM');
  });

  it('keeps output that has fences of its own apart', () => {
    expect(continuingPrompt('check', { ...check, output: 'a\n````\nb' })).toContain(
      '`````\na\n````\nb\n`````',
    );
  });
});

describe("the end of a command's output", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  it.each([
    ['plain', 'plain'],
    ['\u001b[31mred\u001b[0m\n', 'red\n'],
    ['10%\r50%\r100%\nend\r\n', '100%\nend\n'],
    ['a\u0007b\u0000c', 'abc'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ])('is text without what only a terminal understands: %j', (text, expected) => {
    expect(outputEnd(bytes(text), false)).toBe(expected);
  });

  it('is a few kilobytes of whole characters and lines', () => {
    const line = `${'ä'.repeat(50)}\n`;
    const end = outputEnd(bytes(line.repeat(1_000)).subarray(1), false);
    expect(end.startsWith(`…${line}`)).toBe(true);
    expect(end.endsWith(line)).toBe(true);
    expect(bytes(end).length).toBeLessThanOrEqual(8 * 1024 + 3);
    expect(bytes(end).length).toBeGreaterThan(8_000);
    expect(end).not.toContain('\uFFFD');
    expect(outputEnd(bytes('x'.repeat(20_000)), false)).toHaveLength(8 * 1024 + 1);
    expect(outputEnd(bytes('end of more\nlast\n'), true)).toBe('…last\n');
    expect(outputEnd(Uint8Array.of(0xff, 0x41), false)).toBe('\uFFFDA');
  });
});
