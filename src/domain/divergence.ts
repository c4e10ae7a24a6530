import { openReach, type Reached } from './reach.ts';
import type { Sha } from './sha.ts';

/** A commit and the commit that its work is to land on. */
export type Pair = { readonly base: Sha; readonly tip: Sha };

/** How two commits relate. */
export type Divergence = {
  /** Commits of the tip that the base lacks. */
  readonly ahead: number;
  /** Commits of the base that the tip lacks. */
  readonly behind: number;
  /** The best common ancestors, none for unrelated histories. Beside the best there may be an ancestor of theirs. */
  readonly mergeBases: readonly Sha[];
  /** The commits that `behind` counts; `undefined` when they are more than a few hundred. */
  readonly missing: readonly Sha[] | undefined;
};

const mostMissing = 300;

/** Counts the divergence of many pairs in one pass over their history, which may come in any order. */
export type DivergenceCount = {
  readonly read: (id: string, parents: readonly string[]) => void;
  /** Whether nothing that is still to come can change an answer, unless a commit comes after its parents. */
  readonly isSettled: () => boolean;
  /** In the order of the pairs; `undefined` where a commit that matters was never read. */
  readonly results: () => readonly (Divergence | undefined)[];
};

export function openDivergenceCount(pairs: readonly Pair[]): DivergenceCount {
  const { commits, awaited, mark, read } = openReach();
  const bits = new Map<string, bigint>();
  const tipsOfBase = new Map<bigint, bigint>();
  const bitOf = (id: string): bigint => {
    const bit = mark(id);
    bits.set(id, bit);
    return bit;
  };
  for (const { base, tip } of pairs) {
    const bit = bitOf(base);
    tipsOfBase.set(bit, (tipsOfBase.get(bit) ?? 0n) | bitOf(tip));
  }

  return {
    read,
    // Everything unseen is reached through an awaited commit: when those belong to both sides of every pair or
    // to neither, so does all that follows.
    isSettled: () => {
      for (const { mask } of awaited) {
        for (const [base, tips] of tipsOfBase) {
          const reached = mask & tips;
          if ((mask & base) === 0n ? reached !== 0n : reached !== tips) return false;
        }
      }
      return true;
    },
    results: () => summarize(pairs, bits, [...commits.values()], [...awaited]),
  };
}

function summarize(
  pairs: readonly Pair[],
  bits: ReadonlyMap<string, bigint>,
  all: readonly Reached[],
  awaited: readonly Reached[],
): readonly (Divergence | undefined)[] {
  // Commits reached from the same tips count alike, so that pairs are compared with sets of commits, not with each.
  const alike = new Map<bigint, Reached[]>();
  for (const each of all) {
    if (each.parents === undefined) continue;
    const group = alike.get(each.mask);
    if (group === undefined) alike.set(each.mask, [each]);
    else group.push(each);
  }
  // A merge base is common to both sides and none of its children is; one whose child has the same mask never is.
  const childMasks = new Map<Reached, bigint[]>();
  const inner = new Set<Reached>();
  for (const child of all) {
    for (const parent of child.parents ?? []) {
      if (parent.mask === child.mask) inner.add(parent);
      else if (!childMasks.get(parent)?.push(child.mask)) childMasks.set(parent, [child.mask]);
    }
  }
  const forks = all.filter((each) => !inner.has(each));

  return pairs.map(({ base, tip }) => {
    const ours = bits.get(base) ?? 0n;
    const theirs = bits.get(tip) ?? 0n;
    const both = ours | theirs;
    const isOneSided = ({ mask }: Reached) => (mask & both) !== 0n && (mask & both) !== both;
    if (awaited.some(isOneSided)) return undefined;
    let ahead = 0;
    let behind = 0;
    const missing: Reached[][] = [];
    for (const [mask, group] of alike) {
      if ((mask & both) === both) continue;
      if ((mask & both) === theirs) ahead += group.length;
      else if ((mask & both) === ours) {
        behind += group.length;
        missing.push(group);
      }
    }
    const isCommon = (mask: bigint) => (mask & both) === both;
    const mergeBases = forks.filter(
      (fork) => isCommon(fork.mask) && !(childMasks.get(fork) ?? []).some(isCommon),
    );
    return {
      ahead,
      behind,
      mergeBases: mergeBases.map(({ id }) => id as Sha),
      missing: behind > mostMissing ? undefined : missing.flat().map(({ id }) => id as Sha),
    };
  });
}
