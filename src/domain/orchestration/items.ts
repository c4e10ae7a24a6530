import {
  entryOf,
  nodeAt,
  scalarAt,
  textOf,
  visibleEntries,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
} from '../yaml-tree.ts';
import { type Status, statusOf } from './status.ts';

/** What part of a workflow something is, by where it stands. */
export type ItemKind =
  | 'workflow'
  | 'pipeline'
  | 'phase'
  | 'agent'
  | 'barrier'
  | 'group'
  | 'gate'
  | 'task'
  | 'other';

/** A map of the file that can be addressed: it has an id, or a status, or it holds such things. */
export type Item = {
  readonly kind: ItemKind;
  /** Unique in the file. */
  readonly address: string;
  /** The address without the `[n]` that tell what repeats apart. */
  readonly plain: string;
  /** Its own part of the address. */
  readonly segment: string;
  readonly id: string | undefined;
  /** Its key, where it stands in a map. */
  readonly key: string | undefined;
  readonly map: YamlMap;
  readonly parent: Item | undefined;
  /** The entry of its status; `undefined` when it has none. */
  readonly entry: YamlEntry | undefined;
  readonly status: Status | undefined;
  readonly raw: string | undefined;
};

/** An item of which the addresses of its ancestors are known, before its own is. */
type Draft = Omit<Item, 'address' | 'plain' | 'parent'> & { readonly children: Draft[] };

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
/** Below the workflow these are found as at the top of the file. */
const ofWorkflow = new Set(['execution_queue', 'quality_gates', 'blockers']);

/** Everything in a document that can be addressed, in the order of the text. */
export function itemsOf(root: YamlNode | undefined, source: string): readonly Item[] {
  if (root?.kind !== 'map') return [];
  const leading = new Map<YamlNode, boolean>();
  const drafts = draftsIn(root, source, { queue: false, leading });
  const hasWorkflow = nodeAt(root, 'workflow')?.kind === 'map';
  const top = statusFields(root, source);
  if (top.entry !== undefined) {
    const segment = hasWorkflow ? '(top)' : 'workflow';
    const id = idOf(root, hasWorkflow ? 'other' : 'workflow', source);
    const kind = hasWorkflow ? 'other' : 'workflow';
    drafts.unshift({ kind, segment, id, key: undefined, map: root, children: [], ...top });
  }
  const items: Item[] = [];
  place(drafts, undefined, items, new Set());
  return items;
}

type Context = { readonly queue: boolean; readonly leading: Map<YamlNode, boolean> };

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

function draftsIn(map: YamlMap, source: string, context: Context): Draft[] {
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
        members.some(({ value: each }) => each.kind === 'map' || (each.kind === 'list' && !isTexts(each)))
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
  return visibleEntries(map).flatMap(({ name, value }): Draft[] => {
    if (name === undefined) return [];
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

function statusFields(map: YamlMap, source: string): Pick<Item, 'entry' | 'status' | 'raw'> {
  const entry = entryOf(map, 'status');
  if (entry === undefined || entry.value.kind === 'map' || entry.value.kind === 'list')
    return { entry: undefined, status: undefined, raw: undefined };
  const raw = textOf(entry.value, source);
  return { entry, raw, status: raw === undefined ? 'UNKNOWN' : statusOf(raw) };
}

function idOf(map: YamlMap, kind: ItemKind, source: string): string | undefined {
  const names = kind === 'other' ? ['id', 'name'] : ['id', `${kind}_id`, kind, 'name', 'number'];
  for (const name of names) {
    const node = nodeAt(map, name);
    const text = scalarAt(node) === undefined ? undefined : textOf(node, source)?.trim();
    if (text !== undefined && text !== '' && !text.includes('\n')) return text;
  }
  return undefined;
}

/** Gives every draft an address that no other has. */
function place(drafts: readonly Draft[], parent: Item | undefined, items: Item[], used: Set<string>): void {
  const counts = new Map<string, number>();
  for (const { segment } of drafts) counts.set(segment, (counts.get(segment) ?? 0) + 1);
  const seen = new Map<string, number>();
  // The workflow's own id says which file it is: what is in it is addressed from the top.
  for (const { children, ...draft } of drafts) {
    const nth = (seen.get(draft.segment) ?? 0) + 1;
    seen.set(draft.segment, nth);
    const isTop = parent === undefined || (parent.kind === 'workflow' && isOfWorkflow(draft, parent));
    const front = isTop ? '' : `${parent.address}/`;
    const repeats = (counts.get(draft.segment) ?? 0) > 1;
    let address = `${front}${draft.segment}${repeats ? `[${nth}]` : ''}`;
    for (let more = 2; used.has(address); more += 1) address = `${front}${draft.segment}[${more}]`;
    used.add(address);
    const plain = isTop ? draft.segment : `${parent.plain}/${draft.segment}`;
    const item: Item = { ...draft, address, plain, parent: isTop ? undefined : parent };
    items.push(item);
    place(children, item, items, used);
  }
}

const isOfWorkflow = ({ kind, map }: Pick<Item, 'kind' | 'map'>, workflow: Item): boolean =>
  ['pipeline', 'phase', 'agent', 'barrier', 'group', 'gate'].includes(kind) ||
  workflow.map.entries.some(({ name, value }) => value === map && ofWorkflow.has(name ?? ''));
