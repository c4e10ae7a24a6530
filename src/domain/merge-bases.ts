import { openReach, type Reached } from './reach.ts';
import type { Sha } from './sha.ts';

/** The best common ancestors of any two of many commits: none for unrelated histories, `undefined` where not known. */
export type MergeBases = {
  readonly of: (one: Sha, other: Sha) => readonly Sha[] | undefined;
  /** All that are the best of some two, in the order in which the history was read. */
  readonly all: readonly Sha[];
};

/** Finds the merge bases of all pairs of some commits in one pass over their history. */
export type MergeBaseSearch = {
  readonly read: (id: string, parents: readonly string[]) => void;
  /** Whether nothing that is still to come can change a pair, unless a commit comes after its parents. */
  readonly isSettled: () => boolean;
  readonly results: () => MergeBases;
};

export function openMergeBases(tips: readonly Sha[]): MergeBaseSearch {
  const { commits, awaited, mark, read } = openReach();
  const ids = [...new Set(tips)];
  const places = new Map(ids.map((id, place) => [id, place]));
  const bits = ids.map(mark);
  const everyone = bits.reduce((all, bit) => all | bit, 0n);

  return {
    read,
    isSettled: () => {
      for (const { mask } of awaited) if (mask !== everyone && mask !== 0n) return false; // 0: of no tip
      return true;
    },
    results: () => {
      const open = [...awaited].map(({ mask }) => mask).filter((mask) => mask !== everyone);
      const found = new Map<number, Sha[]>();
      const some: Reached[] = [];
      for (const [commit, children] of forks(commits)) {
        if (pairsFrom(commit, children, bits, (pair) => push(found, pair, commit.id as Sha)))
          some.push(commit);
      }
      const last = commits.size; // one that was never read
      const all = some.sort((a, b) => (a.place ?? last) - (b.place ?? last)).map(({ id }) => id as Sha);
      const of = (one: Sha, other: Sha): readonly Sha[] | undefined => {
        if (one === other) return [one];
        const [a, b] = [places.get(one), places.get(other)];
        if (a === undefined || b === undefined) return undefined;
        if (open.length > 0) {
          const both = (bits[a] ?? 0n) | (bits[b] ?? 0n);
          if (open.some((mask) => (mask & both) !== 0n && (mask & both) !== both)) return undefined;
        }
        return found.get(Math.min(a, b) * ids.length + Math.max(a, b)) ?? [];
      };
      return { of, all };
    },
  };
}

/** The commits that more tips reach than each of their children, with what reaches those children. */
function* forks(commits: ReadonlyMap<string, Reached>): Iterable<[Reached, readonly bigint[]]> {
  const childMasks = new Map<Reached, Set<bigint>>();
  for (const child of commits.values()) {
    for (const parent of child.parents ?? []) {
      const masks = childMasks.get(parent);
      if (masks === undefined) childMasks.set(parent, new Set([child.mask]));
      else masks.add(child.mask);
    }
  }
  for (const commit of commits.values()) {
    const masks = childMasks.get(commit);
    if (masks === undefined || !masks.has(commit.mask)) yield [commit, [...(masks ?? [])]];
  }
}

/**
 * The pairs of tips that both reach a commit and, as a pair, none of its children: every common descendant would be
 * reached through one of these. Gives whether there are any.
 */
function pairsFrom(
  { mask }: Reached,
  children: readonly bigint[],
  bits: readonly bigint[],
  take: (pair: number) => void,
): boolean {
  let any = false;
  const members = bits.flatMap((bit, place) => ((mask & bit) === 0n ? [] : [place]));
  for (const a of members) {
    const bit = bits[a] ?? 0n;
    let together = bit;
    for (const child of children) if ((child & bit) !== 0n) together |= child;
    const apart = mask & ~together;
    if (apart === 0n) continue;
    for (const b of members) {
      if (b <= a || (apart & (bits[b] ?? 0n)) === 0n) continue;
      take(a * bits.length + b);
      any = true;
    }
  }
  return any;
}

function push(found: Map<number, Sha[]>, pair: number, id: Sha): void {
  const bases = found.get(pair);
  if (bases === undefined) found.set(pair, [id]);
  else bases.push(id);
}
