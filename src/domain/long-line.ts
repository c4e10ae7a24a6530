import type { StreamEvent } from './stream-event.ts';

/** Lines up to here are read whole, whatever they are. */
const ordinary = 4 * 1024 * 1024;
/** An event that wt needs, a result above all, is read up to here. */
const needed = 256 * 1024 * 1024;

const conversation = /^\s*\{\s*"type"\s*:\s*"(?:assistant|user|stream_event)"/;
const event = /^\s*\{/;

/** How long a line may be to be read whole, by its beginning: texts and tool outputs are not needed in full. */
export const longestNeeded = (head: string): number =>
  event.test(head) && !conversation.test(head) ? needed : ordinary;

const toolUse = /"type"\s*:\s*"tool_use"\s*,\s*"id"\s*:\s*"([^"\\]+)"(?:\s*,\s*"name"\s*:\s*"([^"\\]+)")?/g;
const toolResult = /"tool_use_id"\s*:\s*"([^"\\]+)"/g;

/** What the beginning of a line that was too long tells: which tools were called, and which gave a result. */
export function readBeginning(head: string): StreamEvent[] {
  if (!event.test(head)) return [{ kind: 'garbage', text: head.slice(0, 1_000) }];
  const [, type = 'long'] = /^\s*\{\s*"type"\s*:\s*"(\w+)"/.exec(head) ?? [];
  const nested = /"parent_tool_use_id"\s*:\s*"/.test(head);
  if (type === 'user') {
    const ids = [...head.matchAll(toolResult)];
    return ids.map(([, id = '']) => ({ kind: 'tool-result', nested, id, isError: false, text: '' }));
  }
  if (type !== 'assistant') return [{ kind: 'other', type }];
  const [, message = ''] = /"id"\s*:\s*"(msg_[^"\\]+)"/.exec(head) ?? [];
  const calls = [...head.matchAll(toolUse)];
  if (calls.length === 0) return [{ kind: 'text', message, nested, text: '' }];
  return calls.map(([, id = '', name = '']) => ({ kind: 'tool', message, nested, id, name, essence: '' }));
}
