import type { ConflictingPair, ConflictsAnswer } from '../domain/answers/conflicts.ts';
import { baseOf } from '../domain/base.ts';
import { isDirty } from '../domain/changes.ts';
import {
  idsOf,
  type Participant,
  type PlannedPair,
  type PlanOptions,
  planPairs,
} from '../domain/conflict-plan.ts';
import { isFailure } from '../domain/failure.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import { type TrialResult, tryPairs } from './conflict-trial.ts';
import { openGate } from './gate.ts';
import { look } from './overview/look.ts';
import { missingBase } from './overview/warnings.ts';
import type { Trial } from './ports/trials.ts';
import type { Hub } from './ports.ts';

export type MatrixOptions = PlanOptions & {
  readonly worktrees: readonly Worktree[];
  readonly refs: readonly RefFacts[];
  /** What is not committed does not count. */
  readonly headsOnly: boolean;
};

/** A worktree with what is not committed in it. */
type Seen = {
  readonly id: string;
  readonly worktree: Worktree;
  readonly dirty: boolean | null;
  /** The tree of everything in it; `undefined` where its HEAD says it all, or nothing better is known. */
  readonly tree: Sha | undefined;
  readonly warnings: readonly Warning[];
};

// More at once gain nothing: a status is bound by the processor.
const statusesAtOnce = 4;
const snapshotsAtOnce = 2;

/** Which worktrees conflict with each other and with their bases, and in what. */
export async function conflictMatrix(hub: Hub, options: MatrixOptions): Promise<ConflictsAnswer> {
  const trial = await hub.trials.open();
  try {
    const seen = await see(hub, trial, options);
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

/** Looks at the worktrees that matter: each alone against a ref, else also those that nobody asked for. */
async function see(hub: Hub, trial: Trial, options: MatrixOptions): Promise<readonly Seen[]> {
  const { worktrees, selected, against, headsOnly } = options;
  const ids = idsOf(worktrees);
  const gate = openGate(statusesAtOnce);
  const snapshots = openGate(snapshotsAtOnce); // of its own: they need not wait for the other statuses
  const wanted = worktrees
    .map((worktree, index) => ({ worktree, id: ids[index] ?? worktree.path }))
    .filter(({ worktree }) => against === undefined || selected?.has(worktree) !== false);
  return Promise.all(
    wanted.map(async ({ worktree, id }): Promise<Seen> => {
      if (headsOnly) return { id, worktree, dirty: null, tree: undefined, warnings: [] };
      const { changes, warnings } = await look(hub, gate, worktree);
      if (changes === undefined) return { id, worktree, dirty: null, tree: undefined, warnings };
      if (!isDirty(changes) || worktree.head === undefined)
        return { id, worktree, dirty: isDirty(changes), tree: undefined, warnings };
      const leave = await snapshots.enter();
      try {
        return { id, worktree, dirty: true, tree: await trial.workTree(worktree, changes.paths), warnings };
      } catch (error) {
        if (!isFailure(error) || error.kind === 'interrupted') throw error;
        const message = `what is not committed could not be read, and does not count: ${error.message}`;
        return {
          id,
          worktree,
          dirty: true,
          tree: undefined,
          warnings: [{ code: 'work_unreadable', message }],
        };
      } finally {
        leave();
      }
    }),
  );
}

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
