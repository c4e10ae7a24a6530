import { linesOf } from './text-lines.ts';
import { needsQuotes, type ScalarOptions, scalarText } from './yaml-scalar.ts';
import {
  dataOf,
  type Range,
  type YamlEntry,
  type YamlList,
  type YamlMap,
  type YamlNode,
} from './yaml-tree.ts';

/** What stands in a stretch of the source from now on. */
export type Splice = { readonly range: Range; readonly text: string };

/** One edit of a document: what it does to the text, and what it is meant to do to the data. */
export type YamlEdit = Splice &
  (
    | { readonly kind: 'replace'; readonly node: YamlNode; readonly value: string }
    | {
        readonly kind: 'insert';
        readonly map: YamlMap;
        readonly after: YamlEntry;
        readonly name: string;
        /** Its data: a text, or what a new map or list holds. */
        readonly value: unknown;
      }
    /** Items at the end of a list; of nothing they make one. */
    | { readonly kind: 'append'; readonly node: YamlNode; readonly added: readonly unknown[] }
    | { readonly kind: 'remove'; readonly list: YamlList; readonly item: YamlNode }
  );

export type EditOptions = Omit<ScalarOptions, 'flow'>;

/** Puts a text in the place of an entry's scalar; its quotes stay, and everything around it. */
export function replaceValue(
  source: string,
  map: YamlMap,
  entry: YamlEntry,
  value: string,
  options: EditOptions,
): YamlEdit {
  const node = entry.value;
  const [start, end] = node.range;
  const style = node.kind === 'scalar' ? node.style : 'absent';
  const isNull = node.kind === 'scalar' && node.value === null; // its want of quotes is no example
  const before = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
  const scalarOptions = { ...options, flow: map.flow };
  const [tag = ''] = /![^\s,[\]{}]*[ \t]+$/.exec(source.slice(Math.max(0, start - 80), start)) ?? [];
  const isTagged = /^!!str\s/.test(tag) && before !== undefined && needsQuotes(before, scalarOptions);
  const present = { style: isNull ? 'empty' : style, text: before, isTagged } as const;
  const text = scalarText(value, present, scalarOptions);
  const edit = { kind: 'replace', node, value } as const;
  if (style === 'block') return { ...edit, ...inBlock(source, node.range, { before, value, text }) };
  if (style === 'empty') {
    const colon = source.lastIndexOf(':', start - 1) + 1;
    return { ...edit, range: [colon, colon], text: ` ${text}` };
  }
  if (style === 'absent' && node.kind === 'scalar') {
    const [, keyEnd] = entry.key.range;
    return { ...edit, range: [keyEnd, keyEnd], text: `: ${text}` };
  }
  // A tag that makes something else of the old text, `!!int 3`, goes with it.
  const from = isTagged || before === undefined ? start - tag.length : start;
  return { ...edit, range: [from, end], text };
}

/** In a block scalar of one line only that line changes; a longer one gives way to a quoted scalar. */
function inBlock(
  source: string,
  [start, end]: Range,
  { before = '', value, text }: { before: string | undefined; value: string; text: string },
): Splice & { value: string } {
  const whole = source.slice(start, end);
  const [header = ''] = /^[^\n]*\n/.exec(whole) ?? [];
  const filled = [...whole.slice(header.length).matchAll(/^([ ]*)(\S.*?)[ \t]*\r?$/gm)];
  const [line] = filled;
  // The line breaks at its end are those of the block, whether the new text has them or not.
  const [breaks = ''] = /\n*$/.exec(before) ?? [];
  const bare = breaks !== '' && value.endsWith(breaks) ? value.slice(0, -breaks.length) : value;
  const isLine = bare !== '' && !/^\s|\s$|\p{Cc}/u.test(bare) && !/^\s/.test(before);
  if (filled.length === 1 && line?.[1] !== undefined && line[2] !== undefined && isLine) {
    const at = start + header.length + line.index + line[1].length;
    const { length } = line[0].slice(line[1].length).replace(/\r$/, '');
    return { range: [at, at + length], text: bare, value: bare + breaks };
  }
  const [lineBreak = ''] = /\r?\n$/.exec(whole) ?? [];
  return { range: [start, end - lineBreak.length], text, value };
}

/** Adds an entry behind another one of a map, in the style of the map. */
export function insertEntry(
  source: string,
  map: YamlMap,
  after: YamlEntry,
  name: string,
  value: string,
  options: EditOptions,
): YamlEdit {
  const { quoting } = options;
  const text = scalarText(
    value,
    { style: 'empty' },
    {
      ...options,
      quoting: quoting === 'plain' ? 'double' : quoting,
      flow: map.flow,
    },
  );
  const edit = { kind: 'insert', map, after, name, value } as const;
  const isJson = map.flow && after.key.kind === 'scalar' && after.key.style === 'double';
  const end = Math.max(after.key.range[1], after.value.range[1]);
  if (map.flow) return { ...edit, range: [end, end], text: `, ${isJson ? `"${name}"` : name}: ${text}` };
  const lines = linesOf(source);
  const isBlock = after.value.kind === 'scalar' && after.value.style === 'block';
  const at = lines.endOf(isBlock && source[end - 1] === '\n' ? end - 1 : end);
  const indent = after.key.range[0] - lines.startOf(after.key.range[0]);
  const lineBreak = source.includes('\r\n') ? '\r\n' : '\n';
  return { ...edit, range: [at, at], text: `${lineBreak}${' '.repeat(indent)}${name}: ${text}` };
}

/** The text with all edits made, and the numbers of the lines that are new or another. */
export function applyEdits(
  source: string,
  edits: readonly Splice[],
): { readonly text: string; readonly lines: readonly number[] } {
  const ordered = [...edits].sort((a, b) => a.range[0] - b.range[0]);
  const places: number[] = [];
  let text = '';
  let from = 0;
  for (const splice of ordered) {
    const { range, text: piece } = splice;
    text += source.slice(from, range[0]);
    const isRemoval = 'kind' in splice && splice.kind === 'remove';
    // What a removal leaves of lines was there before.
    const more = isRemoval ? [] : [...piece.matchAll(/\n/g)].map(({ index }) => text.length + index + 1);
    const isOnlyBelow = range[0] === range[1] && /^\r?\n/.test(piece);
    if (!isOnlyBelow && piece !== '') places.push(text.length);
    places.push(...more);
    text += piece;
    from = range[1];
  }
  text += source.slice(from);
  const { lineAt } = linesOf(text);
  return { text, lines: [...new Set(places.map(lineAt))] };
}

const isData = (node: YamlNode | undefined, data: unknown): boolean =>
  JSON.stringify(dataOf(node)) === JSON.stringify(data);

/** Whether a document is another one with just these edits made, and nothing else changed in what readers see. */
export function isEditOf(
  before: YamlNode | undefined,
  after: YamlNode | undefined,
  edits: readonly YamlEdit[],
): boolean {
  const replaced = new Map<YamlNode, string>();
  const inserted = new Map<YamlNode, Extract<YamlEdit, { kind: 'insert' }>[]>();
  const appended = new Map<YamlNode, readonly unknown[]>();
  const removed = new Set<YamlNode>();
  for (const edit of edits) {
    if (edit.kind === 'replace') replaced.set(edit.node, edit.value);
    else if (edit.kind === 'append') appended.set(edit.node, edit.added);
    else if (edit.kind === 'remove') removed.add(edit.item);
    else inserted.set(edit.map, [...(inserted.get(edit.map) ?? []), edit]);
  }
  // An alias stands for what it stood for, unless that itself was edited.
  const touchesAnchor = [...replaced.keys()].some(
    (node) => node.kind === 'scalar' && node.anchor !== undefined,
  );
  const same = (a: YamlNode | undefined, b: YamlNode | undefined): boolean => {
    if (a === undefined || b === undefined) return a === b;
    const wanted = replaced.get(a);
    if (wanted !== undefined) return b.kind === 'scalar' && b.value === wanted;
    const added = appended.get(a);
    const isNew = added !== undefined && a.kind === 'scalar';
    if (isNew) return b.kind === 'list' && isData(b, added);
    if (a.kind !== b.kind) return false;
    if (a.kind === 'alias') return a.name === (b as typeof a).name && !touchesAnchor;
    if (a.kind === 'scalar') return Object.is(a.value, (b as typeof a).value);
    if (a.kind === 'list') {
      const { items } = b as typeof a;
      const kept = a.items.filter((item) => !removed.has(item));
      return (
        items.length === kept.length + (added?.length ?? 0) &&
        kept.every((item, at) => same(item, items[at])) &&
        (added ?? []).every((value, at) => isData(items[kept.length + at], value))
      );
    }
    const { entries } = b as typeof a;
    const news = inserted.get(a) ?? [];
    let at = 0;
    for (const entry of a.entries) {
      const other = entries[at++];
      if (other === undefined || !same(entry.key, other.key) || !same(entry.value, other.value)) return false;
      for (const { name, value } of news.filter(({ after: place }) => place === entry)) {
        const fresh = entries[at++];
        if (fresh?.name !== name || !isData(fresh.value, value)) return false;
      }
    }
    return at === entries.length;
  };
  return same(before, after);
}
