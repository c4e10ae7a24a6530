import type { Pair } from '../domain/divergence.ts';
import type { MergeProbe, ProbePair } from '../domain/merge-probe.ts';
import type { Worktree } from '../domain/worktree.ts';
import { type Judged, judge, type Known } from './integration.ts';
import type { AttributesOf } from './ports/git.ts';
import type { Hub } from './ports.ts';

// A worktree that changes more than this is compared anew each time, rather than kept.
const mostPaths = 100;

/** As `judge`, with what is known of the same commits from before. */
export async function judgeRemembered(
  hub: Hub,
  pairs: readonly Pair[],
  known: Known,
): Promise<readonly Judged[]> {
  const circumstances = new Map<string, string | undefined>();
  for (const { base } of pairs) {
    if (circumstances.has(base)) continue;
    circumstances.set(
      base,
      await hub.memory.circumstances({ commit: base, checkout: checkoutOf(base, known.worktrees) }),
    );
  }
  return remembered(
    hub,
    pairs,
    ({ base, tip }) => {
      const place = circumstances.get(base);
      return place === undefined ? undefined : `judged ${base} ${tip} ${place}`;
    },
    (missing) => judge(hub, missing, known),
    isLasting,
    ({ divergence, probe, ...judged }) => ({
      ...judged,
      probe: probe && lasting(probe),
      divergence: divergence && { ...divergence, missing: undefined },
    }),
  );
}

const isLasting = ({ divergence, probe, changed, integration }: Judged): boolean =>
  divergence !== undefined &&
  integration.kind !== 'unknown' &&
  probe?.kind !== 'unknown' &&
  (changed?.length ?? 0) <= mostPaths;

/** As `git.probe`, with what is known of the same commits from before. */
export async function probeRemembered(
  hub: Hub,
  pairs: readonly ProbePair[],
  attributes: AttributesOf,
): Promise<readonly MergeProbe[]> {
  const place = await hub.memory.circumstances(attributes);
  return remembered(
    hub,
    pairs,
    ({ ours, theirs }) => (place === undefined ? undefined : `merge ${ours} ${theirs} ${place}`),
    (missing) => hub.git.probe(missing, attributes),
    ({ kind }) => kind !== 'unknown',
    lasting,
  );
}

/** The objects of a merge in memory are gone. */
const lasting = (probe: MergeProbe): MergeProbe =>
  probe.kind === 'conflicts' ? { kind: 'conflicts', conflicts: probe.conflicts } : probe;

/** Asks what is not known, and keeps of it what lasts. */
async function remembered<Q, A>(
  hub: Hub,
  questions: readonly Q[],
  keyOf: (question: Q) => string | undefined,
  ask: (missing: readonly Q[]) => Promise<readonly A[]>,
  lasts: (answer: A) => boolean,
  kept: (answer: A) => unknown,
): Promise<readonly A[]> {
  const keys = questions.map(keyOf);
  const recalled = await hub.memory.recall(keys.map((key) => key ?? ''));
  const missing = [...questions.keys()].filter((index) => recalled[index] === undefined);
  const fresh = missing.length === 0 ? [] : await ask(missing.map((index) => questions[index] as Q));
  const answers = new Map(missing.map((index, at) => [index, fresh[at] as A]));
  await hub.memory.keep(
    [...answers].flatMap(([index, answer]) => {
      const key = keys[index];
      return key === undefined || !lasts(answer) ? [] : [[key, kept(answer)] as const];
    }),
  );
  return questions.map((_, index) => (answers.has(index) ? answers.get(index) : recalled[index]) as A);
}

const checkoutOf = (commit: string, worktrees: readonly Worktree[]): Worktree | undefined =>
  worktrees.find(({ head, prunable }) => head === commit && prunable === undefined);
