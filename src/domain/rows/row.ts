import type { TableRow } from '../tracker/table.ts';

/** A row of a table: between what it begins and ends with, its cells with the spaces around them. */
export type Row = {
  readonly lead: string;
  readonly cells: readonly string[];
  readonly tail: string;
  /** Its line, from 1. */
  readonly line: number;
};

/** A row with its line apart from it; `rowText` gives that line again. */
export function rowOf(text: string, { cells, line }: TableRow, from: number, to: number): Row {
  const [first, last] = [cells[0], cells.at(-1)];
  return {
    lead: text.slice(from, first?.start ?? to),
    cells: cells.map(({ start, end }) => text.slice(start, end)),
    tail: text.slice(last?.end ?? to, to),
    line,
  };
}

/** The line of a row. */
export const rowText = ({ lead, cells, tail }: Row): string => lead + cells.join('|') + tail;

/** What a row says, whatever spaces align it. */
export const rowKey = ({ cells }: Row): string => JSON.stringify(cells.map((cell) => cell.trim()));

/** What tells a row from the others of its table: the full first cell. */
export const firstCell = ({ cells }: Row): string => (cells[0] ?? '').trim();

/** The alignments that a delimiter row sets, whatever its width is. */
export const delimiterKey = (line: string): string => line.replace(/-+/g, '-').replace(/[ \t\r]/g, '');
