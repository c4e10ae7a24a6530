import type { Item } from './items.ts';

/** What the `blocked_by` and `depends_on` of a file name: `barrier-1`, `group-2`, `pipeline_a.phase.1`, `res/3`, `phase-2`. */
export type Resolve = (reference: string, from: Item | undefined) => Item | undefined;

const lower = (text: string) => text.trim().toLowerCase();

/** Finds what references mean. What is near counts first: of several phases 1 the one in the same pipeline. */
export function referencesIn(items: readonly Item[]): Resolve {
  const byName = new Map<string, Set<Item>>();
  const note = (name: string | undefined, item: Item) => {
    if (name === undefined) return;
    const known = byName.get(lower(name));
    if (known === undefined) byName.set(lower(name), new Set([item]));
    else known.add(item);
  };
  for (const item of items) {
    if (item.kind === 'other' && item.status === undefined) continue;
    for (const name of [item.address, item.plain, item.id, item.key]) note(name, item);
    if (item.id !== undefined && /^\d+(?:\.\d+)?$/.test(item.id)) {
      for (const joint of ['-', '_', ' ', '.']) note(`${item.kind}${joint}${item.id}`, item);
    }
  }
  const nearest = (name: string, from: Item | undefined): Item | undefined => {
    const named = byName.get(lower(name));
    if (named === undefined) return undefined;
    const found = [...named].filter((item) => item !== from);
    if (found.length <= 1) return found[0];
    for (let around = from?.parent; around !== undefined; around = around.parent) {
      const inside = found.filter((item) => isBelow(item, around));
      if (inside.length === 1) return inside[0];
    }
    const main = found.filter(({ kind }) => kind !== 'group' && kind !== 'other' && kind !== 'task');
    return main.length === 1 ? main[0] : undefined;
  };
  const inside = membersOf(items);
  return (reference, from) => {
    const direct = nearest(reference, from);
    if (direct !== undefined) return direct;
    const parts = reference.split(/[./]/);
    const [first = '', ...rest] = parts;
    let at = rest.length === 0 ? undefined : nearest(first, from);
    for (let index = 0; at !== undefined && index < rest.length; index += 1) {
      const part = rest[index] ?? '';
      const next = /^(?:phase|agent|barrier|stage)s?$/i.test(part) ? rest[++index] : part;
      const around: Item = at;
      at = inside(around).find((item) =>
        [item.id, item.key, `${item.kind}-${item.id}`].some(
          (name) => name !== undefined && next !== undefined && lower(name) === lower(next),
        ),
      );
    }
    return at;
  };
}

/** What stands right in an item, or at the top, in the order of the text. */
export function membersOf(items: readonly Item[]): (parent: Item | undefined) => readonly Item[] {
  const members = new Map<Item | undefined, Item[]>();
  for (const item of items) {
    const known = members.get(item.parent);
    if (known === undefined) members.set(item.parent, [item]);
    else known.push(item);
  }
  return (parent) => members.get(parent) ?? [];
}

/** Whether an item is inside another. */
export function isBelow(item: Item, around: Item): boolean {
  for (let at = item.parent; at !== undefined; at = at.parent) if (at === around) return true;
  return false;
}
