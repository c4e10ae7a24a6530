import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claudeEnv, realClaude } from '../support/claude-env.ts';
import { startHeadless } from '../support/headless.ts';
import { serveMessages } from '../support/messages-api.ts';
import { say } from '../support/model-turn.ts';
import { makeRepo } from '../support/repo.ts';

/** A proxy that lets nothing through and tells what was asked of it. */
async function deadProxy(): Promise<{
  readonly asked: readonly string[];
  readonly env: Record<string, string>;
}> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.on('error', () => {});
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, env: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: '127.0.0.1' } };
}

describe('the environment of the real claude in tests', () => {
  it('lets it talk to nobody but the scripted API, and only of the conversation', async () => {
    const repo = makeRepo();
    const proxy = await deadProxy();
    const api = await serveMessages([say('done')]);
    const prompt = 'Please describe how git worktrees share one repository.';
    const env = claudeEnv(repo.home, api.url, proxy.env);
    const session = startHeadless(realClaude(), { cwd: repo.path, env, prompt });
    expect(await session.ended).toMatchObject({ code: 0 });
    expect(session.events.at(-1)).toMatchObject({ type: 'result', result: 'done' });
    expect(api.requests).toMatchObject([{ prompt, turn: 0, session: session.events[0]?.session_id }]);
    expect({ asked: proxy.asked, asides: api.asides }).toEqual({ asked: [], asides: [] });
  });

  it('takes no endpoint but loopback', () => {
    expect(() => claudeEnv('/nowhere', 'https://example.com')).toThrow('loopback only');
  });
});
