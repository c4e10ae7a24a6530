import type { Status } from '../status.ts';
import { meaningOf, sign, symbolMeaning } from '../status-words.ts';

/** What may follow a status without another meaning: `COMPLETE_WITH_CAVEATS`, `BLOCKED_BY_EN_2`. */
const qualifying = new Set([
  'with',
  'after',
  'on',
  'at',
  'in',
  'by',
  'for',
  'pending',
  'per',
  'via',
  'awaiting',
]);
/** What stands before what a status is about: `WAITING_FOR_BARRIER_1`. */
const leading = new Set(['for', 'on', 'awaiting']);

/** What a file's own spelling means: upper or lower case, separators, emoji and remarks in brackets do not count. */
export function statusOf(raw: string): Status {
  let text = raw.trim();
  let symbol: string | undefined;
  for (let found = sign.exec(text); found !== null; found = sign.exec(text)) {
    symbol ??= found[0];
    text = text.slice(found[0].length).trimStart();
  }
  const bare = text.replace(/\(.*$|\[.*$|\s[-–—:].*$/su, '');
  const words = (bare.trim() === '' ? text : bare)
    .toLowerCase()
    .replace(/['’]/g, '')
    .split(/[^\p{L}\p{N}{}]+/u)
    .filter((word) => word !== '');
  if (words.length === 0) return (symbol === undefined ? undefined : symbolMeaning(symbol)) ?? 'UNKNOWN';
  const known = qualified(words);
  if (known !== undefined) return known;
  const [first, ...rest] = words;
  if (first !== undefined && /^(?:conditional|user|auto)$/.test(first)) return qualified(rest) ?? 'UNKNOWN';
  if (first !== 'phase') return 'UNKNOWN';
  // `PHASE_1_PENDING`, of the whole: one phase that is over does not make it complete.
  const ofPhase = qualified(words.slice(2)) ?? 'UNKNOWN';
  return ofPhase === 'COMPLETE' || ofPhase === 'SKIPPED' ? 'IN_PROGRESS' : ofPhase;
}

function qualified(words: readonly string[]): Status | undefined {
  for (let count = Math.min(words.length, 5); count > 0; count -= 1) {
    const next = words[count];
    const isWhole = next === undefined || qualifying.has(next) || leading.has(words[count - 1] ?? '');
    if (!isWhole) continue;
    const meaning = meaningOf(words.slice(0, count).join(' '));
    if (meaning !== undefined) return meaning.status;
  }
  return undefined;
}

/** Whether work of this status needs nothing more before what depends on it may begin. */
export const isDone = (status: Status): boolean => status === 'COMPLETE' || status === 'SKIPPED';

/** Whether it has not begun. */
export const isWaiting = (status: Status): boolean =>
  status === 'PENDING' || status === 'READY' || status === 'BLOCKED';

/** Words that only one kind of item uses: an agent is not ACTIVE because the workflow is. */
const peculiar =
  /^(?:active|paused|pass|passed|fail|escalated|approved|accepted|rejected|merged|phase_\w+|all_gates_pass)$/i;

/** A status as a file writes it, and the kind of thing that has it. */
export type Spelled = { readonly raw: string; readonly kind: string };

/**
 * A canonical name in the words of a file: its most frequent spelling there, and where it has none the case that
 * the file uses. A word that belongs to another kind of thing does not count.
 */
export function spell(status: Status, kind: string, found: readonly Spelled[]): string {
  const counts = new Map<string, number>();
  for (const { raw, kind: of } of found) {
    if (statusOf(raw) !== status || /\d|[\r\n{]/.test(raw) || raw.trim() !== raw) continue;
    if (peculiar.test(raw) && of !== kind) continue;
    counts.set(raw, (counts.get(raw) ?? 0) + 1);
  }
  let best: string | undefined;
  for (const [raw, count] of counts) {
    const most = best === undefined ? 0 : (counts.get(best) ?? 0);
    if (count > most || (count === most && raw.toUpperCase() === status && best?.toUpperCase() !== status))
      best = raw;
  }
  return best ?? inCaseOf(status, found);
}

function inCaseOf(status: Status, found: readonly Spelled[]): string {
  const letters = found.map(({ raw }) => raw).filter((raw) => /\p{L}/u.test(raw) && !/[{}]/.test(raw));
  const lower = letters.filter((raw) => raw === raw.toLowerCase()).length;
  const upper = letters.filter((raw) => raw === raw.toUpperCase()).length;
  const other = letters.length - lower - upper;
  if (lower > upper && lower >= other) return status.toLowerCase();
  if (other > upper) return `${status.slice(0, 1)}${status.slice(1).toLowerCase()}`;
  return status;
}
