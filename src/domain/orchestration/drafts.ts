import {
  entryOf,
  nodeAt,
  scalarAt,
  textOf,
  visibleEntries,
  type YamlMap,
  type YamlNode,
} from '../yaml-tree.ts';
import type { Item, ItemKind } from './items.ts';
import { rollDraft, rollEntry, rollOf } from './rolls.ts';
import { statusOf } from './status.ts';

/** An item of which the addresses of its ancestors are known, before its own is. */
export type Draft = Omit<Item, 'address' | 'plain' | 'parent'> & { readonly children: Draft[] };

const kinds: Readonly<Record<string, ItemKind>> = {
  workflow: 'workflow',
  pipeline: 'pipeline',
  phase: 'phase',
  agent: 'agent',
  barrier: 'barrier',
  groups: 'group',
  quality_gates: 'gate',
  gates: 'gate',
  tasks: 'task',
};
/** Containers such as `agents` and `review_agents`: what is in them has an id of its own, and their name is left out of addresses. */
const plural = /^(?:\w+_)?(pipeline|phase|agent|barrier)s$/;
const kindOf = (name: string): ItemKind | undefined =>
  Object.hasOwn(kinds, name) ? kinds[name] : (plural.exec(name)?.[1] as ItemKind | undefined);
const singles = new Set(['workflow', 'pipeline', 'phase', 'agent', 'barrier']);
/** What is known while a document is read: whether this is the queue, and what leads to agents. */
export type Context = { readonly queue: boolean; readonly leading: Map<YamlNode, boolean> };

/** Whether there are agents somewhere in a node: then its name is left out of addresses, its ids are enough. */
function leads(node: YamlNode, memo: Map<YamlNode, boolean>): boolean {
  const known = memo.get(node);
  if (known !== undefined) return known;
  const found =
    node.kind === 'map'
      ? node.entries.some(
          ({ name, value }) =>
            (name === 'agents' && (value.kind === 'map' || value.kind === 'list') && !isTexts(value)) ||
            leads(value, memo),
        )
      : node.kind === 'list' && node.items.some((item) => leads(item, memo));
  memo.set(node, found);
  return found;
}

const isTexts = (node: YamlNode) => node.kind === 'list' && node.items.every(({ kind }) => kind === 'scalar');

/** What can be addressed in a map, whatever shape it has. */
export function draftsIn(map: YamlMap, source: string, context: Context): Draft[] {
  return visibleEntries(map).flatMap(({ name, value }): Draft[] => {
    if (name === undefined) return [];
    if (value.kind === 'list') return fromList(name, value.items, source, context);
    if (value.kind !== 'map') return [];
    const kind = kindOf(name);
    if (singles.has(name)) return [single(name, value, source, context)];
    if (kind !== undefined && kind !== 'task') {
      const members = visibleEntries(value);
      if (
        statusFields(value, source).entry === undefined &&
        (members.some(({ value: each }) => each.kind === 'map' || (each.kind === 'list' && !isTexts(each))) ||
          (plural.test(name) && rollOf(value, source).size > 0))
      )
        return grouped(name, fromMap(kind, value, source, inQueue(name, context)));
    }
    return [other(name, value, source, inQueue(name, context))];
  });
}

const inQueue = (name: string, context: Context): Context =>
  /queue/.test(name) ? { ...context, queue: true } : context;

function single(name: string, map: YamlMap, source: string, context: Context): Draft {
  const kind = kindOf(name) ?? 'other';
  const id = idOf(map, kind, source);
  const children = draftsIn(map, source, context);
  const segment = kind === 'workflow' ? 'workflow' : (id ?? name);
  return { kind, segment, id, key: name, map, children, ...statusFields(map, source) };
}

function fromMap(kind: ItemKind, map: YamlMap, source: string, context: Context): Draft[] {
  const roll = rollOf(map, source);
  return visibleEntries(map).flatMap((entry): Draft[] => {
    const { name, value } = entry;
    if (name === undefined) return [];
    if (roll.has(entry)) return [rollDraft(kind, map, entry, source)];
    if (value.kind === 'list') return fromList(name, value.items, source, context, kind);
    if (value.kind !== 'map') return [];
    const id = idOf(value, kind, source);
    const children = draftsIn(value, source, context);
    return [
      { kind, segment: id ?? name, id, key: name, map: value, children, ...statusFields(value, source) },
    ];
  });
}

function other(name: string, map: YamlMap, source: string, context: Context): Draft {
  const children = draftsIn(map, source, context);
  const id = idOf(map, 'other', source);
  return { kind: 'other', segment: name, id, key: name, map, children, ...statusFields(map, source) };
}

function fromList(
  name: string,
  items: readonly YamlNode[],
  source: string,
  context: Context,
  inherited: ItemKind = 'other',
): Draft[] {
  const within = inQueue(name, context);
  const kind = kindOf(name) ?? inherited;
  const drafts = items.flatMap((item, index): Draft[] => {
    if (item.kind !== 'map') return [];
    const only = plural.test(name) ? rollEntry(item, source) : undefined;
    if (only !== undefined) return [rollDraft(kind, item, only, source)];
    const id = idOf(item, kind, source);
    const children = draftsIn(item, source, within);
    const segment = id ?? `[${index + 1}]`;
    return [{ kind, segment, id, key: undefined, map: item, children, ...statusFields(item, source) }];
  });
  const leadsOn = !within.queue && items.some((item) => leads(item, context.leading));
  return leadsOn ? drafts : grouped(name, drafts);
}

/** Members of a container whose name stays in their addresses, unless it is one of the well-known. */
const grouped = (name: string, drafts: Draft[]): Draft[] =>
  plural.test(name)
    ? drafts
    : drafts.map((draft) => ({
        ...draft,
        segment: draft.segment.startsWith('[') ? `${name}${draft.segment}` : `${name}/${draft.segment}`,
      }));

/** The status that a map has itself. */
export function statusFields(map: YamlMap, source: string): Pick<Item, 'entry' | 'status' | 'raw'> {
  const entry = entryOf(map, 'status');
  if (entry === undefined || entry.value.kind === 'map' || entry.value.kind === 'list')
    return { entry: undefined, status: undefined, raw: undefined };
  const raw = textOf(entry.value, source);
  return { entry, raw, status: raw === undefined ? 'UNKNOWN' : statusOf(raw) };
}

/** The id of a map, by the names that files use for it. */
export function idOf(map: YamlMap, kind: ItemKind, source: string): string | undefined {
  const names = kind === 'other' ? ['id', 'name'] : ['id', `${kind}_id`, kind, 'name', 'number'];
  for (const name of names) {
    const node = nodeAt(map, name);
    const text = scalarAt(node) === undefined ? undefined : textOf(node, source)?.trim();
    if (text !== undefined && text !== '' && !text.includes('\n')) return text;
  }
  return undefined;
}
