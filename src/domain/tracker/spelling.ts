import type { KnownStatus } from '../status.ts';
import { usualSymbol } from '../status-words.ts';
import type { StatusCell } from './status-cell.ts';
import { addressable, type Tracker, type TrackerRow } from './tracker.ts';

/**
 * How this tracker writes a status: the spelling it uses most for it, emoji and emphasis included (of several, that
 * of the row's own table); a word that fits only some things, as `accepted` does, only where that table has no other.
 * A status that it does not have yet comes in the case, and with or without emoji, of the others.
 */
export function spellingOf(status: KnownStatus, tracker: Tracker, row: TrackerRow): string {
  const rows = addressable(tracker).filter((other) => other.status?.status === status);
  const table = tracker.tables.find(({ rows: own }) => own.includes(row));
  const count = new Map<string, { usual: number; times: number; here: number }>();
  for (const other of rows) {
    const { spelling = '', isUsual = false } = other.status ?? {};
    const before = count.get(spelling) ?? { usual: 0, times: 0, here: 0 };
    const here = table?.rows.includes(other) === true ? 1 : 0;
    count.set(spelling, { usual: isUsual ? 1 : 0, times: before.times + 1, here: before.here + here });
  }
  const fitting = [...count].filter(([, { usual, here }]) => usual > 0 || here > 0);
  const [best] = fitting.sort(([, a], [, b]) => b.usual - a.usual || b.times - a.times || b.here - a.here);
  return best?.[0] ?? madeUp(status, styleSample(tracker, row));
}

/** The statuses whose style a new one takes: those of the row's table where it has any, else of all. */
function styleSample(tracker: Tracker, row: TrackerRow): StatusCell[] {
  const known = (rows: readonly TrackerRow[]) =>
    rows.flatMap(({ status }) => (status === undefined || status.status === 'UNKNOWN' ? [] : [status]));
  const own = known(tracker.tables.find(({ rows }) => rows.includes(row))?.rows ?? []);
  return own.length > 0 ? own : known(addressable(tracker));
}

function madeUp(status: KnownStatus, sample: readonly StatusCell[]): string {
  const words = sample.map(({ word }) => word).filter((word) => word !== '');
  const most = (is: (word: string) => boolean) => words.filter(is).length * 2 > words.length;
  const gap = words.map((word) => /[ _-]/.exec(word)?.[0]).find((found) => found !== undefined) ?? '_';
  const plain = status.split('_');
  const word = most((each) => each === each.toLowerCase())
    ? plain.join(gap).toLowerCase()
    : most((each) => each !== each.toUpperCase())
      ? plain.map(capitalised).join(gap === '_' ? ' ' : gap)
      : plain.join(gap);
  const signs = sample.filter(({ symbol }) => symbol !== '');
  if (signs.length * 2 <= sample.length) return word;
  return words.length === 0 ? usualSymbol(status) : `${usualSymbol(status)} ${word}`;
}

const capitalised = (word: string) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`;
