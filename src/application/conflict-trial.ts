import type { PathConflict } from '../domain/answers/conflicts.ts';
import { withClashes } from '../domain/case-clashes.ts';
import type { Comparison } from '../domain/comparison.ts';
import { type ComparisonPlan, planComparison } from '../domain/comparison-plan.ts';
import { keyOf, type PlannedPair } from '../domain/conflict-plan.ts';
import { isFailure } from '../domain/failure.ts';
import type { MergeProbe } from '../domain/merge-probe.ts';
import type { Sha } from '../domain/sha.ts';
import type { Trial, TrialRecords } from './ports/trials.ts';

/** What trying a pair gave; `unknown` is never clean. */
export type TrialResult =
  | { readonly kind: 'tried'; readonly conflicts: readonly PathConflict[] }
  | { readonly kind: 'unrelated' }
  | { readonly kind: 'unknown'; readonly why: string };

/** What is to be done with a pair that nothing is known of. */
type Decision =
  | { readonly kind: 'settled'; readonly result: TrialResult; readonly lasts: boolean }
  | {
      readonly kind: 'probe';
      readonly lasts: boolean;
      /** What conflicts whatever git says. */
      readonly alike: readonly PathConflict[];
    };

const clean: TrialResult = { kind: 'tried', conflicts: [] };

/**
 * Tries pairs, in their order: what is known from before is not asked again, what cannot conflict is not merged, and
 * the rest is merged in memory, all that one commit's attributes govern together.
 */
export async function tryPairs(trial: Trial, pairs: readonly PlannedPair[]): Promise<readonly TrialResult[]> {
  const records = new Map<Sha, TrialRecords | undefined>();
  for (const { governing } of pairs)
    if (!records.has(governing)) records.set(governing, await trial.records(governing));
  const results = pairs.map(({ ours, theirs, governing }): TrialResult | undefined => {
    const conflicts = records.get(governing)?.find(keyOf(ours), keyOf(theirs));
    return conflicts === undefined ? undefined : { kind: 'tried', conflicts };
  });
  const missing = [...pairs.keys()].filter((index) => results[index] === undefined);
  if (missing.length === 0) return results as TrialResult[];

  const settle = (index: number, result: TrialResult, lasts: boolean) => {
    results[index] = result;
    const { ours, theirs, governing } = pairs[index] as PlannedPair;
    if (lasts && result.kind === 'tried')
      records.get(governing)?.note(keyOf(ours), keyOf(theirs), result.conflicts);
  };
  const open = missing.map((index) => pairs[index] as PlannedPair);
  if (open.length >= enoughToPrepare) for (const governing of governors(open)) trial.prepare(governing);
  const decisions = await decide(trial, open);
  type Probed = { readonly index: number } & Extract<Decision, { readonly kind: 'probe' }>;
  const toProbe = new Map<Sha, Probed[]>();
  for (const [at, index] of missing.entries()) {
    const decision = decisions[at] as Decision;
    const { governing } = pairs[index] as PlannedPair;
    if (decision.kind === 'settled') settle(index, decision.result, decision.lasts);
    else toProbe.set(governing, [...(toProbe.get(governing) ?? []), { ...decision, index }]);
  }
  await Promise.all(
    [...toProbe].map(async ([governing, some]) => {
      const isGitAlone = records.get(governing)?.isGitAlone === true;
      const asked = some.map(({ index }) => sidesOf(pairs[index] as PlannedPair));
      const probes = await trial.probe(asked, governing);
      for (const [at, { index, lasts, alike }] of some.entries())
        settle(index, withAlike(resultOf(probes[at]), alike), lasts && isGitAlone);
    }),
  );
  return results as TrialResult[];
}

/** Of so many pairs some are going to be merged. */
const enoughToPrepare = 20;
const mostPrepared = 2;

/** The commits whose attributes govern most of the pairs. */
function governors(pairs: readonly PlannedPair[]): readonly Sha[] {
  const counts = new Map<Sha, number>();
  for (const { governing } of pairs) counts.set(governing, (counts.get(governing) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= enoughToPrepare)
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostPrepared)
    .map(([governing]) => governing);
}

const sidesOf = ({ ours, theirs }: PlannedPair) => ({ ours: ours.commit, theirs: theirs.commit });

function resultOf(probe: MergeProbe | undefined): TrialResult {
  switch (probe?.kind) {
    case 'clean':
      return clean;
    case 'conflicts':
      return { kind: 'tried', conflicts: probe.conflicts.map(({ path, kind }) => ({ path, kind })) };
    case 'unrelated':
      return probe;
    default:
      return { kind: 'unknown', why: probe?.why ?? 'git merge-tree gave no answer' };
  }
}

const withAlike = (result: TrialResult, alike: readonly PathConflict[]): TrialResult =>
  result.kind === 'tried' ? { ...result, conflicts: withClashes(result.conflicts, alike) } : result;

/** Which pairs can conflict at all, by what each side changed since their merge base. */
async function decide(trial: Trial, pairs: readonly PlannedPair[]): Promise<readonly Decision[]> {
  const search = await trial.mergeBases(pairs.flatMap(({ ours, theirs }) => [ours.head, theirs.head]));
  const bases = pairs.map(({ ours, theirs }) => search.of(ours.head, theirs.head));
  const plan = planComparison(
    pairs.map(({ ours, theirs }, index) => ({ ours, theirs, bases: bases[index] ?? [] })),
    search.all,
  );
  const comparison = plan && (await compare(trial, plan));
  return pairs.map(({ ours, theirs }, index): Decision => {
    const found = bases[index];
    if (found?.length === 0) return { kind: 'settled', result: { kind: 'unrelated' }, lasts: false };
    if (found === undefined || comparison === undefined) return { kind: 'probe', lasts: false, alike: [] };
    const meetings = found.map((base) => comparison.meeting(base, ours.commit, theirs.commit));
    // Of several merge bases git makes one by merging them, which may differ from each.
    if (meetings.length === 1 && meetings[0]?.canConflict === false)
      return { kind: 'settled', result: withAlike(clean, meetings[0].alike), lasts: true };
    const alike = meetings.flatMap((meeting) => meeting.alike);
    return { kind: 'probe', lasts: !meetings.some(({ inSubmodule }) => inSubmodule), alike };
  });
}

/** `undefined` when git cannot read the trees. */
async function compare(trial: Trial, plan: ComparisonPlan): Promise<Comparison | undefined> {
  try {
    return await trial.compare(plan);
  } catch (error) {
    if (!isFailure(error, 'git_failed')) throw error;
    return undefined;
  }
}
