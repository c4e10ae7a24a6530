import { linesOf } from '../tracker/lines.ts';
import { type MarkdownTable, parseTables, type TableRow } from '../tracker/table.ts';
import { type Row, rowKey, rowOf } from './row.ts';

/** A table of a text, with what it is found by in another version of that text. */
export type Table = {
  readonly kind: 'table';
  /** The headings it stands under, outermost first. */
  readonly headings: readonly string[];
  /** The last line above it that is not blank: what tells two tables under one heading apart. */
  readonly caption: string;
  readonly header: Row;
  readonly headerText: string;
  readonly delimiter: string;
  readonly rows: readonly Row[];
};

/** A Markdown text as its lines of prose and its tables. */
export type Document = readonly (string | Table)[];

/** Reads lines; what only looks like a table (in a code block, a comment) is prose, as are rows after a blank line. */
export function parseDocument(lines: readonly string[]): Document {
  const text = lines.join('\n');
  // A lone carriage return ends a line for the parser, and none for git.
  if (linesOf(`${text}\n`).length !== lines.length) return lines;
  const starts = lineStarts(lines);
  const tables = new Map(parseTables(text).tables.map((table) => [table.header.line - 1, table]));
  const items: (string | Table)[] = [];
  for (let at = 0; at < lines.length; at++) {
    const found = tables.get(at);
    if (found === undefined) {
      items.push(lines[at] ?? '');
      continue;
    }
    const row = (each: TableRow) => {
      const start = starts[each.line - 1] ?? 0;
      return rowOf(text, each, start, start + (lines[each.line - 1]?.length ?? 0));
    };
    items.push({
      ...tableOf(found, row),
      caption: captionOf(lines, at),
      headerText: lines[at] ?? '',
      delimiter: lines[at + 1] ?? '',
    });
    at += 1 + found.rows.length;
  }
  return items;
}

const tableOf = ({ headings, header, rows }: MarkdownTable, row: (each: TableRow) => Row) => ({
  kind: 'table' as const,
  headings,
  header: row(header),
  rows: rows.map(row),
});

function lineStarts(lines: readonly string[]): number[] {
  let next = 0;
  return lines.map(({ length }) => {
    const start = next;
    next += length + 1;
    return start;
  });
}

function captionOf(lines: readonly string[], header: number): string {
  let at = header - 1;
  while (at >= 0 && lines[at]?.trim() === '') at--;
  return lines[at]?.trim() ?? '';
}

/** A header as it is compared. */
export const headerKey = ({ header }: Table): string => rowKey(header);

/** The heading right above a table; `undefined` where there is none. */
export const sectionOf = ({ headings }: Table): string | undefined => headings.at(-1);

/** What two versions of a table have in common: its headings and its header row. */
export const tableKey = (table: Table): string => JSON.stringify([table.headings, headerKey(table)]);
