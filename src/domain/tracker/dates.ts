const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const longMonths = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

type Parts = {
  readonly date: string;
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly iso: string;
};

const partsOf = (now: Date): Parts => {
  const iso = now.toISOString();
  return {
    date: iso.slice(0, 10),
    year: iso.slice(0, 4),
    month: iso.slice(5, 7),
    day: iso.slice(8, 10),
    iso,
  };
};

/** The formats of dates and times that logs have, the fuller ones first; all are written in UTC. */
const formats: readonly (readonly [RegExp, (parts: Parts, found: string) => string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, ({ iso }) => iso],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|\+00:00)?/, ({ iso }, found) => iso.slice(0, 19) + found.slice(19)],
  [/\d{4}-\d\d-\d\dT\d\d:\d\dZ?/, ({ iso }, found) => iso.slice(0, 16) + found.slice(16)],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, ({ iso }) => iso.slice(0, 19).replace('T', ' ')],
  [/\d{4}-\d\d-\d\d \d\d:\d\d/, ({ iso }) => iso.slice(0, 16).replace('T', ' ')],
  [/\d{4}-\d\d-\d\d/, ({ date }) => date],
  [/\d{4}\/\d\d\/\d\d/, ({ date }) => date.replaceAll('-', '/')],
  [/\d{4}\.\d\d\.\d\d/, ({ date }) => date.replaceAll('-', '.')],
  [/\b\d\d\.\d\d\.\d{4}/, ({ day, month, year }) => `${day}.${month}.${year}`],
  [/\b\d{8}\b/, ({ year, month, day }) => year + month + day],
  [
    /\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}/,
    ({ day, month, year }, found) => `${monthName(month, found)} ${Number(day)}, ${year}`,
  ],
  [
    /\b\d{1,2} [A-Z][a-z]{2,8} \d{4}/,
    ({ day, month, year }, found) => `${Number(day)} ${monthName(month, found)} ${year}`,
  ],
];

const monthName = (month: string, sample: string): string => {
  const isLong = longMonths.some((name) => name.length > 3 && sample.includes(name));
  return (isLong ? longMonths : months)[Number(month) - 1] ?? '';
};

/** A time as a log writes it, after the last sample that is a date; the ISO date where none is. */
export function dateLike(now: Date, samples: readonly string[]): string {
  const parts = partsOf(now);
  for (const sample of samples.toReversed()) {
    for (const [pattern, format] of formats) {
      const found = pattern.exec(sample);
      if (found === null) continue;
      const written = format(parts, found[0]);
      const around = sample.replace(found[0], '');
      return /^[*_`~]+( UTC)?$|^ UTC$/.test(around) ? sample.replace(found[0], () => written) : written;
    }
  }
  return parts.date;
}

/** Whether the dates of a log run backwards, so that the newest is on top. */
export function isNewestFirst(samples: readonly string[]): boolean {
  const dates = samples.flatMap(
    (sample) => /\d{4}[-/.]\d\d[-/.]\d\d(?:[T ]\d\d:\d\d)?/.exec(sample)?.[0] ?? [],
  );
  const [first, last] = [dates[0], dates.at(-1)];
  return first !== undefined && last !== undefined && first > last;
}
