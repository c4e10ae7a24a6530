import * as z from 'zod';
import { oneLine } from './plain-text.ts';

const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

/** claude's last word (2.1.197). `subtype: "success"` comes with `is_error: true` on an API error. */
export const ResultEvent = z.object({
  subtype: z.string().catch(''),
  is_error: z.boolean().catch(false),
  api_error_status: optional(z.number().nullable()),
  result: optional(z.string()),
  structured_output: z.unknown().optional(),
  num_turns: optional(z.int().nonnegative()),
  duration_ms: optional(z.number().nonnegative()),
  total_cost_usd: optional(z.number().nonnegative()),
  /** The name of `total_cost_usd` in older versions. */
  cost_usd: optional(z.number().nonnegative()),
  permission_denials: z.array(z.unknown()).catch([]),
  errors: z.array(z.string()).catch([]),
});
export type ResultEvent = z.infer<typeof ResultEvent>;

/** What one line of claude's stream says, as far as wt acts on it or shows it. */
export type StreamEvent =
  | { readonly kind: 'init'; readonly sessionId: string; readonly model: string }
  /** `message` is shared by the events of one assistant message, which has one content block in each. */
  | { readonly kind: 'text'; readonly message: string; readonly nested: boolean; readonly text: string }
  | {
      readonly kind: 'tool';
      readonly message: string;
      readonly nested: boolean;
      readonly id: string;
      readonly name: string;
      readonly essence: string;
    }
  | {
      readonly kind: 'tool-result';
      readonly nested: boolean;
      readonly id: string;
      readonly isError: boolean;
      readonly text: string;
    }
  | { readonly kind: 'retry'; readonly attempt: number; readonly delayMs: number; readonly error: string }
  /** How the subscription's limit stands; `resetsAt` is in epoch milliseconds. */
  | { readonly kind: 'limit'; readonly isReached: boolean; readonly resetsAt: number | undefined }
  | { readonly kind: 'result'; readonly result: ResultEvent }
  /** An event of a type that wt does not use; there are many, and new ones with each version. */
  | { readonly kind: 'other'; readonly type: string }
  | { readonly kind: 'garbage'; readonly text: string };

const Block = z.looseObject({ type: z.string() });
const Event = z.looseObject({ type: z.string() });
const Init = z.object({ session_id: z.string(), model: z.string().catch('') });
const Retry = z.object({
  attempt: z.number().catch(0),
  retry_delay_ms: z.number().catch(0),
  error: z.string().catch(''),
});
/** `status` is `allowed`, `allowed_warning` or `rejected` (2.1.197); a rejected one may go on at extra cost. */
const Limit = z.object({
  rate_limit_info: z.object({
    status: z.string(),
    resetsAt: optional(z.number()),
    isUsingOverage: z.boolean().catch(false),
  }),
});
const Message = z.object({
  message: z.object({
    id: z.string().catch(''),
    content: z.union([z.array(Block), z.string().transform((text) => [{ type: 'text', text }])]).catch([]),
  }),
  parent_tool_use_id: z.string().nullish().catch(null),
});
const Text = z.object({ text: z.string() });
const ToolUse = z.object({ id: z.string().catch(''), name: z.string(), input: z.unknown().optional() });
const ToolResult = z.object({
  tool_use_id: z.string().catch(''),
  is_error: z.boolean().catch(false),
  content: z
    .union([z.string(), z.array(Block).transform((blocks) => blocks.map(textOf).join('\n'))])
    .catch(''),
});

/** Reads one line of a stream; an assistant message may hold several blocks, and an empty line says nothing. */
export function readEvents(line: string): StreamEvent[] {
  const text = line.trim();
  if (text === '') return [];
  const event = Event.safeParse(parseJson(text));
  if (!event.success) return [{ kind: 'garbage', text }];
  const { type, subtype } = event.data;
  if (type === 'result') return [{ kind: 'result', result: ResultEvent.parse(event.data) }];
  if (type === 'system' && subtype === 'init') {
    const init = Init.safeParse(event.data);
    if (init.success) return [{ kind: 'init', sessionId: init.data.session_id, model: init.data.model }];
  }
  if (type === 'system' && subtype === 'api_retry') {
    const { attempt, retry_delay_ms, error } = Retry.parse(event.data);
    return [{ kind: 'retry', attempt, delayMs: retry_delay_ms, error }];
  }
  if (type === 'rate_limit_event') {
    const { data } = Limit.safeParse(event.data);
    const info = data?.rate_limit_info;
    if (info !== undefined) {
      const isReached = info.status === 'rejected' && !info.isUsingOverage;
      return [{ kind: 'limit', isReached, resetsAt: epochMs(info.resetsAt) }];
    }
  }
  if (type === 'assistant' || type === 'user') {
    const message = Message.safeParse(event.data);
    if (message.success) return blocksOf(type, message.data);
  }
  return [{ kind: 'other', type: typeof subtype === 'string' ? `${type}/${subtype}` : type }];
}

function blocksOf(role: 'assistant' | 'user', { message, parent_tool_use_id }: z.infer<typeof Message>) {
  const from = { message: message.id, nested: parent_tool_use_id != null };
  return message.content.flatMap((block): StreamEvent[] => {
    if (role === 'user') {
      const result = block.type === 'tool_result' ? ToolResult.safeParse(block) : undefined;
      if (!result?.success) return [];
      const { tool_use_id: id, is_error: isError, content } = result.data;
      return [{ kind: 'tool-result', nested: from.nested, id, isError, text: content }];
    }
    if (block.type === 'text') {
      const { data } = Text.safeParse(block);
      return data === undefined ? [] : [{ kind: 'text', ...from, text: data.text }];
    }
    const { data } = block.type === 'tool_use' ? ToolUse.safeParse(block) : {};
    if (data === undefined) return [];
    return [{ kind: 'tool', ...from, id: data.id, name: data.name, essence: essenceOf(data.input) }];
  });
}

/** claude gives a limit's end in epoch seconds; what is too large for that is in milliseconds. */
export const epochMs = (time: number | undefined): number | undefined =>
  time === undefined || !(time > 0) ? undefined : time > 1e11 ? time : time * 1000;

function textOf(block: z.infer<typeof Block>): string {
  return Text.safeParse(block).data?.text ?? '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The inputs that say most about a call, in the order of how much they say.
const telling = ['command', 'file_path', 'notebook_path', 'pattern', 'url', 'query', 'skill', 'description'];

/** So much of a command says what it does; a terminal shows less. */
const longestEssence = 400;

/** What a tool was called with, as one line. */
export function essenceOf(input: unknown): string {
  if (typeof input !== 'object' || input === null) return '';
  const values = input as Record<string, unknown>;
  const told = telling.map((name) => values[name]).find((value) => typeof value === 'string');
  return oneLine(
    typeof told === 'string'
      ? told
      : (Object.values(values).find((value) => typeof value === 'string') ?? ''),
    longestEssence,
  );
}
