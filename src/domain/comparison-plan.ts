import type { Sha } from './sha.ts';

/** Which trees are compared with each other, so that what any two differ in follows from it. */
export type ComparisonPlan = {
  /** What all others are told by in the end. */
  readonly reference: Sha;
  /** Each commit once, with what it is compared with: the reference, or a merge base that stands before it here. */
  readonly steps: readonly { readonly commit: Sha; readonly from: Sha }[];
  readonly mergeBases: ReadonlySet<Sha>;
};

type Side = { readonly commit: Sha };

/**
 * Compares each commit with the newest of its merge bases, and each merge base with the next newer one of a commit
 * that has both: neighbours differ in little, and what they have alike git need not read. `history`: the merge bases,
 * the newest first. `undefined` where no pair has one.
 */
export function planComparison(
  pairs: readonly { readonly ours: Side; readonly theirs: Side; readonly bases: readonly Sha[] }[],
  history: readonly Sha[],
): ComparisonPlan | undefined {
  const place = new Map(history.map((commit, index) => [commit, index]));
  const placesOf = new Map<Sha, Set<number>>();
  for (const { ours, theirs, bases } of pairs) {
    for (const base of bases) {
      const at = placeOf(place, base);
      for (const { commit } of [ours, theirs]) {
        const known = placesOf.get(commit);
        if (known === undefined) placesOf.set(commit, new Set([at]));
        else known.add(at);
      }
    }
  }

  const newer = new Map<number, number>();
  const newest = new Map<Sha, number>();
  for (const [commit, unsorted] of placesOf) {
    const places = [...unsorted].sort((a, b) => a - b);
    newest.set(commit, places[0] ?? 0);
    for (let index = 0; index < places.length; index++) {
      const at = places[index] ?? 0;
      newer.set(at, Math.max(newer.get(at) ?? -1, places[index - 1] ?? -1));
    }
  }
  const known = [...place.keys()];
  const commitAt = (at: number): Sha => known[at] as Sha;
  const used = [...newer.keys()].sort((a, b) => a - b);
  const [first, ...others] = used;
  if (first === undefined) return undefined;
  const reference = commitAt(first);
  const mergeBases = new Set(used.map(commitAt));
  return {
    reference,
    mergeBases,
    steps: [
      ...others.map((at) => {
        const from = newer.get(at) ?? -1;
        return { commit: commitAt(at), from: from === -1 ? reference : commitAt(from) };
      }),
      ...[...newest]
        .filter(([commit]) => !mergeBases.has(commit))
        .map(([commit, at]) => ({ commit, from: commitAt(at) })),
    ],
  };
}

/** Two equal tips are their own merge base, which no search comes upon. */
function placeOf(place: Map<Sha, number>, base: Sha): number {
  const found = place.get(base) ?? place.size;
  place.set(base, found);
  return found;
}
