import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { dispatchesIn, dispatchScene, expectNothingLeft, scriptAsClaude } from '../support/dispatches.ts';

const line = (event: object) => `${JSON.stringify(event)}\n`;
const init = line({ type: 'system', subtype: 'init', session_id: crypto.randomUUID(), model: 'm' });
const say = (text: string) =>
  line({ type: 'assistant', message: { id: 'm1', content: [{ type: 'text', text }] } });
const result = (change: object = {}) =>
  line({ type: 'result', subtype: 'success', is_error: false, result: 'done', num_turns: 1, ...change });
const refusal = result({ is_error: true, api_error_status: 500, result: 'API Error: 500' });

type Stream = {
  readonly bytes: Buffer | string;
  readonly exit?: number;
  readonly verdict: Partial<DispatchAnswer>;
};
const complete = { status: 'complete', reason: 'dirty' } as const;
const failed = (reason: DispatchAnswer['reason'] = 'error') => ({ status: 'failed', reason }) as const;
const noResult = { code: 'claude_failed', message: expect.stringContaining('without a result') };

const streams: Readonly<Record<string, Stream>> = {
  'an event of 6 MB in one line': {
    bytes: init + say('x'.repeat(6_000_000)) + result(),
    verdict: { ...complete, result: 'done' },
  },
  'a result that is itself a line of 6 MB': {
    bytes: init + result({ result: 'y'.repeat(6_000_000) }),
    verdict: { ...complete, result: expect.stringMatching(/^y{1000}/) as never },
  },
  'bytes that are no UTF-8, in an event and as a line': {
    bytes: Buffer.concat([
      Buffer.from(init),
      Buffer.from(say('caf\u00e9 $').replace('$', '\xff\xfe'), 'latin1'),
      Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]),
      Buffer.from(result()),
    ]),
    verdict: { ...complete, result: 'done' },
  },
  'events after the result': {
    bytes: init + result() + line({ type: 'system', subtype: 'task_notification' }) + say('by the way'),
    verdict: { ...complete, result: 'done' },
  },
  'two results, the second of which is good': {
    bytes: init + refusal + result({ result: 'at last' }),
    verdict: { ...complete, result: 'at last' },
  },
  'two results, the second of which is bad': {
    bytes: init + result() + refusal,
    exit: 1,
    verdict: { ...failed('api_error') },
  },
  'exit 0 without a result': { bytes: init + say('bye'), verdict: { ...failed(), error: noResult as never } },
  'not a byte': { bytes: '', verdict: failed() },
  'a stream that stops in mid-event': {
    bytes: init + say('so far') + result().slice(0, 40),
    verdict: { ...failed(), error: noResult as never },
  },
  'a stream that stops in the middle of a character': {
    bytes: Buffer.from(init + say('\u00e9')).subarray(0, init.length + say('\u00e9').indexOf('\u00e9') + 1),
    verdict: failed(),
  },
  'a last line that is whole but for its end': {
    bytes: init + result().trimEnd(),
    verdict: { ...complete, result: 'done' },
  },
  'line ends of another system, and empty lines': {
    bytes: `${init}\n\n${say('x')}${result()}`.replaceAll('\n', '\r\n'),
    verdict: { ...complete, result: 'done' },
  },
  'JSON that is no event': {
    bytes: `${init}[]\nnull\n17\n"result"\n{"type":17}\n{"type":"result"}\n`,
    verdict: { result: null },
  },
  'a result whose fields have other types': {
    bytes:
      init + result({ is_error: 'no', result: 17, num_turns: -1, permission_denials: 'none', errors: {} }),
    verdict: { ...complete, result: null, num_turns: null },
  },
};

describe('a stream of claude', () => {
  const names = Object.keys(streams);
  let answers: readonly DispatchAnswer[] = [];

  beforeAll(async () => {
    const branches = names.map((_, at) => `s/${at}`);
    const scene = dispatchScene(branches);
    const folder = join(scene.repo.root, 'streams');
    mkdirSync(folder);
    for (const [at, { bytes, exit = 0 }] of Object.values(streams).entries()) {
      writeFileSync(join(folder, `${at}`), bytes);
      writeFileSync(join(folder, `${at}.exit`), `${exit}`);
    }
    const own = `"${folder}/$(basename "$PWD")"`;
    scriptAsClaude(scene, `cat >/dev/null; echo x > new.txt; cat ${own}; exit "$(cat ${own}.exit)"`);
    const ran = await scene.wt(['dispatch', ...branches, '-p', 'x', '--max', '4', '--json']);
    answers = dispatchesIn(ran);
    await expectNothingLeft(scene);
  });

  it.each(names.map((name, at) => [name, at] as const))('may have %s', (name, at) => {
    expect(answers[at]).toMatchObject({ uncommitted_changes: true, ...streams[name]?.verdict });
  });
});
