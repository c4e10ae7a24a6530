import type { Status } from '../status.ts';
import { nodeAt, type YamlEntry, type YamlMap, type YamlNode } from '../yaml-tree.ts';
import { type Draft, draftsIn, idOf, statusFields } from './drafts.ts';

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
