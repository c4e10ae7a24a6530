import { failures } from '../failure.ts';
import type { Warning } from '../warning.ts';
import type { Addressed } from './address.ts';
import { historyRow } from './history-row.ts';
import { linesOf, type TextLine, usualEnding } from './lines.ts';
import { columnWidth, filled, refilled } from './padding.ts';
import { plainText } from './plain.ts';
import { spellingOf } from './spelling.ts';
import { readStatus, type StatusCell } from './status-cell.ts';
import { readTracker, type Tracker, type TrackerRow } from './tracker.ts';
import { CanonicalStatus } from './vocabulary.ts';

/** What a row is to become. */
export type Wish = {
  /** A canonical name, or a text. */
  readonly status: string;
  /** Only if this is its status now. */
  readonly when: string | undefined;
  /** The text goes in as given, and nothing else changes. */
  readonly statusOnly: boolean;
  readonly note: string | undefined;
  readonly now: Date;
  /** For messages. */
  readonly file: string;
};

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

/** Changes the status of one row; every other byte stays. Throws where the row has none, or is not in the state asked for. */
export function setStatus(tracker: Tracker, { address, row }: Addressed, wish: Wish): Edit {
  const { text } = tracker.source;
  const { cell, status } = row;
  if (cell === undefined) throw failures.rowNotFound(address, wish.file, []);
  const before = cell.text;
  if (wish.when !== undefined && !holds(wish.when, before, status))
    throw failures.rowStatusMismatch(address, wish.file, wish.when, before);
  const { after, warnings } = wish.statusOnly
    ? { after: escapedPipes(wish.status.trim()), warnings: [] }
    : written(tracker, row, wish.status.trim());
  if (after === '' || /[\r\n]/.test(after)) throw failures.notACellText(wish.status);
  if (after === before) return { text, before, after, changes: [], warnings };

  const content = wish.statusOnly ? refilled(text, cell, after) : inLine(tracker, row, after);
  const change = {
    address,
    before: plainText(before),
    after: plainText(after),
    note: wish.note,
    now: wish.now,
  };
  const history = wish.statusOnly ? undefined : historyRow(tracker, change);
  const edited = spliced(text, [
    { start: cell.start, end: cell.end, text: content },
    ...(history === undefined
      ? []
      : [{ start: history.at, end: history.at, text: usualEnding(tracker.source.lines) + history.text }]),
  ]);
  const isAbove = history !== undefined && history.at < cell.start;
  const line = row.line + (isAbove ? 1 : 0);
  const logged = history === undefined ? [] : [lineAt(tracker.source.lines, history.at) + 1];
  assertOnly(tracker, edited, { line, after, added: logged.length, status: wish.status });
  const lines = linesOf(edited);
  const changeAt = (at: number, was: string | undefined) => ({
    line: at,
    before: was,
    after: lineText(edited, lines, at),
  });
  const changes = [
    changeAt(line, lineText(text, tracker.source.lines, row.line)),
    ...logged.map((at) => changeAt(at, undefined)),
  ];
  return { text: edited, before, after, changes: changes.sort((a, b) => a.line - b.line), warnings };
}

const lineText = (text: string, lines: readonly TextLine[], line: number): string =>
  text.slice(lines[line - 1]?.start, lines[line - 1]?.end);

/** A canonical name in the file's spelling, any other text as given; a link stays, what qualified the old status goes. */
function written(tracker: Tracker, row: TrackerRow, wanted: string) {
  const name = CanonicalStatus.safeParse(wanted).data;
  const warnings: Warning[] = [];
  if (name !== undefined && name !== 'UNKNOWN' && name === row.status?.status)
    return { after: row.cell?.text ?? '', warnings };
  const isKnown = name !== undefined && name !== 'UNKNOWN';
  const spelling = isKnown ? spellingOf(name, tracker, row) : escapedPipes(wanted);
  if (!isKnown && readStatus(spelling).status === 'UNKNOWN')
    warnings.push({
      code: 'unknown_status',
      message: `'${wanted}' is no status that wt knows; it is written as given`,
    });
  const { link, qualifier = '' } = row.status ?? {};
  if (qualifier !== '')
    warnings.push({
      code: 'qualifier_dropped',
      message: `'${qualifier}' was said of the old status and is not kept`,
    });
  return { after: link === undefined ? spelling : `[${spelling}${link}`, warnings };
}

function inLine({ source, tables }: Tracker, row: TrackerRow, after: string): string {
  const table = tables.find(({ rows }) => rows.includes(row))?.source;
  const { cell, column } = row;
  if (table === undefined || cell === undefined || column === undefined) return after;
  const own = [...table.rows, ...table.strays].find(({ line }) => line === row.line);
  return filled(source.text, cell, after, columnWidth(source.text, table, column, own));
}

/** Whether a status is what `--if` says: as it is written, or in what it means. */
function holds(wanted: string, raw: string, status: StatusCell | undefined): boolean {
  const plain = (text: string) => plainText(text).toLowerCase();
  const written = [raw, status?.spelling ?? '', status?.word ?? ''].map(plain);
  if (written.includes(plain(wanted))) return true;
  const meant = CanonicalStatus.safeParse(wanted).data ?? readStatus(wanted).status;
  return meant !== 'UNKNOWN' && meant === status?.status;
}

const escapedPipes = (text: string) => text.replace(/(?<!\\)((?:\\\\)*)\|/g, '$1\\|');

type Splice = { readonly start: number; readonly end: number; readonly text: string };

function spliced(text: string, splices: readonly Splice[]): string {
  let result = text;
  for (const { start, end, text: piece } of splices.toSorted((a, b) => b.start - a.start))
    result = result.slice(0, start) + piece + result.slice(end);
  return result;
}

const lineAt = (lines: readonly TextLine[], at: number): number =>
  lines.findIndex(({ end }) => end >= at) + 1;

/** Reads the result again: it has the same tables and rows, with this status in this one. */
function assertOnly(
  tracker: Tracker,
  text: string,
  expected: {
    readonly line: number;
    readonly after: string;
    readonly added: number;
    readonly status: string;
  },
): void {
  const cellsOf = ({ tables }: Tracker) =>
    tables.flatMap(({ source }) =>
      [source.header, ...source.rows, ...source.strays].map(({ line, cells }) => ({
        line,
        count: cells.length,
      })),
    );
  const [old, fresh] = [cellsOf(tracker), readTracker(text)];
  const rows = cellsOf(fresh);
  const row = fresh.tables.flatMap((table) => table.rows).find(({ line }) => line === expected.line);
  const counts = (all: typeof rows) => all.reduce((sum, { count }) => sum + count, 0);
  const isSame = rows.length === old.length + expected.added && row?.cell?.text === expected.after;
  if (!isSame || (expected.added === 0 && counts(rows) !== counts(old)))
    throw failures.notACellText(expected.status);
}
