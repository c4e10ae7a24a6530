import { nodeAt, textsOf } from '../yaml-tree.ts';
import { hasStatus, type StatusItem } from './addresses.ts';
import type { Item } from './items.ts';
import { isBelow, referencesIn } from './references.ts';
import { dependenciesOf } from './runnable.ts';
import { isDone } from './status.ts';

/**
 * The barriers that waited for an agent, now that it is complete, and for nothing else any more: of each all that
 * it depends on is complete, itself or in all its agents. One that waits for such a barrier follows it.
 */
export function barriersOpened(items: readonly Item[], source: string, agent: Item): readonly StatusItem[] {
  const resolve = referencesIn(items);
  const complete = new Set<Item>([agent]);
  const members = (group: Item) =>
    textsOf(nodeAt(group.map, 'agents'), source)
      .flatMap((name) => resolve(name, group) ?? [])
      .filter(({ kind }) => kind === 'agent');
  const inside = (item: Item): readonly Item[] =>
    item.kind === 'group'
      ? members(item)
      : items.filter((each) => each.kind === 'agent' && hasStatus(each) && isBelow(each, item));
  const isOver = (item: Item): boolean => {
    if (complete.has(item) || (item.status !== undefined && isDone(item.status))) return true;
    const within = inside(item);
    return within.length > 0 && within.every(isOver);
  };
  const concerns = (item: Item): boolean =>
    [...complete].some((each) => each === item || isBelow(each, item) || inside(item).includes(each));
  const opened: StatusItem[] = [];
  const barriers = items.filter(({ kind }) => kind === 'barrier').filter(hasStatus);
  for (let again = true; again; ) {
    again = false;
    for (const barrier of barriers) {
      const { status } = barrier;
      if (complete.has(barrier) || isDone(status) || status === 'FAILED' || status === 'CANCELLED') continue;
      const waited = dependenciesOf(barrier, source).map((reference) => resolve(reference, barrier));
      if (waited.length === 0 || !waited.every((item) => item !== undefined && isOver(item))) continue;
      if (!waited.some((item) => item !== undefined && concerns(item))) continue;
      complete.add(barrier);
      opened.push(barrier);
      again = true;
    }
  }
  return opened;
}
