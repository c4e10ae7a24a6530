import { replaceValue, type YamlEdit } from '../yaml-edit.ts';
import { appendItems, holdsList, type NewItem } from '../yaml-lists.ts';
import {
  entryOf,
  everyNode,
  nodeAt,
  textOf,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
} from '../yaml-tree.ts';
import { nextId, shapedEntry } from './entry-shape.ts';
import { type FileStyle, styleOf } from './style.ts';

/** A checkpoint that is to be entered. */
export type NewCheckpoint = {
  readonly trigger: string;
  readonly description: string;
  /** What tells it from others: a file that names it already has this checkpoint. */
  readonly recoveryPoint: string;
};

const usual = ['id', 'timestamp', 'trigger', 'description', 'recovery_point'];

type Kept = {
  /** The map and the entry of the list. */
  readonly place: { readonly map: YamlMap; readonly entry: YamlEntry };
  readonly items: readonly YamlNode[];
  /** Where the file says which is the last. */
  readonly latest: { readonly map: YamlMap; readonly entry: YamlEntry } | undefined;
};

/** Where a file keeps its checkpoints; `undefined` where it keeps none, or has a list of those that are planned. */
function keptIn(root: YamlNode | undefined): Kept | undefined {
  const owner = [root, nodeAt(root, 'workflow')].find((node) => entryOf(node, 'checkpoints') !== undefined);
  const entry = entryOf(owner, 'checkpoints');
  if (owner?.kind !== 'map' || entry === undefined) return undefined;
  const { value } = entry;
  const inside = value.kind === 'map' ? entryOf(value, 'entries') : undefined;
  const place =
    value.kind === 'list'
      ? { map: owner, entry }
      : value.kind === 'map' && inside !== undefined
        ? { map: value, entry: inside }
        : undefined;
  if (place === undefined || !holdsList(place.entry)) return undefined;
  const items = place.entry.value.kind === 'list' ? place.entry.value.items : [];
  if (items.some((item) => nodeAt(item, 'status') !== undefined)) return undefined;
  const latest = value.kind === 'map' ? entryOf(value, 'latest_id') : undefined;
  return {
    place,
    items,
    latest: value.kind === 'map' && latest !== undefined ? { map: value, entry: latest } : undefined,
  };
}

/** Enters checkpoints where the file keeps them, with the keys that name the last one. */
export function checkpointEdits(
  file: { readonly text: string; readonly root: YamlNode | undefined },
  checkpoints: readonly NewCheckpoint[],
  now: Date,
): { readonly edits: readonly YamlEdit[]; readonly ids: readonly string[]; readonly isRefused: boolean } {
  const { text: source, root } = file;
  const kept = keptIn(root);
  const none = { edits: [], ids: [], isRefused: false };
  if (kept === undefined) return none;
  const texts = kept.items.map((item) => textsIn(item, source));
  const fresh = checkpoints.filter(
    ({ recoveryPoint }) => !texts.some((all) => all.some((text) => text.includes(recoveryPoint))),
  );
  if (fresh.length === 0) return none;
  const style = styleOf(root);
  const before = textOf(kept.latest?.entry.value, source) ?? null;
  const known = [
    ...kept.items.flatMap(
      (item) => textOf(nodeAt(item, 'id') ?? nodeAt(item, 'checkpoint_id'), source) ?? [],
    ),
    ...(before === null ? [] : [before]),
  ];
  const ids: string[] = [];
  const items: NewItem[] = fresh.map((checkpoint) => {
    const id = nextId([...known, ...ids], 'CP-001');
    ids.push(id);
    return itemFor(checkpoint, id, { source, style, now, sample: kept.items.at(-1) });
  });
  const appended = appendItems(source, root, kept.place, items);
  if (appended === undefined) return { ...none, isRefused: true };
  const last = ids.at(-1) ?? '';
  const put = ({ map, entry }: { readonly map: YamlMap; readonly entry: YamlEntry }) =>
    replaceValue(source, map, entry, last, { quoting: style.quotes });
  return {
    edits: [
      appended,
      ...(kept.latest === undefined || kept.latest.entry.value.kind !== 'scalar' ? [] : [put(kept.latest)]),
      ...pointersIn(root, source, before).map(put),
    ],
    ids,
    isRefused: false,
  };
}

function itemFor(
  { trigger, description, recoveryPoint }: NewCheckpoint,
  id: string,
  scene: {
    readonly source: string;
    readonly style: FileStyle;
    readonly now: Date;
    readonly sample: YamlNode | undefined;
  },
): NewItem {
  const { source, style, now, sample } = scene;
  return shapedEntry(sample?.kind === 'map' ? sample : undefined, source, style, usual, {
    idAfter: () => id,
    time: now,
    values: { trigger, type: trigger, description, summary: description, recovery_point: recoveryPoint },
  });
}

/** `last_checkpoint` below `resumption`, where it named the one that was the last until now. */
function pointersIn(root: YamlNode | undefined, source: string, before: string | null) {
  const resumption = nodeAt(root, 'resumption');
  return [...everyNode(resumption)].flatMap((node) => {
    const entry = node.kind === 'map' ? entryOf(node, 'last_checkpoint') : undefined;
    if (node.kind !== 'map' || entry?.value.kind !== 'scalar') return [];
    return (textOf(entry.value, source) ?? null) === before ? [{ map: node, entry }] : [];
  });
}

const textsIn = (node: YamlNode, source: string): string[] =>
  [...everyNode(node)].flatMap((each) => (each.kind === 'scalar' ? (textOf(each, source) ?? []) : []));
