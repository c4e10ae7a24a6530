import { readTracker, type Tracker } from './tracker.ts';

/** What an edit was to do. */
export type Expected = {
  /** The row's line, as it is numbered after the edit. */
  readonly line: number;
  readonly after: string;
  /** Rows that are new. */
  readonly added: number;
};

/** Whether an edit did that and nothing else: the text has the same rows and cells, with this status in this one. */
export function isOnlyThat(tracker: Tracker, text: string, { line, after, added }: Expected): boolean {
  const fresh = readTracker(text);
  const [old, now] = [cellCounts(tracker), cellCounts(fresh)];
  const row = fresh.tables.flatMap(({ rows }) => rows).find((each) => each.line === line);
  if (row?.cell?.text !== after || now.length !== old.length + added) return false;
  return added > 0 || now.every((count, index) => count === old[index]);
}

const cellCounts = ({ tables }: Tracker): number[] =>
  tables.flatMap(({ source }) =>
    [source.header, ...source.rows, ...source.strays].map(({ cells }) => cells.length),
  );
