import { linesOf } from './text-lines.ts';
import type { YamlEdit } from './yaml-edit.ts';
import { type Quoting, scalarText } from './yaml-scalar.ts';
import { everyNode, type YamlEntry, type YamlList, type YamlMap, type YamlNode } from './yaml-tree.ts';

/** What a new entry holds: a text, texts in one line, or nothing. */
export type NewValue = string | readonly string[] | null;
/** A map that is to be entered in a list, with how each of its texts is quoted where it may be either way. */
export type NewItem = readonly {
  readonly name: string;
  readonly value: NewValue;
  readonly quoting: Quoting;
}[];

export const dataOfItem = (item: NewItem): Readonly<Record<string, NewValue>> =>
  Object.fromEntries(item.map(({ name, value }) => [name, value]));

/** Where a node's text ends, without line breaks and comments that follow it: YAML counts those to maps and lists. */
export function endOf(node: YamlNode, source: string): number {
  if (node.kind === 'map' && !node.flow) {
    const last = node.entries.at(-1);
    return last === undefined ? node.range[1] : Math.max(last.key.range[1], endOf(last.value, source));
  }
  if (node.kind === 'list' && !node.flow) {
    const last = node.items.at(-1);
    return last === undefined ? node.range[1] : Math.max(node.range[0] + 1, endOf(last, source));
  }
  const [, end] = node.range;
  return node.kind === 'scalar' && node.style === 'block'
    ? end - (/(?:\r?\n)+$/.exec(source.slice(...node.range))?.[0].length ?? 0)
    : end;
}

/** How far the lists of a file are indented below their keys: what most of them do. */
function listStep(root: YamlNode | undefined, source: string): number {
  const { columnAt } = linesOf(source);
  const counts = new Map<number, number>();
  for (const node of everyNode(root)) {
    if (node.kind !== 'map' || node.flow) continue;
    for (const { key, value } of node.entries) {
      if (value.kind !== 'list' || value.flow || value.items.length === 0) continue;
      const step = columnAt(value.range[0]) - columnAt(key.range[0]);
      counts.set(step, (counts.get(step) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most === undefined ? 2 : Math.max(0, most[0]);
}

const breakOf = (source: string) => (source.includes('\r\n') ? '\r\n' : '\n');

/** The dash before an item of a block list, when it is the first thing in its line and the item begins there too. */
function dashOf(item: YamlNode, source: string): number | undefined {
  const before = /(?:^|\n)[ ]*(-[ ]+)$/.exec(source.slice(0, item.range[0]));
  return before?.[1] === undefined ? undefined : item.range[0] - before[1].length;
}

function valueText(value: NewValue, quoting: Quoting, flow: boolean): string {
  if (value === null) return 'null';
  const text = (each: string, inFlow: boolean) =>
    scalarText(each, { style: 'empty' }, { quoting, flow: inFlow });
  return typeof value === 'string'
    ? text(value, flow)
    : `[${value.map((each) => text(each, true)).join(', ')}]`;
}

function blockItem(item: NewItem, dash: number, gap: number): string[] {
  return item.map(({ name, value, quoting }, at) => {
    const front = at === 0 ? `${' '.repeat(dash)}-${' '.repeat(gap - 1)}` : ' '.repeat(dash + gap);
    return `${front}${name}: ${valueText(value, quoting, false)}`;
  });
}

const flowItem = (item: NewItem): string =>
  `{${item.map(({ name, value, quoting }) => `${name}: ${valueText(value, quoting, true)}`).join(', ')}}`;

/** Where the value of an entry of a block map would begin: right behind its colon. */
function afterColon({ key }: YamlEntry, source: string): number | undefined {
  const [found] = /^[ \t]*:/.exec(source.slice(key.range[1])) ?? [];
  return found === undefined ? undefined : key.range[1] + found.length;
}

/** Whether an entry holds a list, or nothing, which can become one. */
export const holdsList = ({ value }: YamlEntry): boolean =>
  value.kind === 'list' || (value.kind === 'scalar' && value.value === null && value.style !== 'absent');

/**
 * Enters items at the end of an entry's list, in the style of the list, or of the file's other lists where it is empty.
 * `undefined` for what cannot be done without touching something else.
 */
export function appendItems(
  source: string,
  root: YamlNode | undefined,
  { map, entry }: { readonly map: YamlMap; readonly entry: YamlEntry },
  items: readonly NewItem[],
): YamlEdit | undefined {
  if (!holdsList(entry) || items.length === 0) return undefined;
  const { value } = entry;
  const edit = { kind: 'append', node: value, added: items.map(dataOfItem) } as const;
  const lines = linesOf(source);
  const lineBreak = breakOf(source);
  const inline = items.map(flowItem).join(', ');
  if (value.kind === 'list' && value.items.length > 0) {
    const last = value.items.at(-1) as YamlNode;
    const end = endOf(last, source);
    if (value.flow) return { ...edit, range: [end, end], text: `, ${inline}` };
    const dash = dashOf(last, source);
    if (dash === undefined) return undefined;
    const [column, gap] = [dash - lines.startOf(dash), last.range[0] - dash];
    const at = lines.endOf(end);
    const text = items.flatMap((item) => blockItem(item, column, gap));
    return { ...edit, range: [at, at], text: text.map((line) => lineBreak + line).join('') };
  }
  const colon = afterColon(entry, source);
  if (colon === undefined) return undefined;
  const isThere = value.kind === 'list' || (value.kind === 'scalar' && value.style !== 'empty');
  const end = isThere ? value.range[1] : colon;
  if (map.flow) return { ...edit, range: [colon, end], text: ` [${inline}]` };
  const start = lines.startOf(entry.key.range[0]);
  const column = entry.key.range[0] - start + listStep(root, source);
  const to = lines.endOf(end);
  const comment = source.slice(end, to).trimEnd();
  const text = items.flatMap((item) => blockItem(item, column, 2));
  return { ...edit, range: [colon, to], text: comment + text.map((line) => lineBreak + line).join('') };
}

/** Takes an item out of an entry's list; the only one leaves `[]` behind. `undefined` as of `appendItems`. */
export function removeItem(
  source: string,
  entry: YamlEntry,
  list: YamlList,
  item: YamlNode,
): YamlEdit | undefined {
  const edit = { kind: 'remove', list, item } as const;
  const at = list.items.indexOf(item);
  if (list.flow) {
    const [before, after] = [list.items[at - 1], list.items[at + 1]];
    if (before !== undefined) return { ...edit, range: [endOf(before, source), item.range[1]], text: '' };
    return { ...edit, range: [item.range[0], after?.range[0] ?? item.range[1]], text: '' };
  }
  const lines = linesOf(source);
  const dash = dashOf(item, source);
  const colon = afterColon(entry, source);
  if (dash === undefined || colon === undefined) return undefined;
  const to = lines.endOf(endOf(item, source));
  const start = lines.startOf(dash);
  const from = source[start - 2] === '\r' ? start - 2 : start - 1;
  if (from < colon) return undefined;
  return list.items.length > 1
    ? { ...edit, range: [from, to], text: '' }
    : { ...edit, range: [colon, to], text: ` []${source.slice(colon, from)}` };
}

/** Adds an entry with a list of items behind the last one of a block map, `under` other keys where they are missing too. */
export function insertList(
  source: string,
  root: YamlNode | undefined,
  map: YamlMap,
  names: readonly [string, ...string[]],
  items: readonly NewItem[],
): YamlEdit | undefined {
  const after = map.entries.at(-1);
  if (map.flow || after === undefined) return undefined;
  const lines = linesOf(source);
  const end = Math.max(after.key.range[1], endOf(after.value, source));
  const at = lines.endOf(end);
  const [first] = map.entries;
  const column = first === undefined ? 0 : first.key.range[0] - lines.startOf(first.key.range[0]);
  const text = [
    ...names.map((name, depth) => `${' '.repeat(column + 2 * depth)}${name}:`),
    ...items.flatMap((item) => blockItem(item, column + 2 * (names.length - 1) + listStep(root, source), 2)),
  ];
  const [name, ...inner] = names;
  const data: unknown = inner.reduceRight<unknown>(
    (value, each) => ({ [each]: value }),
    items.map(dataOfItem),
  );
  const lineBreak = breakOf(source);
  const gap = map === root ? lineBreak : '';
  return {
    kind: 'insert',
    map,
    after,
    name,
    value: data,
    range: [at, at],
    text: gap + text.map((line) => lineBreak + line).join(''),
  };
}
