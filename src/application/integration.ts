import type { Divergence, Pair } from '../domain/divergence.ts';
import {
  type Integration,
  type IntegrationFacts,
  integration,
  needsMergeBaseTree,
  needsProbe,
} from '../domain/integration.ts';
import type { MergeProbe } from '../domain/merge-probe.ts';
import {
  areSameBlobs,
  type Comparison,
  type PathChange,
  placelessPatch,
  touchSamePaths,
} from '../domain/path-change.ts';
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
  const hasPatch = await findPatches(hub, open, changes, undecided);
  return open.map((pair, index) => ({
    divergence: pair.divergence,
    probe: probes[index],
    changed: changes.range(pair),
    integration: integration({ ...facts(pair, index), hasPatch: hasPatch.has(index) }),
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

/** The pairs of which one commit of the base is, as a patch, all that the tip adds. Only same paths are compared. */
async function findPatches(
  hub: Hub,
  pairs: readonly OpenPair[],
  changes: Changes,
  isUndecided: (index: number) => boolean,
): Promise<ReadonlySet<number>> {
  const matched = new Set<number>();
  const candidates: { readonly index: number; readonly range: Comparison; readonly commit: Sha }[] = [];
  for (const [index, pair] of pairs.entries()) {
    const range = rangeOf(pair);
    const ours = changes.range(pair);
    if (range === undefined || ours === undefined || !isUndecided(index)) continue;
    for (const commit of pair.divergence?.missing ?? []) {
      const theirs = changes.commit(commit) ?? [];
      if (!touchSamePaths(ours, theirs)) continue;
      if (areSameBlobs(ours, theirs)) matched.add(index);
      else candidates.push({ index, range, commit });
    }
  }
  const open = candidates.filter(({ index }) => !matched.has(index)).slice(0, mostPatches);
  const patches = await hub.git.patches(open.flatMap(({ range, commit }) => [range, { commit }]));
  for (const [at, { index }] of open.entries()) {
    const [ours = '', theirs] = patches.slice(2 * at, 2 * at + 2);
    if (theirs !== undefined && placelessPatch(ours) === placelessPatch(theirs)) matched.add(index);
  }
  return matched;
}

const mostPatches = 200;
