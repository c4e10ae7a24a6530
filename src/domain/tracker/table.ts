import { type Block, blocksOf } from './blocks.ts';
import { type Cell, cellsAroundCode, cellsOf } from './cells.ts';
import { linesOf, type TextLine } from './lines.ts';
import { plainText } from './plain.ts';

/** One row: its line (from 1), the range of that line without its ending, and its cells. */
export type TableRow = {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly cells: readonly Cell[];
};

export type Alignment = 'left' | 'right' | 'center' | undefined;

/** A table of a Markdown text, with where all of it stands in that text. */
export type MarkdownTable = {
  /** The headings it stands under, outermost first, as plain text; the last one is its section. */
  readonly headings: readonly string[];
  /** The bold line right above it, as plain text: `**EN-101: Research** (3 tasks)`. */
  readonly caption: string | undefined;
  readonly header: TableRow;
  /** The line of dashes under the header. */
  readonly delimiter: TableRow;
  readonly alignments: readonly Alignment[];
  /** The rows right under it. */
  readonly rows: readonly TableRow[];
  /** Rows of the same width that follow after blank lines: no table to a renderer, rows to whoever wrote them. */
  readonly strays: readonly TableRow[];
};

/** A Markdown text as wt reads it: its lines and its tables, in order. */
export type MarkdownText = {
  readonly text: string;
  readonly lines: readonly TextLine[];
  readonly tables: readonly MarkdownTable[];
};

/** Finds the tables of a text (GFM); those in code, comments and front matter are none. */
export function parseTables(text: string): MarkdownText {
  const lines = linesOf(text);
  const blocks = blocksOf(text, lines);
  const source = { text, lines, blocks };
  const tables: MarkdownTable[] = [];
  const path: { level: number; title: string }[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const heading = headingAt(source, index);
    if (heading !== undefined) {
      while ((path.at(-1)?.level ?? 0) >= heading.level) path.pop();
      path.push(heading);
      continue;
    }
    const top = topAt(source, index);
    if (top === undefined) continue;
    const body = rowsFrom(source, index + 2, top.header.cells.length, top.quote);
    const after = straysFrom(source, body.next, top.header.cells.length, top.quote);
    const headings = path.map(({ title }) => title);
    const { header, delimiter, alignments } = top;
    const caption = captionAbove(source, index);
    tables.push({ headings, caption, header, delimiter, alignments, rows: body.rows, strays: after.rows });
    index = after.next - 1;
  }
  return { text, lines, tables };
}

/** What identifies a row to a reader: the plain text of its first cell. */
export const rowId = (row: TableRow): string => plainText(row.cells[0]?.text ?? '');

type Source = {
  readonly text: string;
  readonly lines: readonly TextLine[];
  readonly blocks: readonly Block[];
};

function headingAt({ text, lines, blocks }: Source, index: number) {
  const [block, line] = [blocks[index], lines[index]];
  if (block === undefined || line === undefined) return undefined;
  const content = text.slice(block.start, line.end);
  if (block.kind === 'heading')
    return { level: block.level ?? 1, title: plainText(content.replace(/^#+|[ \t]#+[ \t]*$/g, '')) };
  const under = blocks[index + 1];
  const isTitle = block.kind === 'text' && under?.kind === 'rule' && !content.includes('|');
  return isTitle ? { level: under.level ?? 2, title: plainText(content) } : undefined;
}

function captionAbove({ text, lines, blocks }: Source, index: number): string | undefined {
  let above = index - 1;
  while (blocks[above]?.kind === 'blank') above -= 1;
  const [block, line] = [blocks[above], lines[above]];
  if (block?.kind !== 'text' || line === undefined) return undefined;
  const content = text.slice(block.start, line.end);
  const isCaption = content.length <= 300 && /^(?:\*\*|__)\S/.test(content);
  return isCaption ? plainText(content).replace(/:$/, '') : undefined;
}

/** Header and delimiter of a table that begins at a line. */
function topAt(source: Source, index: number) {
  const block = source.blocks[index];
  const header = rowAt(source, index);
  const delimiter = rowAt(source, index + 1);
  if (block === undefined || header === undefined || delimiter === undefined) return undefined;
  if (block.quote !== source.blocks[index + 1]?.quote) return undefined;
  if (!delimiter.cells.every(({ text }) => /^:?-+:?$/.test(text))) return undefined;
  const columns = delimiter.cells.length;
  const whole = header.cells.length === columns ? header : aroundCode(source.text, header, columns);
  // GFM wants as many dashes as headers; where both lines begin with a pipe nothing else can be meant.
  const isPiped = source.text[header.start] === '|' && source.text[delimiter.start] === '|';
  if (whole.cells.length !== columns && !isPiped) return undefined;
  return { header: whole, delimiter, alignments: delimiter.cells.map(alignmentOf), quote: block.quote };
}

function alignmentOf({ text }: Cell): Alignment {
  if (text.startsWith(':')) return text.endsWith(':') && text.length > 1 ? 'center' : 'left';
  return text.endsWith(':') ? 'right' : undefined;
}

/** A line as a row: text with at least one pipe that is not escaped. `start` is after the `>` of a quote. */
function rowAt({ text, lines, blocks }: Source, index: number): TableRow | undefined {
  const [block, line] = [blocks[index], lines[index]];
  if (block?.kind !== 'text' || line === undefined) return undefined;
  if (!text.slice(block.start, line.end).includes('|')) return undefined;
  const cells = cellsOf(text, block.start, line.end);
  const isPiped = cells.length > 1 || text[block.start] === '|' || text[cells[0]?.end ?? 0] === '|';
  return isPiped ? { line: index + 1, start: block.start, end: line.end, cells } : undefined;
}

/** A row that has too many cells, read with its code spans whole when it then has as many as it needs. */
function aroundCode(text: string, row: TableRow, columns: number): TableRow {
  if (row.cells.length <= columns) return row;
  const cells = cellsAroundCode(text, row.start, row.end);
  return cells.length === columns ? { ...row, cells } : row;
}

function rowsFrom(source: Source, from: number, columns: number, quote: number) {
  const rows: TableRow[] = [];
  let next = from;
  for (; source.blocks[next]?.quote === quote; next += 1) {
    const row = rowAt(source, next);
    if (row === undefined) break;
    rows.push(aroundCode(source.text, row, columns));
  }
  return { rows, next };
}

function straysFrom(source: Source, from: number, columns: number, quote: number) {
  const rows: TableRow[] = [];
  let next = from;
  for (;;) {
    let at = next;
    while (source.blocks[at]?.kind === 'blank') at += 1;
    if (at === next || source.text[source.blocks[at]?.start ?? -1] !== '|') return { rows, next };
    if (topAt(source, at) !== undefined) return { rows, next };
    const more = rowsFrom(source, at, columns, quote);
    if (more.rows.length === 0 || more.rows.some(({ cells }) => cells.length !== columns))
      return { rows, next };
    rows.push(...more.rows);
    next = more.next;
  }
}
