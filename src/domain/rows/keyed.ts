import { each, type Three } from './lines.ts';
import { firstCell, type Row, rowKey } from './row.ts';

/** The rows of one version of a table by key, in their order. */
export type KeyedRows = ReadonlyMap<string, Row>;

/**
 * Gives each row a key: its full first cell where that tells it from all others in every version, else all it says
 * (of rows that say the same, also which of them it is).
 */
export function keyRows(versions: Three<readonly Row[]>): Three<KeyedRows> {
  const repeated = new Set<string>();
  for (const rows of [versions.base, versions.ours, versions.theirs]) {
    const seen = new Set<string>();
    for (const cell of rows.map(firstCell)) {
      if (seen.has(cell)) repeated.add(cell);
      seen.add(cell);
    }
  }
  return each(versions, (rows) => {
    const keyed = new Map<string, Row>();
    const counts = new Map<string, number>();
    for (const row of rows) {
      const cell = firstCell(row);
      if (!repeated.has(cell)) {
        keyed.set(JSON.stringify([cell]), row);
        continue;
      }
      const key = rowKey(row);
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      keyed.set(JSON.stringify([cell, key, count]), row);
    }
    return keyed;
  });
}
