import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEveryTest } from './after.ts';
import { isAside, type MessagesRequest, readRequest } from './messages-request.ts';
import { cutEvents, messageEvents, refuse, say, type Turn, wholeMessage } from './model-turn.ts';

/** What the model does: one turn per request in order, or a function of the request, which also serves retries. */
export type Script = readonly Turn[] | ((request: MessagesRequest) => Turn);

/** A Messages API on loopback that plays a script to whatever asks it. */
export type MessagesApi = {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  /** The conversation's requests so far, oldest first. */
  readonly requests: readonly MessagesRequest[];
  /** What claude asked beside the conversation; answered without using up the script. */
  readonly asides: readonly MessagesRequest[];
  readonly close: () => Promise<void>;
};

const open = new Set<MessagesApi>();

afterEveryTest(async () => {
  await Promise.all([...open].map((api) => api.close()));
});

/** Starts the API; it is closed, and what hangs on it is let go, after the test. */
export async function serveMessages(script: Script): Promise<MessagesApi> {
  const requests: MessagesRequest[] = [];
  const asides: MessagesRequest[] = [];

  const nextTurn = (request: MessagesRequest): Turn => {
    requests.push(request);
    if (typeof script === 'function') return script(request);
    return script[requests.length - 1] ?? refuse(400, 'the script has no further turn');
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, refusal(`the scripted API failed: ${String(error)}`));
    });
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.split('?')[0];
    const text = await bodyOf(request);
    if (path === '/v1/messages/count_tokens') return sendJson(response, 200, { input_tokens: 10 });
    if (path !== '/v1/messages') return sendJson(response, path === '/' ? 200 : 404, {});
    const asked = readRequest(text, request.headers);
    if (!isAside(asked)) return play(nextTurn(asked), asked, response);
    asides.push(asked);
    return play(say(asideAnswer(asked)), asked, response);
  };

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const api: MessagesApi = {
    url: `http://127.0.0.1:${port}`,
    requests,
    asides,
    close: () =>
      new Promise((closed) => {
        open.delete(api);
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  open.add(api);
  return api;
}

async function play(turn: Turn, request: MessagesRequest, response: ServerResponse): Promise<void> {
  switch (turn.kind) {
    case 'later':
      await turn.until.catch(() => undefined);
      if (response.destroyed) return;
      return play(turn.turn, request, response);
    case 'hang':
      return;
    case 'error':
      return sendJson(response, turn.status, turn.body, turn.headers);
    case 'cut':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(cutEvents(request.model, turn.text).join(''), () => response.destroy());
      return;
    case 'nonsense':
      response.writeHead(200, { 'content-type': 'text/html' }).end(turn.text);
      return;
    case 'message':
      if (request.stream !== true) {
        return sendJson(response, 200, wholeMessage(request.model, turn.content, turn.usage));
      }
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      for (const event of messageEvents(request.model, turn.content, turn.usage)) response.write(event);
      response.end();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': 'req_scripted',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

const refusal = (message: string) => ({ type: 'error', error: { type: 'api_error', message } });

/** A title where one is asked for by schema, else a word: nothing that claude would act upon. */
function asideAnswer(request: MessagesRequest): string {
  return request.output_config?.format === undefined ? 'ok' : JSON.stringify({ title: 'Scripted' });
}
