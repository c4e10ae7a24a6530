import { displayWidth } from '../display-width.ts';
import { dateLike, isNewestFirst } from './dates.ts';
import { authors, historyColumns } from './history.ts';
import { columnWidth } from './padding.ts';
import type { Tracker, TrackerTable } from './tracker.ts';
import { escapedPipes } from './wish.ts';

/** What a log is told of a change; the statuses as plain text. */
export type Change = {
  readonly address: string;
  readonly before: string;
  readonly after: string;
  readonly note: string | undefined;
  readonly now: Date;
};

/** The log of a tracker: the one called so, else the last of those nearest to the top of the outline. */
export function historyTable(tracker: Tracker): TrackerTable | undefined {
  const logs = tracker.tables.filter(({ isHistory }) => isHistory);
  const rank = ({ title, source }: TrackerTable) =>
    (/\bhistory\b|change ?log/i.test(title) ? 0 : 100) + source.headings.length;
  const best = Math.min(...logs.map(rank));
  return logs.findLast((table) => rank(table) === best);
}

/** A new row for a log: after the end of which line (its offset) it belongs, and its text. */
export function historyRow(
  tracker: Tracker,
  change: Change,
): { readonly at: number; readonly text: string } | undefined {
  const table = historyTable(tracker);
  const columns = table && historyColumns(table.source, table.columns);
  if (table === undefined || columns === undefined) return undefined;
  const { text } = tracker.source;
  const rows = [...table.source.rows, ...table.source.strays];
  const sampleOf = (column: number) => rows.map(({ cells }) => cells[column]?.text ?? '');
  const dates = sampleOf(columns.date);
  const cells = table.columns.names.map((name, column) => {
    if (column === columns.date) return dateLike(change.now, dates);
    if (column === columns.change) return sentence(change);
    return valueFor(name, change) ?? placeholder(sampleOf(column));
  });
  const last = isNewestFirst(dates) ? table.source.delimiter : (rows.at(-1) ?? table.source.delimiter);
  const model = rows.at(-1) ?? table.source.header;
  const prefix = text.slice(tracker.source.lines[last.line - 1]?.start ?? last.start, last.start);
  const source = text.slice(model.start, model.end).trimEnd();
  const isPadded = model.cells.every(({ start, textStart, text: own }) => own === '' || textStart > start);
  const gap = isPadded ? ' ' : '';
  const body = cells.map((cell, column) => {
    const width = columnWidth(text, table.source, column);
    const own = `${gap}${cell}${gap}`;
    return own + ' '.repeat(Math.max(0, (width ?? 0) - displayWidth(own)));
  });
  const start = source.startsWith('|') ? '|' : '';
  const end = source.endsWith('|') ? '|' : '';
  const row = `${start}${body.join('|')}${end}`;
  return { at: last.end, text: prefix + (start === '' ? row.trimStart() : row) };
}

function sentence({ address, before, after, note }: Change): string {
  const change = before === '' ? `${address}: ${after}` : `${address}: ${before} → ${after}`;
  return escapedPipes(note === undefined ? change : `${change}. ${note.replace(/\s+/g, ' ').trim()}`);
}

function valueFor(name: string, change: Change): string | undefined {
  if (authors.test(name)) return 'wt';
  if (/^(?:id|item|work item|entity|row|task|ref)$/i.test(name)) return escapedPipes(change.address);
  if (/^(?:from|before|old(?: status)?|previous(?: status)?)$/i.test(name))
    return escapedPipes(change.before);
  if (/^(?:to|after|status|new(?: status)?)$/i.test(name)) return escapedPipes(change.after);
  return undefined;
}

/** What a log writes where it has nothing to say. */
function placeholder(samples: readonly string[]): string {
  return samples.findLast((sample) => /^(?:[-–—]+|n\/a|)$/i.test(sample)) ?? '-';
}
