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
import type { PathChange } from '../domain/path-change.ts';
import type { Sha } from '../domain/sha.ts';
import type { Worktree } from '../domain/worktree.ts';
import { findPatches, findReverts, type OpenPair, readChanges } from './landed-commits.ts';
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
