import type { KeyedRows } from './keyed.ts';
import type { Three } from './lines.ts';
import { firstCell, type Row } from './row.ts';

/** A row of the base that is gone on both sides, and what a side alone has in its place. */
export type Replaced = {
  readonly base: Row;
  readonly ours: Row | undefined;
  readonly theirs: Row | undefined;
};

/**
 * The rows that both sides took out and a side put something in the place of that the other has not: they may have
 * been renamed or edited, and then every version of them would stay. The place is between the same neighbours, or
 * anywhere under the same first cell.
 */
export function replacedByBoth({ base, ours, theirs }: Three<KeyedRows>): readonly Replaced[] {
  const gone = [...base].filter(([key]) => !ours.has(key) && !theirs.has(key));
  if (gone.length === 0) return [];
  const order = [...base.keys()];
  const [mine, yours] = [newIn(ours, theirs, order), newIn(theirs, ours, order)];
  return gone.flatMap(([key, row]) => {
    const found = { base: row, ours: mine(key, row), theirs: yours(key, row) };
    return found.ours === undefined && found.theirs === undefined ? [] : [found];
  });
}

/** Finds what only one side added in the place of a row of the base that it took out. */
function newIn(side: KeyedRows, other: KeyedRows, order: readonly string[]) {
  const inBase = new Set(order);
  const after = new Map<string | undefined, Row>();
  const byCell = new Map<string, Row>();
  let neighbour: string | undefined;
  for (const [key, row] of side) {
    if (inBase.has(key)) neighbour = key;
    else if (!other.has(key)) {
      if (!after.has(neighbour)) after.set(neighbour, row);
      if (!byCell.has(firstCell(row))) byCell.set(firstCell(row), row);
    }
  }
  const before = new Map<string, string | undefined>();
  let last: string | undefined;
  for (const key of order) {
    before.set(key, last);
    if (side.has(key)) last = key;
  }
  return (key: string, row: Row): Row | undefined => after.get(before.get(key)) ?? byCell.get(firstCell(row));
}
