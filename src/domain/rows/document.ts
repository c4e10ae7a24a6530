import { linesOf } from '../tracker/lines.ts';
import { type MarkdownTable, parseTables, type TableRow } from '../tracker/table.ts';
import { type Row, rowKey, rowOf, rowText } from './row.ts';

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
  /** 0 for what a header stands above; rows that follow after blank lines are parts of their own. */
  readonly part: number;
  readonly rows: readonly Row[];
};

/** A Markdown text as its lines of prose and its tables. */
export type Document = readonly (string | Table)[];

/** Reads lines; what only looks like a table (in a code block, a comment) is prose. */
export function parseDocument(lines: readonly string[]): Document {
  const text = lines.join('\n');
  // A lone carriage return ends a line for the parser, and none for git.
  if (linesOf(`${text}\n`).length !== lines.length) return lines;
  const starts = lineStarts(lines);
  const tables = new Map(
    parseTables(text).tables.flatMap((table) =>
      partsOf(table).map(
        (part) => [(part.part === 0 ? table.header : part.rows[0])?.line ?? 0, part] as const,
      ),
    ),
  );
  const items: (string | Table)[] = [];
  for (let at = 0; at < lines.length; at++) {
    const found = tables.get(at + 1);
    if (found === undefined) {
      items.push(lines[at] ?? '');
      continue;
    }
    const row = (each: TableRow) => {
      const start = starts[each.line - 1] ?? 0;
      return rowOf(text, each, start, start + (lines[each.line - 1]?.length ?? 0));
    };
    items.push({
      kind: 'table',
      headings: found.table.headings,
      caption: captionOf(lines, at),
      header: row(found.table.header),
      headerText: lines[found.table.header.line - 1] ?? '',
      delimiter: lines[found.table.header.line] ?? '',
      part: found.part,
      rows: found.rows.map(row),
    });
    at += found.rows.length - (found.part === 0 ? -1 : 1);
  }
  return items;
}

/** The rows below the header, and each run of rows that blank lines part from them. */
function partsOf(table: MarkdownTable) {
  const parts: TableRow[][] = [[...table.rows]];
  let line = -1;
  for (const row of table.strays) {
    if (row.line === line + 1) parts.at(-1)?.push(row);
    else parts.push([row]);
    line = row.line;
  }
  return parts.map((rows, part) => ({ table, part, rows }));
}

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
export const tableKey = (table: Table): string =>
  JSON.stringify([table.headings, headerKey(table), table.part]);

/** The lines of a table: the first part's begin with its header. */
export const tableLines = ({ part, headerText, delimiter, rows }: Table): string[] => [
  ...(part === 0 ? [headerText, delimiter] : []),
  ...rows.map(rowText),
];
