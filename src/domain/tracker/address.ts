import { failures } from '../failure.ts';
import { nearest } from '../near.ts';
import { addressable, type Tracker, type TrackerRow } from './tracker.ts';

/** A row with an address that no other row of its file has. */
export type Addressed = { readonly address: string; readonly row: TrackerRow };

/** What an address leads to. */
export type Found =
  | { readonly kind: 'row'; readonly found: Addressed }
  | { readonly kind: 'several'; readonly candidates: readonly Addressed[] }
  | { readonly kind: 'none'; readonly near: readonly string[] };

/**
 * The address of each row: its id where no other row has it, else with its section or its parent before it, else with
 * its number among the rows of that id, `BUG-001[2]`.
 */
export function addressesOf(tracker: Tracker): Addressed[] {
  const rows = addressable(tracker);
  const kinds: ((row: TrackerRow) => string | undefined)[] = [
    ({ id }) => id,
    ({ headings, id }) => under(beginning(headings.at(-1) ?? ''), id),
    ({ parent, id }) => under(parent, id),
    ({ links, id }) => under(folderId(links[0] ?? ''), id),
  ];
  const count = new Map<string, number>();
  for (const row of rows)
    for (const name of new Set(kinds.map((kind) => kind(row)?.toLowerCase())))
      if (name !== undefined) count.set(name, (count.get(name) ?? 0) + 1);
  const numbers = new Map<string, number>();
  return rows.map((row) => {
    const number = (numbers.get(row.id) ?? 0) + 1;
    numbers.set(row.id, number);
    const names = kinds.flatMap((kind) => kind(row) ?? []);
    const only = names.find((name) => count.get(name.toLowerCase()) === 1);
    return { address: only ?? `${row.id}[${number}]`, row };
  });
}

const under = (place: string | undefined, id: string) => (place ? `${place}/${id}` : undefined);

/** The id that a heading begins with, else the whole of it. */
const beginning = (heading: string): string => /^[A-Z]+-\d+[a-z]?(?=[:\s]|$)/.exec(heading)?.[0] ?? heading;

/** The id of the innermost folder that a link leads into. */
const folderId = (link: string): string | undefined =>
  link
    .split('/')
    .slice(0, -1)
    .reverse()
    .flatMap((folder) => /^[A-Z]+-\d+/.exec(folder)?.[0] ?? [])[0];

/**
 * The row that an address means. The first that leads anywhere counts: an id, with `[n]` for the nth of them and
 * `<section, parent or folder>/` before it to tell them apart; a first cell as it stands in the file; the beginning of
 * an id; a link's target; a title.
 */
export function findRow(tracker: Tracker, address: string): Found {
  const all = addressesOf(tracker);
  const exact = all.filter((each) => each.address === address);
  const wanted = address.trim().toLowerCase();
  const ways: (() => Addressed[])[] = [
    () => (exact.length === 1 ? exact : []),
    () => all.filter(({ row }) => row.id === address),
    () => all.filter(({ row }) => row.id.toLowerCase() === wanted),
    () => all.filter((each) => each.address.toLowerCase() === wanted),
    () => qualified(all, wanted),
    () => all.filter(({ row }) => row.label === address.trim()),
    () => all.filter(({ row }) => begins(row.id.toLowerCase(), wanted)),
    () => all.filter(({ row }) => row.links.some((link) => leadsTo(link.toLowerCase(), wanted))),
    () => all.filter(({ row }) => row.title?.toLowerCase() === wanted),
  ];
  for (const way of wanted === '' ? [] : ways) {
    const [found, ...more] = way();
    if (found === undefined) continue;
    return more.length === 0 ? { kind: 'row', found } : { kind: 'several', candidates: [found, ...more] };
  }
  const names = all.flatMap((each) => [each.address, each.row.id]);
  return { kind: 'none', near: nearest(address, names) };
}

/** `section/parent/id[n]`: what stands before the id in any order, then the nth of what is left. */
function qualified(all: readonly Addressed[], wanted: string): Addressed[] {
  const [, name = '', digits] = /^(.*?)(?:\[([1-9]\d{0,5})\])?$/s.exec(wanted) ?? [];
  // An id may hold a slash itself, so it is the longest end that is one.
  let matches: Addressed[] = [];
  for (let slash = -1; slash !== -2 && matches.length === 0; slash = next(name, slash)) {
    const id = name.slice(slash + 1);
    const before = name
      .slice(0, Math.max(0, slash))
      .split('/')
      .filter((part) => part !== '');
    matches = all.filter(({ row }) => {
      const own = row.id.toLowerCase();
      return (own === id || begins(own, id)) && before.every((part) => belongsTo(row, part));
    });
    if (matches.some(({ row }) => row.id.toLowerCase() === id))
      matches = matches.filter(({ row }) => row.id.toLowerCase() === id);
  }
  return digits === undefined ? matches : matches.slice(Number(digits) - 1, Number(digits));
}

const next = (text: string, from: number): number => {
  const at = text.indexOf('/', from + 1);
  return at < 0 ? -2 : at;
};

function belongsTo(row: TrackerRow, part: string): boolean {
  const headings = row.headings.map((heading) => heading.toLowerCase());
  return (
    row.parent.toLowerCase() === part ||
    headings.some((heading) => heading === part || begins(heading, part) || heading.includes(`(${part})`)) ||
    row.links.some((link) =>
      link
        .toLowerCase()
        .split('/')
        .some((folder) => begins(folder, part)),
    )
  );
}

/** `bug-001 (en-001)` and `bug-001-typo` begin with `bug-001`, and `bug-0011` does not. */
const begins = (text: string, start: string): boolean =>
  start !== '' && text.startsWith(start) && !/^[\p{L}\p{N}]/u.test(text.slice(start.length));

const leadsTo = (link: string, wanted: string): boolean =>
  link === wanted || link.replace(/^\.\//, '') === wanted || link.endsWith(`/${wanted}`);

/** The one row that an address means; throws with the candidates, or with what comes near, where there is none. */
export function requireRow(tracker: Tracker, address: string, file: string): Addressed {
  const result = findRow(tracker, address);
  if (result.kind === 'row') return result.found;
  if (result.kind === 'none') throw failures.rowNotFound(address, file, result.near);
  const candidates = result.candidates.map(({ address: full, row }) => ({
    address: full,
    line: row.line,
    id: row.id,
    title: row.title ?? null,
    raw_status: row.cell?.text ?? null,
  }));
  throw failures.rowAmbiguous(address, file, candidates);
}
