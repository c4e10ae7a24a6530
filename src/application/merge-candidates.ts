import type { DispatchAnswer } from '../domain/answers/dispatch.ts';
import type { MergeAnswer } from '../domain/answers/merge.ts';
import { baseOf } from '../domain/base.ts';
import { noChanges } from '../domain/changes.ts';
import { type DispatchRecord, newestRun } from '../domain/dispatch.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import {
  type CandidateFacts,
  landingRefusal,
  landingWarnings,
  type SkipReason,
  skipReason,
} from '../domain/merge-candidate.ts';
import type { Candidate } from '../domain/merge-plan.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { findTarget, type Target } from './landing.ts';
import { occupantsOf } from './occupants.ts';
import type { Hub } from './ports.ts';

export type CandidateOptions = {
  readonly into: string | undefined;
  readonly dryRun: boolean;
  /** Commits what is uncommitted, with this message; `undefined` where that was not asked for. */
  readonly commit: { readonly message: string | undefined } | undefined;
  /** Takes only what is done, and leaves out the rest with a reason. */
  readonly all: boolean;
  /** Whether a target without an upstream is refused. */
  readonly needsUpstream: boolean;
};

/** A worktree that was asked for: its answer so far, and, unless that is all, what is to be judged. */
export type Prepared = {
  readonly worktree: Worktree;
  readonly answer: MergeAnswer;
  readonly candidate?: Candidate;
  readonly failure?: Failure;
  /** When its work was done, to land the oldest first. */
  readonly age: string;
  /** Whether something was done already: its uncommitted changes were committed. */
  readonly begun: boolean;
};

/** What the candidates of a batch share, asked once. */
export type MergeScene = {
  readonly worktrees: readonly Worktree[];
  readonly refs: readonly RefFacts[];
  readonly runs: readonly DispatchRecord[];
  /** Why one of the runs is not among them. */
  readonly unreadable: Failure | undefined;
};

export const blankMerge = (worktree: Worktree): MergeAnswer => ({
  worktree_path: worktree.path,
  branch: worktree.branch ?? null,
  target: null,
  strategy: null,
  status: null,
  reason: null,
  conflicts: [],
  target_before: null,
  target_after: null,
  merge_tree: null,
  gates: [],
  pushed: false,
  cleaned_up: false,
  warnings: [],
  error: null,
});

/** The name of the branch that a worktree's work lands on; throws `main_worktree`, `no_target`, `base_not_found`. */
function targetName(worktree: Worktree, { refs }: MergeScene, into: string | undefined): string {
  const name = worktreeName(worktree);
  if (worktree.isMain) throw failures.mainWorktree(worktree.path, 'what lands is linked ones');
  const target = into?.replace(/^refs\/heads\//, '') ?? baseOf(worktree, refs)?.branch;
  if (target === undefined) {
    const recorded = worktree.facts?.base ?? undefined;
    throw recorded === undefined ? failures.noTarget(name) : failures.baseNotFound(recorded, 'it is gone');
  }
  if (target === worktree.branch)
    throw failures.usage(`${name} cannot land on itself`, `wt merge ${name} --into <branch>`);
  return target;
}

/** At most so many `git status` at once; more gain nothing. */
const atOnce = 4;

/** Looks at the worktrees that were asked for; with `all` those that may land come first, the oldest work before. */
export async function prepareAll(
  hub: Hub,
  scene: MergeScene,
  targets: Map<string, Target>,
  worktrees: readonly Worktree[],
  options: CandidateOptions,
): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  // Commits run the user's hooks, and those one after the other.
  const width = options.commit === undefined ? atOnce : 1;
  for (let at = 0; at < worktrees.length; at += width) {
    const some = worktrees.slice(at, at + width);
    prepared.push(...(await Promise.all(some.map((each) => prepare(hub, scene, targets, each, options)))));
  }
  if (!options.all) return prepared;
  const ready = prepared.filter(({ candidate }) => candidate !== undefined);
  ready.sort((a, b) => (a.age < b.age ? -1 : a.age > b.age ? 1 : 0));
  return [...ready, ...prepared.filter(({ candidate }) => candidate === undefined)];
}

/** Looks at one worktree and finds its target; what forbids it to land is its failure. */
async function prepare(
  hub: Hub,
  scene: MergeScene,
  targets: Map<string, Target>,
  worktree: Worktree,
  options: CandidateOptions,
): Promise<Prepared> {
  let answer = blankMerge(worktree);
  let begun = false;
  try {
    if (worktree.unreadable !== undefined) throw worktree.unreadable;
    const early = options.all ? await lookAt(hub, scene, worktree, options) : undefined;
    if (early !== undefined) {
      const skipped = await reasonToSkip(hub, early, options);
      const target = options.into ?? baseOf(worktree, scene.refs)?.branch ?? null;
      if (skipped !== undefined)
        return { worktree, age: '', begun, answer: { ...answer, target, ...skipped } };
    }
    const name = targetName(worktree, scene, options.into);
    answer = { ...answer, target: name };
    const target = targets.get(name) ?? findTarget(name, scene.worktrees, scene.refs);
    answer = { ...answer, target_before: target.tip.commit };
    const warnings = targets.has(name) ? [] : await checkTarget(hub, scene, name, options);
    targets.set(name, target);

    let facts = early ?? (await lookAt(hub, scene, worktree, options));
    const mayCommit = facts.run?.status !== 'running' && facts.operation === undefined && !options.dryRun;
    if (options.commit !== undefined && mayCommit) {
      const message = options.commit.message ?? `Commit what was left in ${worktreeName(worktree)}`;
      const head = await hub.edits.commitAll(worktree.path, message);
      begun = head !== undefined;
      const changes = await hub.git.changes(worktree.path);
      facts = { ...facts, changes, worktree: { ...worktree, head: head ?? worktree.head } };
    }
    const refusal = options.dryRun ? undefined : landingRefusal(facts);
    if (refusal !== undefined) throw refusal;
    if (options.dryRun) warnings.push(...landingWarnings(facts));
    const { head, branch } = facts.worktree;
    if (head === undefined) throw failures.noCommits(worktree.path);
    const tree = scene.refs.find(({ sha }) => sha === head)?.tree;
    const candidate = {
      name: worktreeName(worktree),
      worktreePath: worktree.path,
      branch,
      head,
      tree,
      target: name,
    };
    const age = facts.run?.finished_at ?? facts.run?.started_at ?? '';
    return { worktree, age, begun, candidate, answer: { ...answer, warnings } };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { worktree, age: '', begun, answer, failure: error };
  }
}

/** What forbids landing on a target at all; a dry run is told of it. */
async function checkTarget(
  hub: Hub,
  { worktrees }: MergeScene,
  name: string,
  options: CandidateOptions,
): Promise<Warning[]> {
  try {
    await hub.landings.assertIdle(name, worktrees);
    if (options.needsUpstream && (await hub.landings.upstream(name)) === undefined)
      throw failures.noUpstream(name);
    return [];
  } catch (error) {
    if (!isFailure(error) || !options.dryRun || error.kind === 'interrupted') throw error;
    return [{ code: error.code, message: error.message }];
  }
}

async function lookAt(
  hub: Hub,
  { runs, unreadable }: MergeScene,
  worktree: Worktree,
  { dryRun }: CandidateOptions,
): Promise<CandidateFacts> {
  // A record that cannot be read may be that of a run which is at work here.
  if (unreadable !== undefined && !dryRun) throw unreadable;
  // Where the folder is gone only the commits are left.
  const changes = worktree.prunable === undefined ? await hub.git.changes(worktree.path) : noChanges;
  const operation = await hub.landings.operation(worktree);
  const newest = newestRun(runs, worktree);
  const run = newest === undefined ? undefined : await asItIs(hub, newest, dryRun);
  return { worktree, changes, operation, run };
}

/** A run whose supervisor is dead is brought to its end; a dry run only takes it for ended. */
async function asItIs(hub: Hub, run: DispatchRecord, dryRun: boolean): Promise<DispatchAnswer> {
  if (!dryRun) return (await hub.supervisors.reconcile(run)).dispatch;
  const isLost = run.phase !== 'ended' && hub.processes.liveness(run.supervisor ?? run.launcher) === 'dead';
  return isLost ? { ...run.dispatch, status: 'failed', reason: 'lost' } : run.dispatch;
}

async function reasonToSkip(
  hub: Hub,
  facts: CandidateFacts,
  options: CandidateOptions,
): Promise<Pick<MergeAnswer, 'status' | 'reason' | 'warnings'> | undefined> {
  const skipped = (reason: SkipReason, warnings: Warning[] = []) => ({
    status: 'skipped' as const,
    reason,
    warnings,
  });
  const reason = skipReason(facts);
  if (reason === 'dirty' && options.commit !== undefined && facts.operation === undefined) return undefined;
  if (reason !== undefined) return skipped(reason);
  const { processes, warnings } = await occupantsOf(hub, facts.worktree.path);
  if (processes === undefined) return skipped('occupied', [...warnings]);
  return processes.length > 0 ? skipped('occupied') : undefined;
}
