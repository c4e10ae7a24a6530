import { nodeAt, textOf, textsOf, type YamlNode } from '../yaml-tree.ts';
import type { Item } from './items.ts';
import { membersOf, type Resolve } from './references.ts';
import { isDone, isWaiting } from './status.ts';

/** What keeps an agent from being started: the address, or the file's own text where it names nothing that is there. */
export type Hindrance = { readonly by: string; readonly why: string };

/** An entry of `blockers.active`. */
export type Blocker = {
  readonly id: string | undefined;
  readonly description: string | undefined;
  readonly blocking: readonly string[];
  readonly node: YamlNode;
};

/** The blockers that are active: `blockers.active`, or `blockers` itself where that is a list. */
export function blockersOf(root: YamlNode | undefined, source: string): readonly Blocker[] {
  const found = nodeAt(root, 'blockers') ?? nodeAt(nodeAt(root, 'workflow'), 'blockers');
  const list = found?.kind === 'map' ? nodeAt(found, 'active') : found;
  if (list?.kind !== 'list') return [];
  return list.items.map((node) => ({
    id: textOf(nodeAt(node, 'id'), source),
    description: textOf(nodeAt(node, 'description') ?? (node.kind === 'scalar' ? node : undefined), source),
    blocking: ['blocking', 'blocks', 'affects'].flatMap((name) => textsOf(nodeAt(node, name), source)),
    node,
  }));
}

/** The texts of `blocked_by` and `depends_on`. */
export const dependenciesOf = (item: Item, source: string): readonly string[] =>
  ['blocked_by', 'depends_on']
    .flatMap((name) => textsOf(nodeAt(item.map, name), source))
    .filter((text) => text.trim() !== '' && !/^(?:none|null|n\/a|-)$/i.test(text.trim()));

export type Scene = {
  readonly source: string;
  readonly items: readonly Item[];
  readonly blockers: readonly Blocker[];
  readonly resolve: Resolve;
};

/** Tells of every agent what keeps it from being started now. Nothing: it can be, if it is waiting. */
export function hindrancesIn(scene: Scene): (agent: Item) => readonly Hindrance[] {
  const { items, source, resolve, blockers } = scene;
  const within = membersOf(items);
  const workflow = items.find(({ kind }) => kind === 'workflow');
  const groups = items.filter(({ kind }) => kind === 'group');
  const members = new Map<Item, readonly Item[]>(
    groups.map((group) => [
      group,
      textsOf(nodeAt(group.map, 'agents'), source).flatMap((name) => resolve(name, group) ?? []),
    ]),
  );
  const over = new Map<Item, boolean>();
  const isOver = (item: Item): boolean => {
    const known = over.get(item);
    if (known !== undefined) return known;
    over.set(item, false); // groups may name each other
    const is = isOverNow(item);
    over.set(item, is);
    return is;
  };
  const isOverNow = (item: Item): boolean => {
    if (item.status !== undefined && isDone(item.status)) return true;
    const inGroup = members.get(item) ?? [];
    if (item.kind === 'group') return inGroup.length > 0 && inGroup.every(isOver);
    if (item.status !== undefined) return false;
    const inside = within(item).filter((each) => each.status !== undefined);
    return inside.length > 0 && inside.every(isOver);
  };
  /** The last one of its kind beside an item and before it that is not over. */
  const previous = new Map<Item, Item | undefined>();
  const openBefore = (item: Item): Item | undefined => {
    if (!previous.has(item)) {
      let open: Item | undefined;
      for (const each of within(item.parent).filter(({ kind }) => kind === item.kind)) {
        previous.set(each, open);
        if (!isOver(each)) open = each;
      }
    }
    return previous.get(item);
  };
  const waitsFor = (item: Item): Hindrance => ({
    by: item.address,
    why: `${item.address} is ${item.status ?? 'not complete'}`,
  });
  const ofDependencies = (item: Item): readonly Hindrance[] =>
    dependenciesOf(item, source).flatMap((reference): readonly Hindrance[] => {
      const found = resolve(reference, item);
      if (found === undefined) return [{ by: reference, why: `${reference} is nothing that the file has` }];
      return isOver(found) ? [] : [waitsFor(found)];
    });
  const ofOrder = (item: Item): readonly Hindrance[] => {
    const { parent } = item;
    if (item.kind !== 'phase' && !(item.kind === 'agent' && isSequential(parent, source))) return [];
    if (parent === undefined && item.kind !== 'phase') return [];
    const before = openBefore(item);
    return before === undefined ? [] : [waitsFor(before)];
  };
  /** What an ancestor, or a group of the queue, says itself. */
  const ofAncestor = (item: Item): readonly Hindrance[] => {
    const own = [...ofDependencies(item), ...ofOrder(item)];
    if (item.status === undefined || own.length > 0) return own;
    const stops =
      item.status === 'FAILED' ||
      item.status === 'CANCELLED' ||
      isDone(item.status) ||
      (item.status === 'BLOCKED' && dependenciesOf(item, source).length === 0);
    return stops && item.kind !== 'group' ? [waitsFor(item)] : own;
  };
  return (agent) => {
    const found: Hindrance[] = [];
    if (workflow !== undefined && workflow !== agent) found.push(...ofAncestor(workflow));
    const around: Item[] = [];
    for (let at = agent.parent; at !== undefined; at = at.parent) around.unshift(at);
    for (const item of around) if (item !== workflow) found.push(...ofAncestor(item));
    // Files leave the queue behind when phases go on: it counts where nothing else tells the order.
    if (agent.parent === undefined)
      for (const [group, inGroup] of members)
        if (inGroup.includes(agent)) found.push(...ofDependencies(group));
    found.push(...ofDependencies(agent), ...ofOrder(agent));
    for (const { id, description, blocking } of blockers) {
      const hits = blocking.some((name) => {
        const item = resolve(name, undefined);
        return item !== undefined && (item === agent || around.includes(item));
      });
      if (hits)
        found.push({ by: id ?? 'blockers.active', why: `${id ?? 'a blocker'}: ${description ?? ''}` });
    }
    const isExplained = [...around, agent].some((item) => dependenciesOf(item, source).length > 0);
    if (agent.status === 'BLOCKED' && found.length === 0 && !isExplained)
      found.push({ by: agent.address, why: 'its own status is BLOCKED, and nothing says by what' });
    return [...new Map(found.map((each) => [each.by, each])).values()];
  };
}

const isSequential = (item: Item | undefined, source: string): boolean =>
  item !== undefined && /^sequential$/i.test(textOf(nodeAt(item.map, 'execution_mode'), source) ?? '');

/** Whether an agent's status lets it be started at all. */
export const mayStart = (agent: Item): boolean => agent.status !== undefined && isWaiting(agent.status);
