import type { StreamEvent } from './headless.ts';

/** The keys of an event that wt reads; below `permission_denials` and `content` every key counts. */
const topLevel = new Set(
  `type subtype session_id cwd tools model message parent_tool_use_id is_error api_error_status result num_turns
  duration_ms total_cost_usd usage permission_denials structured_output errors stop_reason rate_limit_info attempt
  max_retries retry_delay_ms error_status`.split(/\s+/),
);
const inMessage = new Set(['id', 'role', 'model', 'content', 'usage']);
const inUsage = new Set([
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
]);

/** Keys whose values are compared, not only their types: they are words of the protocol, or decide something. */
const literal = new Set(
  `type subtype role name tool_name is_error api_error_status num_turns stop_reason status rateLimitType error_status
  attempt max_retries`.split(/\s+/),
);

/** The kinds of events that wt heeds; claude may say more at any time. */
const heeded = new Set([
  'system/init',
  'system/api_retry',
  'assistant',
  'user',
  'result',
  'rate_limit_event',
]);

/** A stream as the sequence of the shapes of what wt reads of it: keys, types, and the words of the protocol. */
export function streamShape(events: readonly StreamEvent[]): unknown[] {
  return events
    .filter(({ type, subtype }) => heeded.has(type === 'system' ? `system/${subtype}` : String(type)))
    .map((event) => shapeOf(pick(event, topLevel)));
}

const pick = (object: object, keys: ReadonlySet<string>): object =>
  Object.fromEntries(Object.entries(object).filter(([key]) => keys.has(key)));

function shapeOf(value: unknown, key = ''): unknown {
  if (literal.has(key)) return value;
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const strings = value.length > 0 && value.every((element) => typeof element === 'string');
    return strings ? 'strings' : value.map((element) => shapeOf(element));
  }
  if (typeof value !== 'object') return typeof value;
  const wanted = key === 'message' ? pick(value, inMessage) : key === 'usage' ? pick(value, inUsage) : value;
  return Object.fromEntries(
    Object.entries(wanted)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, shapeOf(inner, name)]),
  );
}
