import type { Place } from './conflict.ts';
import { pick, type Three } from './lines.ts';
import { type Row, rowText } from './row.ts';

/** A merged row, or the columns whose cells both sides changed differently (-1: the row as a whole). */
export type CellMerge =
  | { readonly kind: 'merged'; readonly row: Row }
  | {
      readonly kind: 'conflicts';
      readonly cells: readonly ({ readonly column: number } & Three<Place>)[];
    };

/** Merges versions of a row cell by cell; rows of different widths only as a whole. */
export function mergeCells(rows: Three<Row>): CellMerge {
  const { base, ours, theirs } = rows;
  const width = base.cells.length;
  if (ours.cells.length !== width || theirs.cells.length !== width) return mergeWhole(rows);
  const cells: string[] = [];
  const conflicts: ({ readonly column: number } & Three<Place>)[] = [];
  for (let column = 0; column < width; column++) {
    const place = (row: Row) => ({ line: row.line, text: row.cells[column] ?? '' });
    const versions = { base: place(base), ours: place(ours), theirs: place(theirs) };
    const text = mergeCell({
      base: versions.base.text,
      ours: versions.ours.text,
      theirs: versions.theirs.text,
    });
    if (text !== undefined) cells.push(text);
    else conflicts.push({ column, ...bare(versions) });
  }
  if (conflicts.length > 0) return { kind: 'conflicts', cells: conflicts };
  // What is around the cells only aligns them.
  const lead = pick({ base: base.lead, ours: ours.lead, theirs: theirs.lead }) ?? ours.lead;
  const tail = pick({ base: base.tail, ours: ours.tail, theirs: theirs.tail }) ?? ours.tail;
  return { kind: 'merged', row: { lead, cells, tail, line: ours.line } };
}

const bare = ({ base, ours, theirs }: Three<Place>): Three<Place> => {
  const trim = ({ line, text }: Place) => ({ line, text: text.trim() });
  return { base: trim(base), ours: trim(ours), theirs: trim(theirs) };
};

/** What a cell says decides; the spaces around it come from the side that changed them. */
function mergeCell({ base, ours, theirs }: Three<string>): string | undefined {
  const said = pick({ base: base.trim(), ours: ours.trim(), theirs: theirs.trim() });
  if (said === undefined) return undefined;
  if (ours.trim() !== said) return theirs;
  if (theirs.trim() !== said) return ours;
  return pick({ base, ours, theirs }) ?? ours;
}

function mergeWhole({ base, ours, theirs }: Three<Row>): CellMerge {
  const text = pick({ base: rowText(base), ours: rowText(ours), theirs: rowText(theirs) });
  if (text !== undefined) return { kind: 'merged', row: text === rowText(ours) ? ours : theirs };
  const place = (row: Row): Place => ({ line: row.line, text: rowText(row) });
  return {
    kind: 'conflicts',
    cells: [{ column: -1, base: place(base), ours: place(ours), theirs: place(theirs) }],
  };
}
