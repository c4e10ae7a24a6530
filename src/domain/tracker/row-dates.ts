import type { Status } from '../status.ts';
import type { Cell } from './cells.ts';
import { dateLike } from './dates.ts';
import { plainText } from './plain.ts';
import type { Tracker, TrackerRow } from './tracker.ts';

/** A cell of a row that is to say when. */
export type RowDate = { readonly column: number; readonly cell: Cell; readonly text: string };

const when = '(?: ?(?:at|on|date|time|timestamp))?';
/** What a column of dates is about, by its header; of a plain `Date` only the rows tell. */
const columns: readonly (readonly [RegExp, 'always' | Status | 'any'])[] = [
  [new RegExp(`^(?:last ?)?(?:updated?|modified|changed?)${when}$`), 'always'],
  [new RegExp(`^(?:date ?)?(?:completed?|completion|done|closed|finished|resolved|end)${when}$`), 'COMPLETE'],
  [new RegExp(`^(?:date ?)?(?:started?|begun|begin)${when}$`), 'IN_PROGRESS'],
  [/^(?:date|when)$/, 'any'],
];

const isDate = (text: string) =>
  /\d{4}[-/.]\d\d[-/.]\d\d|\d\d\.\d\d\.\d{4}|\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}/.test(text);
const isBlank = (text: string) => /^(?:[-–—\s]*|n\/a|tbd|\?+)$/i.test(plainText(text));

/**
 * The dates of a row that go with a new status, as the table's other rows show it: a column is filled where the row
 * has none yet and another row of that status has one, and kept up to date where it says when a row was changed last.
 */
export function rowDates(
  { tables, source }: Tracker,
  row: TrackerRow,
  after: Status,
  now: Date,
): readonly RowDate[] {
  const table = tables.find(({ rows }) => rows.includes(row));
  if (table === undefined || after === 'UNKNOWN' || row.status?.status === after) return [];
  const lines = [...table.source.rows, ...table.source.strays];
  const own = lines.find(({ line }) => line === row.line);
  return table.columns.names.flatMap((name, column): RowDate[] => {
    const about = columns.find(([pattern]) =>
      pattern.test(
        name
          .toLowerCase()
          .replace(/[_*-]+/g, ' ')
          .trim(),
      ),
    )?.[1];
    const cell = own?.cells[column];
    if (about === undefined || cell === undefined || cell === row.cell) return [];
    const others = table.rows.filter((other) => other !== row);
    const dated = others.flatMap((other) => {
      const text = lines.find(({ line }) => line === other.line)?.cells[column]?.text ?? '';
      return isDate(text) ? [{ text, status: other.status?.status }] : [];
    });
    const isFitting =
      about === 'always'
        ? dated.length > 0 && (isBlank(cell.text) || isDate(cell.text))
        : (about === 'any' || about === after) &&
          isBlank(cell.text) &&
          dated.some(({ status }) => status === after);
    if (!isFitting) return [];
    const text = dateLike(
      now,
      dated.map((each) => each.text),
    );
    return source.text.slice(cell.textStart, cell.textEnd) === text ? [] : [{ column, cell, text }];
  });
}
