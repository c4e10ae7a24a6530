import { textOf, visibleEntries, type YamlEntry, type YamlMap } from '../yaml-tree.ts';
import type { Draft } from './drafts.ts';
import type { ItemKind } from './items.ts';
import { statusOf } from './status.ts';

/** Names of what is said of something: no ids. */
const properties =
  /^(?:id|name|title|type|kind|mode|role|model|owner|assignee|version|count|total|description|summary|notes?|reason|comment|path|artifacts?|output|result|project|workflow|pipeline|phase|agent|barrier|priority|execution|strategy|default|.*_(?:at|id|mode|type|path|count|by|note|notes|file))$/i;

/** Whether an entry can be one of `id: status`, as far as its key tells. */
const isNamed = ({ name }: YamlEntry): boolean => name !== undefined && name !== '' && !properties.test(name);

const rawOf = ({ value }: YamlEntry, source: string): string | undefined =>
  value.kind === 'scalar' && typeof value.value === 'string' ? textOf(value, source) : undefined;

const isSure = (entry: YamlEntry, source: string): boolean => {
  const raw = rawOf(entry, source);
  if (!isNamed(entry) || raw === undefined) return false;
  // A word in capitals behind a key with a number, or of two parts, is meant as a status too.
  return statusOf(raw) !== 'UNKNOWN' || (/[\d_-]/.test(entry.name ?? '') && /^[A-Z][A-Z\d_ -]*$/.test(raw));
};

/**
 * The entries of a container that are a status themselves, `agents: {a-1: DONE, a-2: PENDING}`. One of them has to
 * be sure to be one; then the words beside it are statuses too.
 */
export function rollOf(map: YamlMap, source: string): ReadonlySet<YamlEntry> {
  const entries = visibleEntries(map);
  if (!entries.some((entry) => isSure(entry, source))) return new Set();
  const isStatus = (entry: YamlEntry) => {
    const raw = isNamed(entry) ? rawOf(entry, source) : undefined;
    return raw !== undefined && raw.length <= 60 && !raw.includes('\n');
  };
  return new Set(entries.filter((entry) => isSure(entry, source) || isStatus(entry)));
}

/** The only entry of a list's item that is `id: status`, as in `- a-1: DONE`. */
export function rollEntry(map: YamlMap, source: string): YamlEntry | undefined {
  const [entry, ...more] = visibleEntries(map);
  return entry !== undefined && more.length === 0 && isSure(entry, source) ? entry : undefined;
}

/** What an `id: status` is to the picture: it has a status, and room for nothing else. */
export function rollDraft(kind: ItemKind, map: YamlMap, entry: YamlEntry, source: string): Draft {
  const raw = rawOf(entry, source);
  const name = entry.name ?? '';
  const own: YamlMap = { kind: 'map', flow: map.flow, entries: [], range: entry.key.range };
  const status = raw === undefined ? 'UNKNOWN' : statusOf(raw);
  return { kind, segment: name, id: name, key: name, map: own, children: [], entry, raw, status };
}
