import { needsQuotes, type Quoting } from '../yaml-scalar.ts';
import { everyNode, scalarAt, type YamlNode, type YamlScalar } from '../yaml-tree.ts';

/** What the file's own hand looks like, for what is new in it. */
export type FileStyle = {
  readonly quoting: Quoting;
  /** Quotes for what has to have some. */
  readonly quotes: 'single' | 'double';
  readonly texts: readonly YamlScalar[];
  /** How its times are written: the day alone, or with the time, to the second or the millisecond. */
  readonly times: TimeForm;
};
export type TimeForm = 'day' | 'second' | 'millisecond';

function countsOf(scalars: readonly YamlScalar[]): Record<Quoting, number> {
  const counts = { plain: 0, single: 0, double: 0 };
  for (const { style } of scalars) if (style in counts) counts[style as Quoting] += 1;
  return counts;
}

/** How most of some scalars are quoted. */
export function quotingOf(scalars: readonly YamlScalar[]): Quoting | undefined {
  const counts = countsOf(scalars);
  const [first] = (Object.keys(counts) as Quoting[]).sort((a, b) => counts[b] - counts[a]);
  return first === undefined || counts[first] === 0 ? undefined : first;
}

/**
 * The quotes of a text that stands without any, when it needs some: those that the others of its kind do not have,
 * so that a change and its reverse give the same bytes. `undefined` where all three styles are in use and to go
 * without is the rarest. `others` are the rest of its kind, `all` the rest of the document's texts.
 */
export function neededQuotes(
  others: readonly YamlScalar[],
  all: readonly YamlScalar[],
): 'single' | 'double' | undefined {
  const isChosen = ({ value }: YamlScalar) =>
    typeof value === 'string' && !needsQuotes(value, { flow: true });
  const own = countsOf(others.filter(isChosen));
  const { single, double } = own;
  if (single === 0 && double > 0) return 'single';
  if (double === 0 && single > 0) return 'double';
  if (single > 0 && double > 0 && own.plain < Math.min(single, double)) return undefined;
  if (single > 0 && double > 0) return single < double ? 'single' : 'double';
  const around = countsOf(all);
  return around.single > around.double ? 'double' : 'single';
}

export const timeFormOf = (text: unknown): TimeForm | undefined => {
  if (typeof text !== 'string') return undefined;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return 'day';
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)
    ? /\.\d/.test(text)
      ? 'millisecond'
      : 'second'
    : undefined;
};

/** The style of a document, from the strings that are in it. */
export function styleOf(root: YamlNode | undefined): FileStyle {
  const texts: YamlScalar[] = [];
  const times = { day: 0, second: 0, millisecond: 0 };
  for (const node of everyNode(root)) {
    if (node.kind !== 'map') continue;
    for (const { name, value } of node.entries) {
      const scalar = scalarAt(value);
      if (scalar === undefined || typeof scalar.value !== 'string') continue;
      texts.push(scalar);
      const form = /(?:_at|_started|_completed|timestamp|date)$/.test(name ?? '')
        ? timeFormOf(scalar.value)
        : undefined;
      if (form !== undefined) times[form] += 1;
    }
  }
  const quoting = quotingOf(texts) ?? 'double';
  const quotes = quotingOf(texts.filter(({ style }) => style !== 'plain'));
  return {
    texts,
    quoting,
    quotes: quotes === 'single' ? 'single' : 'double',
    times:
      times.day > times.second + times.millisecond
        ? 'day'
        : times.millisecond > times.second
          ? 'millisecond'
          : 'second',
  };
}

/** A time as text: UTC, RFC 3339. */
export function timeText(time: Date, form: TimeForm): string {
  const full = time.toISOString();
  if (form === 'day') return full.slice(0, 10);
  return form === 'second' ? `${full.slice(0, 19)}Z` : full;
}
