import { mergeCells } from './cells.ts';
import type { Place, RowConflict, RowReason } from './conflict.ts';
import { headerKey, sectionOf, type Table } from './document.ts';
import { type KeyedRows, keyRows } from './keyed.ts';
import { each, pick, type Three } from './lines.ts';
import { orderKeys } from './order.ts';
import { directionOf, mergeRuns } from './rank.ts';
import { replacedByBoth } from './replaced.ts';
import { delimiterKey, firstCell, type Row, rowKey, rowText } from './row.ts';

/** The lines of a merged table, and what in it needs a person; with any, the lines mean nothing. */
export type TableMerge = { readonly lines: readonly string[]; readonly conflicts: readonly RowConflict[] };

/** Merges versions of one table, header and all, row by row; without a base both sides added it. */
export function mergeTables(versions: {
  readonly base: Table | undefined;
  readonly ours: Table;
  readonly theirs: Table;
}): TableMerge {
  const { base, ours, theirs } = versions;
  const top = ours.part === 0 ? mergeTop(versions) : { lines: [], conflicts: [] };
  const keyed = keyRows({ base: base?.rows ?? [], ours: ours.rows, theirs: theirs.rows });
  const context = { keyed, section: sectionOf(ours), header: ours.header };
  const decided = decideRows(context);
  const conflicts = [
    ...top.conflicts,
    ...decided.conflicts,
    ...replacedByBoth(keyed).map((each) => rowConflict(context, 'replaced', each)),
  ];
  const idOf = (key: string) =>
    firstCell(keyed.ours.get(key) ?? keyed.theirs.get(key) ?? { lead: '', cells: [], tail: '', line: 0 });
  const columns = [ours, theirs].map(({ rows }) => rows.slice(0, enoughRows).map(firstCell));
  const order = orderKeys(
    each(keyed, (rows) => [...rows.keys()]),
    (run, other) =>
      run.length === 0 || other.length === 0
        ? [...run, ...other]
        : mergeRuns(run, other, { idOf, direction: directionOf(columns) }),
  );
  if (order.kind === 'reordered') {
    const place = (table: Table): Place => ({ line: table.header.line, text: table.headerText });
    conflicts.push({
      ...blank(context.section, 'reordered'),
      row: firstCell(ours.header),
      base: base === undefined ? undefined : place(base),
      ours: place(ours),
      theirs: place(theirs),
    });
    return { lines: [], conflicts };
  }
  const rows = order.keys.map((key) => decided.rows.get(key)).filter((row) => row !== undefined);
  return { lines: [...top.lines, ...rows.map(rowText)], conflicts };
}

// So many tell whether a table counts up or down.
const enoughRows = 500;

type Context = {
  readonly keyed: Three<KeyedRows>;
  readonly section: string | undefined;
  readonly header: Row;
};

const blank = (section: string | undefined, reason: RowReason): RowConflict => ({
  reason,
  section,
  row: undefined,
  column: undefined,
  base: undefined,
  ours: undefined,
  theirs: undefined,
});

/** A conflict of whole rows. */
function rowConflict(
  { section }: Context,
  reason: RowReason,
  { base, ours, theirs }: Three<Row | undefined>,
): RowConflict {
  const row = reason === 'replaced' ? base : (ours ?? theirs);
  const place = (side: Row | undefined): Place | undefined =>
    side === undefined ? undefined : { line: side.line, text: rowText(side) };
  return {
    ...blank(section, reason),
    row: row === undefined ? undefined : firstCell(row),
    ...each({ base, ours, theirs }, place),
  };
}

/** Header and delimiter row; the header says the same in all versions, or it would be another table. */
function mergeTop({
  base,
  ours,
  theirs,
}: {
  base: Table | undefined;
  ours: Table;
  theirs: Table;
}): TableMerge {
  const from = base ?? ours;
  const header = pick({ base: from.headerText, ours: ours.headerText, theirs: theirs.headerText });
  const versions = { base: from.delimiter, ours: ours.delimiter, theirs: theirs.delimiter };
  const delimiter = pick(versions);
  const alignment = pick(each(versions, delimiterKey));
  const place = (table: Table): Place => ({ line: table.header.line, text: table.headerText });
  const isSame = headerKey(ours) === headerKey(theirs) && headerKey(ours) === headerKey(from);
  const conflicts: RowConflict[] =
    alignment === undefined || !isSame
      ? [
          {
            ...blank(sectionOf(ours), 'table_changed'),
            base: place(from),
            ours: place(ours),
            theirs: place(theirs),
          },
        ]
      : [];
  const aligned = delimiterKey(ours.delimiter) === alignment ? ours.delimiter : theirs.delimiter;
  return { lines: [header ?? ours.headerText, delimiter ?? aligned], conflicts };
}

/** Which rows there will be, by their key. */
function decideRows(context: Context) {
  const { keyed, section, header } = context;
  const rows = new Map<string, Row>();
  const conflicts: RowConflict[] = [];
  for (const key of new Set([...keyed.base.keys(), ...keyed.ours.keys(), ...keyed.theirs.keys()])) {
    const [base, ours, theirs] = [keyed.base.get(key), keyed.ours.get(key), keyed.theirs.get(key)];
    if (base !== undefined && ours !== undefined && theirs !== undefined) {
      const merge = mergeCells({ base, ours, theirs });
      if (merge.kind === 'merged') rows.set(key, merge.row);
      else
        for (const { column, ...places } of merge.cells) {
          const name = header.cells[column]?.trim();
          conflicts.push({
            ...blank(section, 'changed_by_both'),
            row: firstCell(ours),
            column: name,
            ...places,
          });
        }
    } else if (base === undefined) {
      const added = ours ?? theirs;
      if (ours !== undefined && theirs !== undefined && rowKey(ours) !== rowKey(theirs))
        conflicts.push(rowConflict(context, 'added_by_both', { base, ours, theirs }));
      else if (added !== undefined) rows.set(key, added);
    } else {
      const kept = ours ?? theirs;
      if (kept === undefined || rowKey(kept) === rowKey(base)) continue;
      conflicts.push(rowConflict(context, 'changed_and_removed', { base, ours, theirs }));
    }
  }
  return { rows, conflicts };
}
