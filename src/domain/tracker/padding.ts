import { displayWidth } from '../display-width.ts';
import type { Cell } from './cells.ts';
import type { MarkdownTable, TableRow } from './table.ts';

const widthOf = (text: string, cell: Cell) => displayWidth(text.slice(cell.start, cell.end));

/**
 * How wide the cells of a column are where the table is lined up; `undefined` where it is not. Header, dashes and the
 * other rows (without `row`, which is to change) tell: all are as wide as the header, or wider with one space at each
 * side, and one of them has more spaces than it needs.
 */
export function columnWidth(
  text: string,
  table: MarkdownTable,
  column: number,
  row?: TableRow,
): number | undefined {
  const header = table.header.cells[column];
  const dashes = table.delimiter.cells[column];
  if (header === undefined || dashes === undefined) return undefined;
  const width = widthOf(text, header);
  if (widthOf(text, dashes) !== width) return undefined;
  const rows = [...table.rows, ...table.strays].filter(({ line }) => line !== row?.line);
  const cells = [header, ...rows.flatMap(({ cells: own }) => own[column] ?? [])];
  const isRoomy = (cell: Cell) => cell.end - cell.start - (cell.textEnd - cell.textStart) > 2;
  const fits = cells.every((cell) => {
    const own = widthOf(text, cell);
    return own === width || (own > width && !isRoomy(cell));
  });
  return fits && cells.some(isRoomy) ? width : undefined;
}

/** A cell with another text in it, its padding as it was. */
export function refilled(text: string, cell: Cell, content: string): string {
  if (cell.textStart === cell.textEnd) return ` ${content} `;
  return text.slice(cell.start, cell.textStart) + content + text.slice(cell.textEnd, cell.end);
}

/** A cell with another text in it, as wide as its column where that is lined up and the text fits. */
export function filled(text: string, cell: Cell, content: string, width: number | undefined): string {
  const plain = refilled(text, cell, content);
  const own = widthOf(text, cell);
  const isInLine = width !== undefined && own >= width;
  if (!isInLine) return plain;
  const isRight = cell.textEnd === cell.end - 1 && cell.textStart > cell.start + 1;
  const kept = isRight ? ' ' : text.slice(cell.start, cell.textStart) || ' ';
  const room = Math.max(1, width - displayWidth(content) - displayWidth(kept));
  return isRight ? ' '.repeat(room) + content + kept : kept + content + ' '.repeat(room);
}
