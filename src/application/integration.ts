import type { Divergence, Pair } from '../domain/divergence.ts';
import {
  type Integration,
  type IntegrationFacts,
  integration,
  isByHistory,
  needsMergeBaseTree,
  needsProbe,
} from '../domain/integration.ts';
import type { MergeProbe } from '../domain/merge-probe.ts';
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
import type { Worktree } from '../domain/worktree.ts';
import type { Hub } from './ports.ts';

/** Everything that was found out about a pair on the way to its `integration`. */
export type Judged = {
  readonly divergence: Divergence | undefined;
  readonly probe: MergeProbe | undefined;
  /** What the tip changes since the merge base; `undefined` where it adds nothing, or is unrelated. */
  readonly changed: readonly PathChange[] | undefined;
  readonly integration: Integration;
};

/** What the caller knows already, so that git need not be asked again. */
export type Known = {
  readonly worktrees: readonly Worktree[];
  /** Trees of commits. */
  readonly trees?: ReadonlyMap<Sha, Sha>;
};

/** Whether the work of each tip is in its base, in the order of the pairs. */
export async function integrated(hub: Hub, pairs: readonly Pair[]): Promise<readonly Integration[]> {
  const judged = await judge(hub, pairs, { worktrees: await hub.git.worktrees() });
  return judged.map((each) => each.integration);
}

/** Judges all pairs together, in at most five git processes whatever their number. */
export async function judge(hub: Hub, pairs: readonly Pair[], known: Known): Promise<readonly Judged[]> {
  const divergences = await hub.git.divergence(pairs);
  const open = pairs.map((pair, index) => ({ ...pair, divergence: divergences[index] }));
  const isAhead = (pair: OpenPair) => (pair.divergence?.ahead ?? 0) > 0;
  const trees = new Map(known.trees);
  const [probes, changes] = await Promise.all([
    probeAll(hub, open, known.worktrees),
    readChanges(hub, open),
    readTrees(
      hub,
      trees,
      open.filter(isAhead).flatMap(({ base, tip }) => [base, tip]),
    ),
  ]);
  const facts = (pair: OpenPair, index: number): IntegrationFacts => ({
    ...pair,
    probe: probes[index],
    trees: {
      base: trees.get(pair.base),
      tip: trees.get(pair.tip),
      mergeBase: trees.get(onlyMergeBase(pair) as Sha),
    },
    hasPatch: false,
  });
  await readTrees(
    hub,
    trees,
    open.flatMap((pair, index) =>
      needsMergeBaseTree(facts(pair, index)) ? (onlyMergeBase(pair) ?? []) : [],
    ),
  );
  const first = open.map((pair, index) => integration(facts(pair, index)));
  const undecided = (index: number) => first[index]?.kind !== 'yes';
  const patches = await findPatches(hub, open, changes, undecided);
  const second = open.map((pair, index) => ({ ...facts(pair, index), hasPatch: patches.has(index) }));
  const reverted = await findReverts(
    hub,
    second.flatMap((each, index) => {
      const now = integration(each);
      const match = patches.get(index);
      return now.kind === 'yes' && isByHistory(now.why) && (each.divergence?.behind ?? 0) > 0
        ? [{ index, pair: each, match }]
        : [];
    }),
    changes,
  );
  return open.map((pair, index) => ({
    divergence: pair.divergence,
    probe: probes[index],
    changed: changes.range(pair),
    integration: integration({ ...(second[index] as IntegrationFacts), revertedBy: reverted.get(index) }),
  }));
}

type OpenPair = Pair & { readonly divergence: Divergence | undefined };

const onlyMergeBase = ({ divergence }: OpenPair): Sha | undefined =>
  divergence?.mergeBases.length === 1 ? divergence.mergeBases[0] : undefined;

async function probeAll(
  hub: Hub,
  pairs: readonly OpenPair[],
  worktrees: readonly Worktree[],
): Promise<readonly (MergeProbe | undefined)[]> {
  const wanted = pairs.flatMap(({ base, tip, divergence }, index) =>
    divergence !== undefined && needsProbe(divergence) ? [{ index, ours: base, theirs: tip }] : [],
  );
  const probes: (MergeProbe | undefined)[] = pairs.map(() => undefined);
  // The base's own checkout governs with its .gitattributes, so each base is probed on its own.
  await Promise.all(
    [...new Set(wanted.map(({ ours }) => ours))].map(async (base) => {
      const mine = wanted.filter(({ ours }) => ours === base);
      const checkout = worktrees.find(({ head, prunable }) => head === base && prunable === undefined);
      const answers = await hub.git.probe(mine, { commit: base, checkout });
      for (const [at, { index }] of mine.entries()) probes[index] = answers[at];
    }),
  );
  return probes;
}

async function readTrees(hub: Hub, trees: Map<Sha, Sha>, commits: readonly Sha[]): Promise<void> {
  const missing = [...new Set(commits)].filter((commit) => !trees.has(commit));
  if (missing.length === 0) return;
  const found = await hub.git.trees(missing);
  for (const [index, commit] of missing.entries()) {
    const tree = found[index];
    if (tree !== undefined) trees.set(commit, tree);
  }
}

type Changes = {
  readonly range: (pair: OpenPair) => readonly PathChange[] | undefined;
  readonly commit: (commit: Sha) => readonly PathChange[] | undefined;
};

const rangeOf = (pair: OpenPair): Comparison | undefined => {
  const [since] = pair.divergence?.mergeBases ?? [];
  return since === undefined || pair.divergence?.ahead === 0 ? undefined : { commit: pair.tip, since };
};

const keyOf = ({ commit, since }: Comparison) => `${commit} ${since ?? ''}`;

/** What each tip changes, and each commit that it might have landed as. */
async function readChanges(hub: Hub, pairs: readonly OpenPair[]): Promise<Changes> {
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
async function findPatches(
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
async function findReverts(
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
