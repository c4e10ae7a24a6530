/** A content block of an assistant message, as the Messages API spells it. */
export type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object };

/** The token counts a turn reports; claude turns them into dollars by its own price list. */
export type Usage = { readonly input_tokens: number; readonly output_tokens: number };

/** What the scripted model does with one request. */
export type Turn =
  | { readonly kind: 'message'; readonly content: readonly Block[]; readonly usage: Usage }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly body: object;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut'; readonly text: string }
  | { readonly kind: 'nonsense'; readonly text: string }
  | { readonly kind: 'later'; readonly until: Promise<unknown>; readonly turn: Turn };

const fewTokens: Usage = { input_tokens: 10, output_tokens: 5 };
let toolUses = 0;

/** A tool call to put into `turn` or `use`; its id is new each time, as the API's are. */
export function call(name: string, input: object): Block {
  toolUses += 1;
  return { type: 'tool_use', id: `toolu_${String(toolUses).padStart(8, '0')}`, name, input };
}

/** The model answers with several blocks: text, tool calls, or both. */
export function turn(content: readonly Block[], usage: Usage = fewTokens): Turn {
  return { kind: 'message', content, usage };
}

/** The model says something and is done. */
export function say(text: string, usage: Usage = fewTokens): Turn {
  return turn([{ type: 'text', text }], usage);
}

/** The model calls one tool, with exactly the input that claude's tool takes. */
export function use(name: string, input: object, usage: Usage = fewTokens): Turn {
  return turn([call(name, input)], usage);
}

/** The model runs a shell command. */
export function bash(command: string, extra: object = {}): Turn {
  return use('Bash', { command, description: 'a scripted command', ...extra });
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

/** The API refuses with an HTTP status; `headers` may carry `retry-after` and the rate-limit headers. */
export function refuse(
  status: number,
  message = 'scripted refusal',
  headers: Readonly<Record<string, string>> = {},
): Turn {
  const type = errorTypes[status] ?? 'api_error';
  return {
    kind: 'error',
    status,
    body: { type: 'error', error: { type, message }, request_id: 'req_scripted' },
    headers,
  };
}

/** The API takes the request and never answers. */
export const hang: Turn = { kind: 'hang' };

/** The API begins to stream `text` and drops the connection in the middle of it. */
export function cut(text: string): Turn {
  return { kind: 'cut', text };
}

/** What answers is no API: a proxy's page, say. */
export function nonsense(text: string): Turn {
  return { kind: 'nonsense', text };
}

/** The API answers with `next` once `until` is settled. */
export function later(until: Promise<unknown>, next: Turn): Turn {
  return { kind: 'later', until, turn: next };
}

/** The message a request without `stream` is answered with. */
export function wholeMessage(model: string, content: readonly Block[], usage: Usage): object {
  return {
    id: `msg_${String(toolUses)}_${String(Date.now())}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { ...usage, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  };
}

const serverSent = (type: string, data: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

/** The first events of a streamed answer that is never finished. */
export function cutEvents(model: string, text: string): string[] {
  return messageEvents(model, [{ type: 'text', text }], fewTokens).slice(0, 4);
}

/** The same message as the server-sent events of a streamed answer, one string per event. */
export function messageEvents(model: string, content: readonly Block[], usage: Usage): string[] {
  const message = wholeMessage(model, [], { ...usage, output_tokens: 1 });
  const events = [
    serverSent('message_start', { message: { ...message, stop_reason: null } }),
    serverSent('ping', {}),
  ];
  for (const [index, block] of content.entries()) {
    const [empty, delta] =
      block.type === 'text'
        ? [
            { ...block, text: '' },
            { type: 'text_delta', text: block.text },
          ]
        : [
            { ...block, input: {} },
            { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
          ];
    events.push(
      serverSent('content_block_start', { index, content_block: empty }),
      serverSent('content_block_delta', { index, delta }),
      serverSent('content_block_stop', { index }),
    );
  }
  const stop_reason = content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn';
  events.push(
    serverSent('message_delta', {
      delta: { stop_reason, stop_sequence: null },
      usage: { output_tokens: usage.output_tokens },
    }),
    serverSent('message_stop', {}),
  );
  return events;
}
