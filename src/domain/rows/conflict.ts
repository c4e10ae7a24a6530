import { plainText } from '../tracker/plain.ts';

/** Why a person has to look at a row, or at lines of prose. */
export type RowReason =
  | 'changed_by_both'
  | 'added_by_both'
  | 'changed_and_removed'
  | 'replaced'
  | 'reordered'
  | 'table_removed'
  | 'table_changed'
  | 'prose';

/** One thing that only a person can decide; what a side does not have is `undefined`. */
export type RowConflict = {
  readonly reason: RowReason;
  /** The heading it stands under. */
  readonly section: string | undefined;
  /** The full first cell of the row; of prose there is none. */
  readonly row: string | undefined;
  /** The header of the cell, where single cells are in conflict. */
  readonly column: string | undefined;
  /** The line in each text, from 1; where the text lacks it, `undefined`. */
  readonly base: Place | undefined;
  readonly ours: Place | undefined;
  readonly theirs: Place | undefined;
};

/** What a text has there: a cell, a row or lines. */
export type Place = { readonly line: number; readonly text: string };

/** A merged text, or what a person has to decide before there can be one. */
export type RowMerge =
  | { readonly kind: 'merged'; readonly text: string }
  | { readonly kind: 'conflicts'; readonly conflicts: readonly RowConflict[] }
  | { readonly kind: 'refused'; readonly why: string };

const said: Readonly<Record<RowReason, string>> = {
  changed_by_both: 'both sides changed it differently',
  added_by_both: 'both sides added it differently',
  changed_and_removed: 'one side changed it, the other removed it',
  replaced: 'both sides took it out, and rows were put in its place',
  reordered: 'both sides changed the order of its table',
  table_removed: 'one side changed its table, the other removed it',
  table_changed: 'both sides changed the header of its table',
  prose: 'both sides changed these lines differently',
};

/** A conflict in one line for people. */
export function describeConflict({ reason, section, row, column, ours, theirs, base }: RowConflict): string {
  const [side, place] =
    ours !== undefined ? ['ours', ours] : theirs !== undefined ? ['theirs', theirs] : ['base', base];
  const what = row === undefined ? 'text' : plainText(row) || row || 'a row without a first cell';
  const where = section === undefined ? '' : ` under "${section}"`;
  const cell = column === undefined ? '' : `, ${column}`;
  const values =
    column === undefined ? '' : ` (${quoted(base?.text)} → ${quoted(ours?.text)} or ${quoted(theirs?.text)})`;
  return `${place === undefined ? '' : `line ${place.line} of ${side}: `}${what}${cell}${where}: ${said[reason]}${values}`;
}

const mostTold = 5;

/** Conflicts in one sentence: the first ones, and how many more there are. */
export function describeConflicts(conflicts: readonly RowConflict[]): string {
  const told = conflicts.slice(0, mostTold).map(describeConflict);
  const more = conflicts.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

const quoted = (text: string | undefined): string => (text === undefined ? 'nothing' : `"${text}"`);
