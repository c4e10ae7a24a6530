import type { MergeAnswer } from '../domain/answers/merge.ts';
import { baseOf } from '../domain/base.ts';
import { isDirty } from '../domain/changes.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import { type CandidateFacts, landingRefusal, landingWarnings } from '../domain/merge-candidate.ts';
import type { Candidate } from '../domain/merge-plan.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { checkTarget, findTarget, type Target, targetName } from './landing-target.ts';
import { lookAt, type RunScene, reasonToSkip } from './merge-inspection.ts';
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
export type MergeScene = RunScene & {
  readonly worktrees: readonly Worktree[];
  readonly refs: readonly RefFacts[];
};

export const blankMerge = (worktree: Worktree): MergeAnswer => ({
  worktree_path: worktree.path,
  branch: worktree.branch ?? null,
  target: null,
  strategy: null,
  status: null,
  reason: null,
  conflicts: [],
  escalations: [],
  target_before: null,
  target_after: null,
  merge_tree: null,
  left_in_progress: false,
  gates: [],
  pushed: false,
  cleaned_up: false,
  order: null,
  order_reason: null,
  orchestration: null,
  warnings: [],
  error: null,
});

/** A worktree with the branch it lands on, before anything is done in it. */
type Located = { readonly worktree: Worktree; readonly answer: MergeAnswer } & (
  | { readonly kind: 'located'; readonly target: string; readonly facts: CandidateFacts }
  | { readonly kind: 'settled'; readonly failure?: Failure }
);

/** At most so many `git status` at once; more gain nothing. */
const atOnce = 4;

/**
 * Looks at the worktrees that were asked for and at their targets, and then commits what is to be committed.
 */
export async function prepareAll(
  hub: Hub,
  scene: MergeScene,
  targets: Map<string, Target>,
  worktrees: readonly Worktree[],
  options: CandidateOptions,
): Promise<Prepared[]> {
  const located: Located[] = [];
  for (let at = 0; at < worktrees.length; at += atOnce) {
    const some = worktrees.slice(at, at + atOnce);
    located.push(...(await Promise.all(some.map((each) => locate(hub, scene, targets, each, options)))));
  }
  const prepared: Prepared[] = [];
  // Commits run the user's hooks, and those one after the other.
  for (const each of located) prepared.push(await prepare(hub, scene, each, options));
  return prepared;
}

/** Looks at one worktree and finds its target; what forbids it to land is its failure. */
async function locate(
  hub: Hub,
  scene: MergeScene,
  targets: Map<string, Target>,
  worktree: Worktree,
  options: CandidateOptions,
): Promise<Located> {
  const { worktrees, refs } = scene;
  let answer = blankMerge(worktree);
  try {
    if (worktree.unreadable !== undefined) throw worktree.unreadable;
    const early = options.all ? await lookAt(hub, scene, worktree, options.dryRun) : undefined;
    if (early !== undefined) {
      const skipped = await reasonToSkip(hub, early, options.commit !== undefined);
      const target = options.into ?? baseOf(worktree, refs)?.branch ?? null;
      if (skipped !== undefined)
        return { kind: 'settled', worktree, answer: { ...answer, target, ...skipped } };
    }
    const name = targetName(worktree, refs, options.into);
    answer = { ...answer, target: name };
    const target = targets.get(name) ?? findTarget(name, worktrees, refs);
    answer = { ...answer, target_before: target.tip.commit };
    const warnings = targets.has(name) ? [] : await checkTarget(hub, target, worktrees, options);
    targets.set(name, target);
    const facts = early ?? (await lookAt(hub, scene, worktree, options.dryRun));
    if (options.dryRun) warnings.push(...landingWarnings(facts));
    return { kind: 'located', worktree, answer: { ...answer, warnings }, target: name, facts };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { kind: 'settled', worktree, answer, failure: error };
  }
}

/** Commits what is to be committed, and makes a candidate of what may land. */
async function prepare(
  hub: Hub,
  { refs }: MergeScene,
  located: Located,
  { commit, dryRun }: CandidateOptions,
): Promise<Prepared> {
  const { worktree, answer } = located;
  let begun = false;
  if (located.kind === 'settled') {
    const { failure } = located;
    return { worktree, answer, age: '', begun, ...(failure === undefined ? {} : { failure }) };
  }
  let { facts } = located;
  const name = worktreeName(worktree);
  try {
    const mayCommit = facts.run?.status !== 'running' && facts.operation === undefined && !dryRun;
    if (commit !== undefined && mayCommit && isDirty(facts.changes)) {
      const head = await hub.edits.commitAll(
        worktree.path,
        commit.message ?? `Commit what was left in ${name}`,
      );
      begun = head !== undefined;
      const changes = await hub.git.changes(worktree.path);
      facts = { ...facts, changes, worktree: { ...worktree, head: head ?? worktree.head } };
    }
    const refusal = dryRun ? undefined : landingRefusal(facts);
    if (refusal !== undefined) throw refusal;
    const { head, branch, path } = facts.worktree;
    if (head === undefined) throw failures.noCommits(path);
    const at = refs.find(({ sha }) => sha === head);
    const candidate = {
      name,
      worktreePath: path,
      branch,
      head,
      tree: at?.tree,
      target: located.target,
      dispatchId: facts.run?.dispatch_id ?? undefined,
      projectId: facts.worktree.facts?.project_id ?? undefined,
    };
    const age = facts.run?.finished_at ?? facts.run?.started_at ?? at?.committedAt.toISOString() ?? '';
    return { worktree, age, begun, candidate, answer };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { worktree, age: '', begun, answer, failure: error };
  }
}
