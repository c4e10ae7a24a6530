import type { ConflictingPair, ConflictsAnswer } from '../domain/answers/conflicts.ts';
import { baseOf } from '../domain/base.ts';
import {
  idsOf,
  type Participant,
  type PlannedPair,
  type PlanOptions,
  planPairs,
} from '../domain/conflict-plan.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import { type TrialResult, tryPairs } from './conflict-trial.ts';
import { missingBase } from './overview/warnings.ts';
import type { Trial, Trials } from './ports/trials.ts';

export type MatrixOptions = PlanOptions & {
  readonly worktrees: readonly Worktree[];
  readonly refs: readonly RefFacts[];
};

/** A worktree with what is not committed in it. */
export type Seen = {
  readonly id: string;
  readonly worktree: Worktree;
  readonly dirty: boolean | null;
  /** The tree of everything in it; `undefined` where its HEAD says it all, or nothing better is known. */
  readonly tree: Sha | undefined;
  readonly warnings: readonly Warning[];
};

/** A look into one worktree. */
export type See = (trial: Trial, worktree: Worktree, id: string) => Promise<Seen>;

/** Which worktrees conflict with each other and with their bases, and in what. */
export async function conflictMatrix(
  trials: Pick<Trials, 'open'>,
  options: MatrixOptions,
  seeOne: See = committed,
): Promise<ConflictsAnswer> {
  const trial = await trials.open();
  try {
    const seen = await see(trial, options, seeOne);
    const { participants, warnings } = await takePart(trial, seen, options);
    const pairs = planPairs(participants, options);
    const results = await tryPairs(trial, pairs);
    return {
      worktrees: seen.map(({ id, worktree: { path, branch }, dirty }) => ({
        id,
        path,
        branch: branch ?? null,
        dirty,
      })),
      pairs: pairs.flatMap((pair, index) => conflictingPair(pair, results[index])),
      warnings: [...warnings, ...pairs.flatMap((pair, index) => unknownPair(pair, results[index]))],
    };
  } finally {
    await trial.close();
  }
}

/** The worktrees that matter: each alone against a ref, else also those that nobody asked for. */
function see(
  trial: Trial,
  { worktrees, selected, against }: MatrixOptions,
  seeOne: See,
): Promise<readonly Seen[]> {
  const ids = idsOf(worktrees);
  const wanted = worktrees
    .map((worktree, index) => ({ worktree, id: ids[index] ?? worktree.path }))
    .filter(({ worktree }) => against === undefined || selected?.has(worktree) !== false);
  return Promise.all(wanted.map(({ worktree, id }) => seeOne(trial, worktree, id)));
}

/** What is not committed does not count. */
export const committed: See = async (_, worktree, id) => ({
  id,
  worktree,
  dirty: null,
  tree: undefined,
  warnings: [],
});

/** The worktrees that have commits, each with its base. */
async function takePart(
  trial: Trial,
  seen: readonly Seen[],
  { refs, against }: MatrixOptions,
): Promise<{ readonly participants: readonly Participant[]; readonly warnings: readonly Warning[] }> {
  const works = seen.flatMap(({ worktree: { head, path }, tree }) =>
    head === undefined || tree === undefined ? [] : [{ path, tree, parent: head }],
  );
  const commits = await trial.commits(works);
  const commitAt = new Map(works.map(({ path }, index) => [path, commits[index]]));
  const participants: Participant[] = [];
  const warnings: Warning[] = [];
  for (const { id, worktree, tree, warnings: own } of seen) {
    const { head, path } = worktree;
    warnings.push(...own.map(({ code, message }) => ({ code, message: `${id}: ${message}` })));
    if (head === undefined) {
      const message = `${id}: there is no commit at its HEAD, so it is not compared`;
      warnings.push({ code: 'no_commits', message });
      continue;
    }
    const base = worktree.unreadable === undefined ? baseOf(worktree, refs) : undefined;
    if (against === undefined) warnings.push(...baseMissing(id, worktree, base));
    participants.push({ id, worktree, base, side: { head, commit: commitAt.get(path) ?? head, tree } });
  }
  return { participants, warnings };
}

const baseMissing = (id: string, worktree: Worktree, base: Participant['base']): Warning[] => {
  const { unreadable } = worktree;
  const found = unreadable === undefined ? missingBase(worktree, base) : [unreadable];
  return found.map(({ code, message }) => ({
    code,
    message: `${id} is not compared with its base: ${message}`,
  }));
};

const conflictingPair = ({ a, b }: PlannedPair, result: TrialResult | undefined): ConflictingPair[] =>
  result?.kind === 'tried' && result.conflicts.length > 0 ? [{ a, b, conflicts: [...result.conflicts] }] : [];

function unknownPair({ a, b }: PlannedPair, result: TrialResult | undefined): Warning[] {
  if (result?.kind === 'unrelated') {
    const message = `${a} and ${b} have no commit in common: whether they conflict cannot be told`;
    return [{ code: 'unrelated_histories', message }];
  }
  if (result?.kind !== 'unknown') return [];
  const message = `whether ${a} and ${b} conflict is not known: ${result.why}`;
  return [{ code: 'conflicts_unknown', message }];
}
