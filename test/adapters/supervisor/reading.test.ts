import { appendFileSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openReading, progressOf } from '../../../src/adapters/supervisor/reading.ts';
import { temporaryFolder } from '../../support/repo.ts';

const event = (value: object) => `${JSON.stringify(value)}\n`;
const init = (session_id: string) => event({ type: 'system', subtype: 'init', session_id });
const result = (text: string, more: object = {}) =>
  event({ type: 'result', subtype: 'success', is_error: false, result: text, ...more });
const said = (id: string, text: string) =>
  event({ type: 'assistant', message: { id, content: [{ type: 'text', text }] } });
const called = (id: string, tool: string, parent?: string, input: object = {}) =>
  event({
    type: 'assistant',
    message: { id, content: [{ type: 'tool_use', id: tool, name: 'Bash', input }] },
    parent_tool_use_id: parent ?? null,
  });
const got = (tool: string, content: string, parent?: string) =>
  event({
    type: 'user',
    message: { role: 'user', content: [{ tool_use_id: tool, type: 'tool_result', content }] },
    parent_tool_use_id: parent ?? null,
  });

/** A run folder whose stream has these pieces. */
function streamOf(...pieces: readonly (string | Buffer)[]) {
  const folder = temporaryFolder();
  const path = join(folder, 'stream.jsonl');
  writeFileSync(path, Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
  return { folder, path };
}
const whole = (...pieces: readonly (string | Buffer)[]) =>
  progressOf(streamOf(...pieces).folder, { stream_offset: 0 });

describe('the progress of an attempt', () => {
  it('has the last of several results, also when events follow it', () => {
    const progress = whole(init('s'), result('one'), said('m', 'more'), result('two'), said('n', 'after'));
    expect(progress).toMatchObject({ sessionId: 's', result: { result: 'two' } });
  });

  it('has no result of an attempt before', () => {
    const first = `${init('s')}${result('one')}`;
    const { folder } = streamOf(first, init('s'), said('m', 'again'));
    expect(progressOf(folder, { stream_offset: Buffer.byteLength(first) })).toMatchObject({
      ...{ result: undefined, sessionId: 's', turns: 1, said: 'again' },
    });
  });

  it('has what stands around bytes that are no UTF-8, and no half lines', () => {
    const bad = Buffer.from(said('m', 'a?b'));
    bad[bad.indexOf('?')] = 0xff;
    const progress = whole(init('s'), bad, Buffer.from([0xc3, 0x28, 10]), result('done').slice(0, -9));
    expect(progress).toMatchObject({ said: 'a\uFFFDb', result: undefined, garbage: expect.any(String) });
  });

  it('has a result without a line break at the end', () => {
    expect(whole(init('s'), result('done').trimEnd())).toMatchObject({ result: { result: 'done' } });
  });

  it('has a result of any length, and of other long lines only what they are', () => {
    const { folder, path } = streamOf(init('s'), called('m', 'toolu_1'));
    const mega = 'x'.repeat(1024 * 1024);
    const long = (before: string, after: string) => {
      const file = openSync(path, 'a');
      writeSync(file, before);
      for (let at = 0; at < 50; at += 1) writeSync(file, mega);
      writeSync(file, after);
      closeSync(file);
    };
    const [head, tail] = got('toolu_1', 'CONTENT').split('CONTENT') as [string, string];
    long(head, tail);
    const reading = openReading(folder, 0);
    const before = process.memoryUsage().arrayBuffers;
    while (reading.read()) expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024);
    expect(reading.progress()).toMatchObject({ openTools: [], tool: undefined });
    const [first, last] = result('CONTENT').split('CONTENT') as [string, string];
    long(first, last);
    expect(reading.readToEnd().result?.result?.length).toBe(50 * mega.length);
    expect(reading.position()).toBeGreaterThan(100 * mega.length);
    reading.close();
  });

  it('is read a part at a time', () => {
    const { folder, path } = streamOf(init('s'));
    for (let at = 0; at < 10; at += 1) appendFileSync(path, said(`m${at}`, 'y'.repeat(1024 * 1024)));
    const reading = openReading(folder, 0);
    expect(reading.read()).toBe(true);
    expect(reading.progress().turns).toBeLessThan(10);
    while (reading.read());
    expect(reading.progress().turns).toBe(10);
    reading.close();
  });

  it.each<[string, string[], string[]]>([
    ['one at work', [called('m', 'a')], ['a']],
    ['one that is done', [called('m', 'a'), got('a', '')], []],
    ['several at once', [called('m', 'a'), called('m', 'b'), got('a', '')], ['b']],
    ['those of a subagent', [called('m', 'a'), called('n', 'b', 'a')], ['a', 'b']],
    ['those of a subagent that is done', [called('m', 'a'), called('n', 'b', 'a'), got('a', '')], []],
    ['the next turn after a result that was lost', [called('m', 'a'), said('n', 'next')], []],
    ['a text in the same message', [called('m', 'a'), said('m', 'and')], ['a']],
    ['the result of the session', [called('m', 'a'), result('done')], []],
  ])('knows which tools are open: %s', (_, events, expected) => {
    expect(whole(...events).openTools.map(({ id }) => id)).toEqual(expected);
  });

  it('knows a limit until it is over', () => {
    const limit = (status: string) =>
      event({ type: 'rate_limit_event', rate_limit_info: { status, resetsAt: 4102444800 } });
    expect(whole(limit('rejected')).limit).toEqual({ resetsAt: 4102444800000 });
    expect(whole(limit('rejected'), limit('allowed')).limit).toBeUndefined();
  });
});
