import { epochMs, type ResultEvent } from './stream-event.ts';

/** What a claude was told of its limit; `resetsAt` is in epoch milliseconds, `undefined` where nobody told. */
export type RateLimit = { readonly resetsAt: number | undefined };

/** Times that JavaScript's dates and RFC 3339 can hold. */
const latest = Date.parse('9999-12-31T23:59:59.999Z');

// Of an API key and of a subscription (2.1.197), and of claude before 2.
const sayings = [
  /\brate.?limit/i,
  /\b(?:usage|session|weekly|opus|sonnet|5-hour) limit\b/i,
  /hit your .{0,40}limit/i,
];
const spokenEpoch = /limit reached[^|]{0,40}\|(\d{10,13})\b/i;

/**
 * The limit that ended a claude: by the status of its error, by a rejection that came before the error, or by its
 * words, as in `Claude AI usage limit reached|1760000400`. `undefined` when it ended otherwise.
 */
export function limitBehind(
  result: Pick<ResultEvent, 'is_error' | 'subtype' | 'api_error_status' | 'result' | 'errors'>,
  announced: RateLimit | undefined,
): RateLimit | undefined {
  if (!result.is_error || ownLimits.includes(result.subtype)) return undefined;
  const words = (result.errors[0] ?? result.result ?? '').slice(0, 2_000);
  const status = result.api_error_status ?? undefined;
  const isSaid = status === undefined && sayings.some((saying) => saying.test(words));
  const isAnnounced = announced !== undefined && (status === undefined || status < 500);
  if (status !== 429 && !isAnnounced && !isSaid) return undefined;
  const spoken = Number(spokenEpoch.exec(words)?.[1] ?? Number.NaN);
  const told = announced?.resetsAt ?? epochMs(spoken);
  return { resetsAt: told === undefined || told > latest ? undefined : Math.round(told) };
}

/** The user's limits, not the API's. */
const ownLimits = ['error_max_turns', 'error_max_budget_usd'];
