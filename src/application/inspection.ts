import type { DispatchAnswer } from '../domain/answers/dispatch.ts';
import { type Base, baseOf } from '../domain/base.ts';
import type { Changes } from '../domain/changes.ts';
import { isRunIn } from '../domain/dispatch.ts';
import { failures, isFailure } from '../domain/failure.ts';
import type { Integration } from '../domain/integration.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { RemovalFacts } from '../domain/removal.ts';
import type { Sha } from '../domain/sha.ts';
import { quote } from '../domain/shell.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { type Judged, judge } from './integration.ts';
import { landedElsewhere } from './landed-elsewhere.ts';
import { occupationOf } from './occupation.ts';
import type { Hub } from './ports.ts';
import { unrecordedRun } from './run-lock.ts';

/** What removal needs to know of the whole repository, asked once for a batch. */
export type RemovalScene = { readonly worktrees: readonly Worktree[]; readonly refs: readonly RefFacts[] };

export const openScene = async (hub: Hub): Promise<RemovalScene> => {
  const [worktrees, refs] = await Promise.all([hub.git.worktrees(), hub.git.refs()]);
  return { worktrees, refs };
};

/** A worktree that was looked at: the facts, what they were judged against, and what could not be told. */
export type Inspected = {
  readonly facts: RemovalFacts;
  readonly verdict: Verdict;
  readonly warnings: readonly Warning[];
};

export type InspectionOptions = {
  /** Uncommitted changes do not matter, and are not looked for: git may not be able to tell. */
  readonly force: boolean;
  /** The caller takes the user out of the worktree afterwards. */
  readonly leaving: boolean;
  /** Whether a run whose supervisor is dead is brought to its end; else it only counts as ended. */
  readonly reconcile: boolean;
};

/** Finds out everything that decides whether a worktree may be removed. */
export async function inspect(
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  options: InspectionOptions,
  earlier?: Verdict,
): Promise<Inspected> {
  const base = baseOf(worktree, scene.refs);
  const judged =
    earlier !== undefined && earlier.head === worktree.head && earlier.base === base?.sha
      ? earlier.judged
      : (await judgeAll(hub, scene, [worktree]))[0]?.judged;
  return look(hub, scene, worktree, base, judged, options);
}

/** What was judged, and of which commits: it holds as long as these stand there. */
export type Verdict = {
  readonly head: Sha | undefined;
  readonly base: Sha | undefined;
  readonly judged: Judged | undefined;
};

/** Judges the work of worktrees against their bases, all together. */
export async function judgeAll(
  hub: Hub,
  scene: RemovalScene,
  worktrees: readonly Worktree[],
): Promise<readonly Verdict[]> {
  const bases = worktrees.map((worktree) => baseOf(worktree, scene.refs));
  const pairs = worktrees.flatMap(({ head }, index) => {
    const base = bases[index]?.sha;
    return base === undefined || head === undefined ? [] : [{ index, base, tip: head }];
  });
  const known = {
    worktrees: scene.worktrees,
    trees: new Map(scene.refs.map(({ sha, tree }) => [sha, tree])),
  };
  const answers = await judge(hub, pairs, known);
  const local = new Map(pairs.map(({ index }, at) => [index, answers[at]]));
  const all = worktrees.map((worktree, index) => ({
    worktree,
    base: bases[index],
    judged: local.get(index),
  }));
  const judged = await landedElsewhere(hub, all, scene.refs, known);
  return all.map(({ worktree, base }, index) => ({
    head: worktree.head,
    base: base?.sha,
    judged: judged[index],
  }));
}

async function look(
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  base: Base | undefined,
  judged: Judged | undefined,
  options: InspectionOptions,
): Promise<Inspected> {
  const { path, isMain } = worktree;
  const remains = await hub.trash.look(worktree, scene.worktrees);
  const [changes, runningDispatch, occupation, isCurrent] = await Promise.all([
    remains.isThere && remains.impostor === undefined && !options.force
      ? changesIn(hub, worktree)
      : undefined,
    runningIn(hub, worktree, options.reconcile),
    occupationOf(hub, path),
    isMain || options.leaving ? false : hub.processes.standsIn(path),
  ]);
  const integration = judged?.integration ?? unjudged(worktree, base);
  const warnings =
    integration.kind === 'unknown'
      ? [
          {
            code: 'integration_unknown',
            message: `whether its work is in the base is not known: ${integration.why}`,
          },
        ]
      : [];
  return {
    verdict: { head: worktree.head, base: base?.sha, judged },
    warnings,
    facts: {
      worktree,
      impostor: remains.impostor,
      isCurrent,
      runningDispatch,
      occupation,
      changes,
      operation: remains.operation,
      base: base?.branch,
      ahead: judged?.divergence?.ahead,
      integration,
      obstacle: remains.obstacle,
    },
  };
}

/** A status that failed is no clean one. */
async function changesIn(hub: Hub, worktree: Worktree): Promise<Changes> {
  try {
    return await hub.git.changes(worktree.path);
  } catch (error) {
    if (!isFailure(error, 'git_failed')) throw error;
    const hint = `mend it, or wt cleanup ${quote(worktreeName(worktree))} --force; wt undo brings it back as it is`;
    throw failures.withHint(error, hint);
  }
}

const unjudged = ({ head }: Worktree, base: Base | undefined): Integration => {
  if (head === undefined) return { kind: 'unknown', why: 'there is no commit at its HEAD' };
  return {
    kind: 'unknown',
    why: base === undefined ? 'no base branch is known' : 'git could not compare them',
  };
};

/** The dispatch that keeps a worktree. Throws when a record cannot be read: it may be the one. */
async function runningIn(
  hub: Hub,
  worktree: Worktree,
  reconcile: boolean,
): Promise<DispatchAnswer | undefined> {
  if (worktree.isMain) return undefined;
  const { runs, supervisors } = hub;
  const [all, [unreadable]] = await Promise.all([runs.list(), runs.unreadable()]);
  if (unreadable !== undefined) throw unreadable.failure;
  for (const run of all.filter((each) => isRunIn(each, worktree) && each.phase !== 'ended')) {
    const now = await (reconcile ? supervisors.reconcile(run) : supervisors.look(run));
    if (now.phase !== 'ended') return now.dispatch;
  }
  return unrecordedRun(hub, worktree, all);
}
