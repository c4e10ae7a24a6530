import type { Columns } from './columns.ts';
import type { MarkdownTable } from './table.ts';

const dates = /^(?:date|when|time|timestamp|datetime|date\/time)\b/i;
const changes =
  /^(?:changes?|events?|entry|entries|actions?|activity|updates?|what(?: changed)?|details?|descriptions?|summary|notes?|comments?)$/i;
export const authors = /^(?:author|by|who|agent|actor|user|changed by|updated by|owner)$/i;
const titles = /\b(?:history|change ?log|activity|journal|log|revisions?|updates)\b/i;

/** Which columns of a log take what. */
export type HistoryColumns = { readonly date: number; readonly change: number };

/** The columns of a log; `undefined` for a table that is none. */
export function historyColumns(
  { headings }: MarkdownTable,
  { names }: Pick<Columns, 'names'>,
): HistoryColumns | undefined {
  const date = names.findIndex((name) => dates.test(name));
  const change = names.findIndex((name) => changes.test(name));
  if (date < 0 || change < 0) return undefined;
  const isLog =
    titles.test(headings.at(-1) ?? '') || (date === 0 && names.some((name) => authors.test(name)));
  return isLog ? { date, change } : undefined;
}

export const isHistory = (table: MarkdownTable, columns: Pick<Columns, 'names'>): boolean =>
  historyColumns(table, columns) !== undefined;
