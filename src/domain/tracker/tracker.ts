import type { Cell } from './cells.ts';
import { type Columns, columnsOf } from './columns.ts';
import { isHistory } from './history.ts';
import { linkTargets, plainText } from './plain.ts';
import { readStatus, type StatusCell } from './status-cell.ts';
import { type MarkdownTable, type MarkdownText, parseTables, type TableRow } from './table.ts';

/** A row of a tracker, with everything it can be addressed by. */
export type TrackerRow = {
  readonly id: string;
  readonly title: string | undefined;
  readonly line: number;
  /** Its status; `undefined` where its table has none, or the cell is empty. */
  readonly status: StatusCell | undefined;
  /** The cell that its status belongs in. */
  readonly cell: Cell | undefined;
  readonly column: number | undefined;
  readonly parent: string;
  readonly links: readonly string[];
  /** The headings over its table, and the caption of that. */
  readonly headings: readonly string[];
  /** The first cell, as it stands in the file. */
  readonly label: string;
};

/** A table of a tracker. */
export type TrackerTable = {
  /** Its caption, else its section. */
  readonly title: string;
  readonly line: number;
  readonly columns: Columns;
  readonly rows: readonly TrackerRow[];
  /** A log: what stands in it is no work to address. */
  readonly isHistory: boolean;
  readonly source: MarkdownTable;
};

/** A WORKTRACKER.md as wt reads it. */
export type Tracker = { readonly source: MarkdownText; readonly tables: readonly TrackerTable[] };

/** Reads a tracker; any Markdown is one, if only without rows. */
export function readTracker(text: string): Tracker {
  const source = parseTables(text);
  return { source, tables: source.tables.map(tableOf) };
}

function tableOf(source: MarkdownTable): TrackerTable {
  const columns = columnsOf(source);
  const { caption, header } = source;
  const headings = caption === undefined ? source.headings : [...source.headings, caption];
  return {
    title: headings.at(-1) ?? '',
    line: header.line,
    columns,
    rows: [...source.rows, ...source.strays].map((row) => rowOf(row, columns, headings)),
    isHistory: isHistory(source, columns),
    source,
  };
}

function rowOf(row: TableRow, columns: Columns, headings: readonly string[]): TrackerRow {
  const at = (column: number | undefined) => (column === undefined ? undefined : row.cells[column]);
  const id = plainText(at(columns.id)?.text ?? '');
  const isStatus = columns.isProperties && /^(?:current |overall |project )?status$/i.test(id);
  const column = isStatus ? 1 : columns.status;
  const cell = at(column);
  const title = columns.title === column ? undefined : at(columns.title)?.text;
  return {
    id,
    title: title === undefined ? undefined : plainText(title),
    line: row.line,
    status: cell === undefined || cell.text === '' ? undefined : readStatus(cell.text),
    cell,
    column,
    parent: plainText(at(columns.parent)?.text ?? ''),
    links: row.cells.flatMap(({ text }) => linkTargets(text)),
    headings,
    label: row.cells[0]?.text ?? '',
  };
}

/** The rows that have a place for a status. */
export const addressable = (tracker: Tracker): TrackerRow[] =>
  tracker.tables.flatMap((table) =>
    table.isHistory ? [] : table.rows.filter(({ cell, id }) => cell !== undefined && !/^[-–—\s]*$/.test(id)),
  );
