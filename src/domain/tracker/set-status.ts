import { failures } from '../failure.ts';
import type { Warning } from '../warning.ts';
import type { Addressed } from './address.ts';
import type { Cell } from './cells.ts';
import { historyRow } from './history-row.ts';
import { linesOf, type TextLine, usualEnding } from './lines.ts';
import { columnWidth, filled, refilled } from './padding.ts';
import { plainText } from './plain.ts';
import { rowDates } from './row-dates.ts';
import { readStatus } from './status-cell.ts';
import type { Tracker, TrackerRow } from './tracker.ts';
import { isOnlyThat } from './verify.ts';
import { escapedPipes, holds, type Wish, written } from './wish.ts';

/** A line as it was, `undefined` for a new one, and as it is. */
export type LineChange = {
  readonly line: number;
  readonly before: string | undefined;
  readonly after: string;
};

/** A tracker with one row changed. */
export type Edit = {
  readonly text: string;
  readonly before: string;
  readonly after: string;
  /** The lines that changed or are new, numbered as they are now, in order. */
  readonly changes: readonly LineChange[];
  readonly warnings: readonly Warning[];
};

/** Changes the status of one row; every other byte stays. Throws where it is not in the state asked for. */
export function setStatus(tracker: Tracker, { address, row }: Addressed, wish: Wish): Edit {
  const { cell, status } = row;
  if (cell === undefined) throw failures.rowNotFound(address, wish.file, []);
  if (wish.when !== undefined && !holds(wish.when, cell.text, status))
    throw failures.rowStatusMismatch(address, wish.file, wish.when, cell.text);
  const wanted = wish.status.trim();
  if (wanted === '' || /[\r\n]/.test(wanted)) throw failures.notACellText(wish.status);
  if (!wish.statusOnly) {
    const { after, warnings } = written(tracker, row, wanted);
    const edit = edited(tracker, row, after, { ...wish, address });
    if (edit === undefined) throw failures.notACellText(wish.status);
    return { ...edit, before: cell.text, after, warnings };
  }
  // As given; a pipe may be escaped or in code already, and is escaped only where it would end the cell.
  for (const after of [wanted, escapedPipes(wanted)]) {
    const edit = edited(tracker, row, after, undefined);
    if (edit !== undefined) return { ...edit, before: cell.text, after, warnings: [] };
  }
  throw failures.notACellText(wish.status);
}

type Log = Pick<Wish, 'note' | 'now'> & { readonly address: string };

/** The text with another status in a row, and a row in its history for a log; `undefined` where more would change. */
function edited(
  tracker: Tracker,
  row: TrackerRow,
  after: string,
  log: Log | undefined,
): Pick<Edit, 'text' | 'changes'> | undefined {
  const { text, lines } = tracker.source;
  const { cell } = row;
  if (cell === undefined) return undefined;
  if (after === cell.text) return { text, changes: [] };
  const statuses = { before: plainText(cell.text), after: plainText(after) };
  const history = log && historyRow(tracker, { ...log, ...statuses });
  const place = { row, cell, column: row.column };
  const content = log === undefined ? refilled(text, cell, after) : inLine(tracker, place, after);
  const dates = log === undefined ? [] : rowDates(tracker, row, readStatus(after).status, log.now);
  const result = spliced(text, [
    { start: cell.start, end: cell.end, text: content },
    ...dates.map(({ cell: each, column, text: date }) => ({
      start: each.start,
      end: each.end,
      text: inLine(tracker, { ...place, cell: each, column }, date),
    })),
    ...(history === undefined
      ? []
      : [{ start: history.at, end: history.at, text: usualEnding(lines) + history.text }]),
  ]);
  const isAbove = history !== undefined && history.at < cell.start;
  const line = row.line + (isAbove ? 1 : 0);
  const logged = history === undefined ? [] : [lineAt(lines, history.at) + 1];
  if (!isOnlyThat(tracker, result, { line, after, added: logged.length })) return undefined;
  const now = linesOf(result);
  const changes = [
    { line, before: lineText(text, lines, row.line), after: lineText(result, now, line) },
    ...logged.map((at) => ({ line: at, before: undefined, after: lineText(result, now, at) })),
  ];
  return { text: result, changes: changes.sort((a, b) => a.line - b.line) };
}

const lineText = (text: string, lines: readonly TextLine[], line: number): string =>
  text.slice(lines[line - 1]?.start, lines[line - 1]?.end);

type Place = { readonly row: TrackerRow; readonly cell: Cell; readonly column: number | undefined };

function inLine({ source, tables }: Tracker, { row, cell, column }: Place, after: string): string {
  const table = tables.find(({ rows }) => rows.includes(row))?.source;
  if (table === undefined || column === undefined) return after;
  const own = [...table.rows, ...table.strays].find(({ line }) => line === row.line);
  return filled(source.text, cell, after, columnWidth(source.text, table, column, own));
}

type Splice = { readonly start: number; readonly end: number; readonly text: string };

function spliced(text: string, splices: readonly Splice[]): string {
  let result = text;
  for (const { start, end, text: piece } of splices.toSorted((a, b) => b.start - a.start))
    result = result.slice(0, start) + piece + result.slice(end);
  return result;
}

const lineAt = (lines: readonly TextLine[], at: number): number =>
  lines.findIndex(({ end }) => end >= at) + 1;
