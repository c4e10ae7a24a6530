import type { SyncAnswer } from '../domain/answers/sync.ts';
import { type Base, baseOf } from '../domain/base.ts';
import { isDirty } from '../domain/changes.ts';
import { conflictPolicy, conflictSettings } from '../domain/conflict-policy.ts';
import { errorBody } from '../domain/error-body.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import type { Candidate } from '../domain/merge-plan.ts';
import { refusalByRun } from '../domain/run-evidence.ts';
import { isRunLock } from '../domain/run-lock.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { landAll } from './landing-batch.ts';
import type { Outcome } from './landing-outcome.ts';
import { checkTarget, findTarget, type Target } from './landing-target.ts';
import { blankMerge, type MergeScene } from './merge-candidates.ts';
import { lookAt } from './merge-inspection.ts';
import type { Hub, Ports } from './ports.ts';
import { rebaseBranch } from './sync-rebase.ts';
import { fetchUpstreams, type Source, sourceOf } from './sync-source.ts';

export type SyncChoices = {
  readonly strategy: 'merge' | 'rebase';
  readonly fetch: boolean;
  readonly dryRun: boolean;
  /** Leaves out what is not to be touched now, with a reason, instead of refusing it. */
  readonly all: boolean;
  /** Begins a merge that conflicts in the worktree, for a person. */
  readonly leaveConflicts: boolean;
  /** `false` leaves every conflict to a person. */
  readonly auto: boolean;
  /** Rewrites commits that were pushed. */
  readonly forceRewrite: boolean;
};

/** What became of one worktree; `failure` is also in the answer. */
export type Synced = { readonly worktree: Worktree; readonly answer: SyncAnswer; readonly failure?: Failure };

const blankSync = (worktree: Worktree): SyncAnswer => ({
  ...blankMerge(worktree),
  target: worktree.branch ?? null,
  source: null,
});

/** Brings the base of each worktree into its branch, one after the other. */
export async function syncWorktrees(
  ports: Ports,
  hub: Hub,
  scene: MergeScene,
  selected: readonly Worktree[],
  choices: SyncChoices,
): Promise<readonly Synced[]> {
  const bases = new Map<string, Base>();
  for (const worktree of selected) {
    const base = worktree.unreadable === undefined ? baseOf(worktree, scene.refs) : undefined;
    if (base !== undefined) bases.set(worktree.path, base);
  }
  const isFetched = choices.fetch && !choices.dryRun;
  const failed = isFetched
    ? await fetchUpstreams(ports, hub, [...bases.values()], scene.refs)
    : new Map<string, Warning>();
  const synced: Synced[] = [];
  for (const worktree of inOrder(selected, bases)) {
    // What was synced before may be the base of this one.
    const refs = synced.length === 0 && !isFetched ? scene.refs : await hub.git.refs();
    const now = { ...scene, refs };
    synced.push(await syncOne(ports, hub, now, worktree, failed, choices));
  }
  return selected.flatMap(({ path }) => synced.find((each) => each.worktree.path === path) ?? []);
}

/** Bases before what is based on them. */
function inOrder(selected: readonly Worktree[], bases: ReadonlyMap<string, Base>): readonly Worktree[] {
  const order: Worktree[] = [];
  const place = (worktree: Worktree, waiting: readonly Worktree[]): void => {
    if (order.includes(worktree) || waiting.includes(worktree)) return;
    const below = selected.find(
      ({ branch }) => branch !== undefined && branch === bases.get(worktree.path)?.branch,
    );
    if (below !== undefined) place(below, [...waiting, worktree]);
    order.push(worktree);
  };
  for (const worktree of selected) place(worktree, []);
  return order;
}

async function syncOne(
  ports: Ports,
  hub: Hub,
  scene: MergeScene,
  worktree: Worktree,
  failed: ReadonlyMap<string, Warning>,
  choices: SyncChoices,
): Promise<Synced> {
  let answer = blankSync(worktree);
  try {
    if (worktree.unreadable !== undefined) throw worktree.unreadable;
    const { branch } = worktree;
    const name = worktreeName(worktree);
    if (worktree.isMain) throw failures.mainWorktree(worktree.path, 'only linked worktrees have a base');
    if (branch === undefined) {
      const operation = await hub.landings.operation(worktree);
      const reason = operation === undefined ? 'detached' : 'dirty';
      if (choices.all) return { worktree, answer: { ...answer, status: 'skipped', reason } };
      throw operation === undefined
        ? failures.detached(name, worktree.path)
        : failures.operationInProgress(operation, worktree.path);
    }
    const base = baseOf(worktree, scene.refs);
    if (base === undefined) {
      const recorded = worktree.facts?.base ?? undefined;
      throw recorded === undefined ? failures.noBase(name, branch) : failures.baseGone(recorded, name);
    }
    const reason = await reasonNotTo(hub, scene, worktree, choices);
    if (reason !== undefined) return { worktree, answer: { ...answer, status: 'skipped', reason } };
    const source = await sourceOf(hub, base, scene.refs, failed);
    answer = { ...answer, source: source.name, warnings: [...source.warnings] };
    const target = findTarget(branch, scene.worktrees, scene.refs);
    answer = { ...answer, target_before: target.tip.commit };
    const warnings = await checkTarget(hub, target, scene.worktrees, { ...choices, needsUpstream: false });
    answer = { ...answer, warnings: [...answer.warnings, ...warnings] };
    const outcome = await bringIn(ports, hub, { worktree, target, source }, choices);
    const told = {
      ...answer,
      ...outcome.answer,
      warnings: [...answer.warnings, ...(outcome.answer.warnings ?? [])],
    };
    const { failure } = outcome;
    if (failure !== undefined) return { worktree, answer: { ...told, error: errorBody(failure) }, failure };
    if (told.status !== 'conflicts' || !choices.leaveConflicts) return { worktree, answer: told };
    answer = told;
    const message = messageOf(source, branch);
    const union = told.conflicts.flatMap(({ path, resolution }) =>
      resolution === null ? [] : [{ path, by: resolution }],
    );
    const merge = { worktree: worktree.path, commit: source.commit, message, union };
    if ((await hub.edits.startMerge(merge)) === 'conflicts')
      return { worktree, answer: { ...told, left_in_progress: true } };
    const head = (await hub.git.commit(`refs/heads/${branch}`)) ?? null;
    const clean = { status: 'merged' as const, conflicts: [], escalations: [], target_after: head };
    return { worktree, answer: { ...told, ...clean } };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { worktree, answer: { ...answer, error: errorBody(error) }, failure: error };
  }
}

type Way = { readonly worktree: Worktree; readonly target: Target; readonly source: Source };

/** Judges the source as what is to land on the branch, and lands it there. */
async function bringIn(
  ports: Ports,
  hub: Hub,
  { worktree, target, source }: Way,
  choices: SyncChoices,
): Promise<Outcome> {
  const { dryRun } = choices;
  const { config } = await ports.config();
  const candidate: Candidate = {
    name: source.name,
    operation: 'sync',
    worktreePath: worktree.path,
    branch: undefined,
    head: source.commit,
    tree: undefined,
    target: target.branch,
  };
  const options = {
    strategy: choices.strategy === 'rebase' ? ('rebase' as const) : ('auto' as const),
    message: messageOf(source, target.branch),
    dryRun,
    retry: false,
    policy: conflictPolicy(conflictSettings(config, choices.auto)),
  };
  if (choices.strategy === 'rebase')
    return rebaseBranch(
      ports,
      hub,
      { candidate, target, source, forceRewrite: choices.forceRewrite },
      options,
    );
  const targets = new Map([[target.branch, target]]);
  const outcomes = await landAll(ports, hub, targets, [candidate], options);
  return outcomes.get(worktree.path) ?? { answer: {} };
}

/** The subject that git gives such a merge. */
const messageOf = ({ name, isRemote }: Source, branch: string): string =>
  `Merge ${isRemote ? 'remote-tracking branch' : 'branch'} '${name}' into ${branch}`;

type SyncSkip = 'running' | 'locked' | 'dirty';

/** Throws what forbids a sync; gives, where all are synced, why this one is left out. */
async function reasonNotTo(
  hub: Hub,
  scene: MergeScene,
  worktree: Worktree,
  { all, dryRun, leaveConflicts }: SyncChoices,
): Promise<SyncSkip | undefined> {
  const facts = await lookAt(hub, scene, worktree, dryRun);
  const name = worktreeName(worktree);
  const running = refusalByRun('merge', name, facts.run);
  const { locked } = worktree;
  const isDirtyHere = isDirty(facts.changes);
  if (all) {
    if (running !== undefined) return 'running';
    if (facts.operation !== undefined || isDirtyHere) return 'dirty';
    return locked === undefined || isRunLock(locked) ? undefined : 'locked';
  }
  if (dryRun) return undefined;
  if (running !== undefined) throw running();
  if (facts.operation !== undefined) throw failures.operationInProgress(facts.operation, worktree.path);
  if (leaveConflicts && isDirtyHere)
    throw failures.dirtyWorktree(name, facts.changes.paths, `commit them first; wt diff ${name} shows them`);
  return undefined;
}
