import { describe, expect, it } from 'vitest';
import { type Script, serveMessages } from './messages-api.ts';
import { bash, cut, hang, later, refuse, say } from './model-turn.ts';

const tools = [{ name: 'Bash' }];
const asking = (text: string, more: object = {}) => ({
  model: 'm',
  stream: true,
  tools,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder>x' },
        { type: 'text', text },
      ],
    },
  ],
  ...more,
});

async function serve(script: Script) {
  const api = await serveMessages(script);
  const post = (body: object, path = '/v1/messages?beta=true') =>
    fetch(`${api.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { api, post };
}

describe('the scripted Messages API', () => {
  it('streams a turn per request, and refuses when the script is over', async () => {
    const { post, api } = await serve([bash('true'), say('done')]);
    const first = await (await post(asking('go'))).text();
    expect(first.match(/^event: .*/gm)?.map((line) => line.slice(7))).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(first).toContain('"stop_reason":"tool_use"');
    expect(await (await post(asking('go', { stream: false }))).json()).toMatchObject({
      content: [{ type: 'text', text: 'done' }],
      stop_reason: 'end_turn',
    });
    expect((await post(asking('go'))).status).toBe(400);
    expect(api.requests).toHaveLength(3);
  });

  it('tells a script what was asked, how often the model has answered, and what the tools gave', async () => {
    const { post, api } = await serve(({ turn }) => (turn === 0 ? bash('true') : say('done')));
    const messages = [
      ...asking('first').messages,
      { role: 'assistant', content: [{ type: 'text', text: 'an answer' }] },
      { role: 'user', content: 'second' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: {} }] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 't1', is_error: true, content: 'Exit code 1' }],
      },
    ];
    expect(await (await post(asking('', { messages }))).text()).toContain('done');
    expect(api.requests).toMatchObject([
      { prompt: 'second', turn: 1, results: [{ id: 't1', error: true, text: 'Exit code 1' }] },
    ]);
  });

  it('answers what is asked beside the conversation without using up the script', async () => {
    const { post, api } = await serve([say('done')]);
    const format = { type: 'json_schema', schema: {} };
    const title = await (await post(asking('a title', { tools: [], output_config: { format } }))).text();
    expect(title).toContain('Scripted');
    expect(await (await post({}, '/v1/messages/count_tokens')).json()).toEqual({ input_tokens: 10 });
    expect((await fetch(api.url, { method: 'HEAD' })).status).toBe(200);
    expect(await (await post(asking('go'))).text()).toContain('done');
    expect([api.asides.length, api.requests.length]).toEqual([1, 1]);
  });

  it('refuses with a status and headers, breaks off, waits, and hangs until it is closed', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { post, api } = await serve([
      refuse(429, 'slow', { 'retry-after': '7' }),
      cut('half'),
      later(gate, say('at last')),
      hang,
    ]);
    const refused = await post(asking('go'));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await refused.json()).toMatchObject({ error: { type: 'rate_limit_error', message: 'slow' } });
    await expect(post(asking('go')).then((response) => response.text())).rejects.toThrow();
    const waiting = post(asking('go'));
    release();
    expect(await (await waiting).text()).toContain('at last');
    const hanging = post(asking('go'));
    const lost = expect(hanging).rejects.toThrow();
    await expect.poll(() => api.requests.length).toBe(4);
    await api.close();
    await lost;
  });
});
