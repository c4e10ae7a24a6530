import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';

const Text = z.object({ type: z.literal('text'), text: z.string() });
const ToolResult = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  is_error: z.boolean().optional(),
  content: z.union([z.string(), z.array(z.unknown())]).optional(),
});

const Body = z.looseObject({
  model: z.string(),
  messages: z.array(
    z.looseObject({
      role: z.string(),
      content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]),
    }),
  ),
  system: z.unknown().optional(),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
  stream: z.boolean().optional(),
  max_tokens: z.number().optional(),
  context_management: z.unknown().optional(),
  output_config: z.looseObject({ format: z.looseObject({}).optional() }).optional(),
});

/** The parsed body of a request for a message, and what a script wants to know of it. */
export type MessagesRequest = z.infer<typeof Body> & {
  /** claude's session id, so that one script can serve several sessions at once. */
  readonly session: string | undefined;
  /** What the person asked last, without the reminders that claude adds. */
  readonly prompt: string;
  /** How often the model has answered since that prompt: 0 for the first request. */
  readonly turn: number;
  /** What the last tools gave back. */
  readonly results: readonly { readonly id: string; readonly error: boolean; readonly text: string }[];
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
};

type Message = z.infer<typeof Body>['messages'][number];

const textsOf = (message: Message): string[] =>
  (typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content).flatMap(
    (block) => {
      const text = Text.safeParse(block);
      return text.success && !text.data.text.startsWith('<system-reminder>') ? [text.data.text] : [];
    },
  );

const resultsOf = (message: Message | undefined): MessagesRequest['results'] =>
  (typeof message?.content === 'object' ? message.content : []).flatMap((block) => {
    const result = ToolResult.safeParse(block);
    if (!result.success) return [];
    const { tool_use_id: id, is_error: error = false, content = '' } = result.data;
    const text =
      typeof content === 'string'
        ? content
        : content.map((part) => Text.safeParse(part).data?.text ?? '').join('');
    return [{ id, error, text }];
  });

/** Reads a request; throws when it is not one for a message. */
export function readRequest(text: string, headers: IncomingHttpHeaders): MessagesRequest {
  const body = Body.parse(JSON.parse(text));
  const isPrompt = (message: Message) =>
    message.role === 'user' && resultsOf(message).length === 0 && textsOf(message).length > 0;
  const asked = body.messages.findLastIndex(isPrompt);
  const since = body.messages.slice(asked + 1);
  const session = headers['x-claude-code-session-id'];
  return {
    ...body,
    session: typeof session === 'string' ? session : undefined,
    prompt: asked < 0 ? '' : textsOf(body.messages[asked] as Message).join('\n'),
    turn: since.filter((message) => message.role === 'assistant').length,
    results: resultsOf(since.findLast((message) => message.role === 'user')),
    at: Date.now(),
  };
}

/**
 * Whether claude asks beside the conversation (a title, a quota check, a summary): seen in 2.1.197, these carry
 * neither tools nor context management, and the conversation always carries one of them, also with `--tools ""`.
 */
export function isAside(request: MessagesRequest): boolean {
  return (request.tools ?? []).length === 0 && request.context_management === undefined;
}
