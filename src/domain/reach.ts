/** A commit and which of the marked ones reach it: one bit for each. */
export type Reached = {
  readonly id: string;
  /** How many were read before it; `undefined` as long as it was not. */
  place: number | undefined;
  mask: bigint;
  /** `undefined` as long as it was only named by a child. */
  parents: readonly Reached[] | undefined;
};

/** Spreads marks down a history that is read in any order. */
export type Reach = {
  readonly commits: ReadonlyMap<string, Reached>;
  /** Those that were named by a child, or marked, and not read yet. */
  readonly awaited: ReadonlySet<Reached>;
  /** The bit of a commit that is to be told apart. */
  readonly mark: (id: string) => bigint;
  readonly read: (id: string, parents: readonly string[]) => void;
};

export function openReach(): Reach {
  const commits = new Map<string, Reached>();
  const awaited = new Set<Reached>();
  const bits = new Map<string, bigint>();
  let count = 0;

  const commit = (id: string): Reached => {
    let found = commits.get(id);
    if (found === undefined) {
      found = { id, place: undefined, mask: 0n, parents: undefined };
      commits.set(id, found);
      awaited.add(found);
    }
    return found;
  };

  return {
    commits,
    awaited,
    mark: (id) => {
      let bit = bits.get(id);
      if (bit === undefined) {
        bit = 1n << BigInt(bits.size);
        bits.set(id, bit);
        commit(id).mask = bit;
      }
      return bit;
    },
    read: (id, parentIds) => {
      const seen = commit(id);
      awaited.delete(seen);
      seen.place ??= count++;
      seen.parents = parentIds.map(commit);
      // A child may come after its parents (clock skew): its mask then goes down through what is known.
      const pending = [seen];
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        for (const parent of next.parents ?? []) {
          const mask = parent.mask | next.mask;
          if (mask === parent.mask) continue;
          parent.mask = mask;
          if (parent.parents !== undefined) pending.push(parent);
        }
      }
    },
  };
}
