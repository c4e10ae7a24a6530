import type { Divergence, Pair } from '../domain/divergence.ts';
import {
  areInverseBlobs,
  areSameBlobs,
  type Comparison,
  type PathChange,
  placelessPatch,
  touchSamePaths,
} from '../domain/path-change.ts';
import { type Revert, standingRevert } from '../domain/reverts.ts';
import type { Sha } from '../domain/sha.ts';
import type { Hub } from './ports.ts';

/** A pair with how its commits relate. */
export type OpenPair = Pair & { readonly divergence: Divergence | undefined };

export type Changes = {
  readonly range: (pair: OpenPair) => readonly PathChange[] | undefined;
  readonly commit: (commit: Sha) => readonly PathChange[] | undefined;
};

const rangeOf = (pair: OpenPair): Comparison | undefined => {
  const [since] = pair.divergence?.mergeBases ?? [];
  return since === undefined || pair.divergence?.ahead === 0 ? undefined : { commit: pair.tip, since };
};

const keyOf = ({ commit, since }: Comparison) => `${commit} ${since ?? ''}`;

/** What each tip changes, and each commit that it might have landed as. */
export async function readChanges(hub: Hub, pairs: readonly OpenPair[]): Promise<Changes> {
  const comparisons = new Map<string, Comparison>();
  for (const pair of pairs) {
    const range = rangeOf(pair);
    if (range === undefined) continue;
    comparisons.set(keyOf(range), range);
    for (const commit of pair.divergence?.missing ?? []) comparisons.set(keyOf({ commit }), { commit });
  }
  const keys = [...comparisons.keys()];
  const answers = await hub.git.changedPaths([...comparisons.values()]);
  const found = new Map(keys.map((key, index) => [key, answers[index]]));
  return {
    range: (pair) => {
      const range = rangeOf(pair);
      return range === undefined ? undefined : found.get(keyOf(range));
    },
    commit: (commit) => found.get(keyOf({ commit })),
  };
}

/** For each pair of which one commit of the base is, as a patch, all that the tip adds: that commit. */
export async function findPatches(
  hub: Hub,
  pairs: readonly OpenPair[],
  changes: Changes,
  isUndecided: (index: number) => boolean,
): Promise<ReadonlyMap<number, Sha>> {
  const matched = new Map<number, Sha>();
  const candidates: Candidate[] = [];
  for (const [index, pair] of pairs.entries()) {
    const range = rangeOf(pair);
    const ours = changes.range(pair);
    if (range === undefined || ours === undefined || !isUndecided(index)) continue;
    for (const commit of pair.divergence?.missing ?? []) {
      const theirs = changes.commit(commit) ?? [];
      if (!touchSamePaths(ours, theirs)) continue;
      if (areSameBlobs(ours, theirs)) matched.set(index, commit);
      else candidates.push({ index, range, commit });
    }
  }
  return samePatches(hub, candidates, matched);
}

type Candidate = { readonly index: number; readonly range: Comparison; readonly commit: Sha };

/** Adds to those that are matched the candidates that make the same change as their range. */
async function samePatches(
  hub: Hub,
  candidates: readonly Candidate[],
  matched: Map<number, Sha>,
): Promise<Map<number, Sha>> {
  const open = candidates.filter(({ index }) => !matched.has(index)).slice(0, mostPatches);
  const patches = await hub.git.patches(open.flatMap(({ range, commit }) => [range, { commit }]));
  for (const [at, { index, commit }] of open.entries()) {
    const [ours = '', theirs] = patches.slice(2 * at, 2 * at + 2);
    if (theirs !== undefined && placelessPatch(ours) === placelessPatch(theirs)) matched.set(index, commit);
  }
  return matched;
}

const mostPatches = 200;

/** A pair whose work was landed at some time; `match` is the commit that made the same change. */
type Landed = { readonly index: number; readonly pair: OpenPair; readonly match: Sha | undefined };

/** The commits that took landed work back: those that say so, and those that make the inverse change. */
export async function findReverts(
  hub: Hub,
  landed: readonly Landed[],
  changes: Changes,
): Promise<ReadonlyMap<number, Sha>> {
  if (landed.length === 0) return new Map();
  const reverts = await readReverts(hub, landed);
  const takenBack = [...new Set(reverts.map((each) => each.reverts))];
  const parents = takenBack.length === 0 ? [] : await hub.git.parents(takenBack);
  // What brought the tip in: itself, when the base went straight on from it, and merges of it.
  const merges = (tip: Sha) =>
    takenBack.filter((_, at) => (parents[at]?.length ?? 0) > 1 && parents[at]?.includes(tip));
  const found = new Map<number, Sha>();
  const candidates: Candidate[] = [];
  for (const { index, pair, match } of landed) {
    const landings = match === undefined ? [pair.tip, ...merges(pair.tip)] : [match];
    const [told] = landings.flatMap((commit) => standingRevert(reverts, commit) ?? []);
    if (told !== undefined) found.set(index, told);
    const range = rangeOf(pair);
    const ours = changes.range(pair);
    if (match === undefined || range?.since === undefined || ours === undefined) continue;
    const inverse = { commit: range.since, since: range.commit };
    for (const commit of pair.divergence?.missing ?? []) {
      const theirs = changes.commit(commit) ?? [];
      if (commit === match || !touchSamePaths(ours, theirs)) continue;
      if (areInverseBlobs(ours, theirs)) found.set(index, commit);
      else candidates.push({ index, range: inverse, commit });
    }
  }
  return samePatches(hub, candidates, found);
}

/**
 * What the bases say that they took back, one process for each base. The pair that the base is furthest ahead of
 * bounds the search: a base that held another's landing when this one began would be ahead of that one by more.
 */
async function readReverts(hub: Hub, landed: readonly Landed[]): Promise<readonly Revert[]> {
  const furthest = new Map<Sha, OpenPair>();
  for (const { pair } of landed) {
    const known = furthest.get(pair.base);
    if ((pair.divergence?.behind ?? 0) > (known?.divergence?.behind ?? 0)) furthest.set(pair.base, pair);
  }
  const found = await Promise.all(
    [...furthest.values()].map(({ base, divergence }) =>
      hub.git.reverts({ base, since: divergence?.mergeBases ?? [] }),
    ),
  );
  return found.flat();
}
