import { type BranchPlan, type CreationRequest, foundFolder, planBranch } from '../domain/creation.ts';
import { type BaseChoice, type CreationScene, chooseBase } from '../domain/creation-base.ts';
import { CreationRecord, type CreationStep } from '../domain/creation-record.ts';
import { failures, isFailure } from '../domain/failure.ts';
import type { StoredBinding } from '../domain/orchestration/binding.ts';
import type { ProcessIdentity } from '../domain/process.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { WorktreeFacts } from '../domain/worktree-facts.ts';
import type { openGate } from './gate.ts';
import type { LiveLines } from './live-lines.ts';
import type { Writer } from './ports/registrations.ts';
import type { OpenIntent } from './ports/state.ts';
import type { Hub, Ports } from './ports.ts';

export type CreationOptions = {
  /** `undefined`: the configured one, else the default branch. */
  readonly base: string | undefined;
  readonly provision: boolean;
  readonly shareVenv: boolean;
  /** The agent whose work is to be done in it. */
  readonly bound: StoredBinding | undefined;
  /** Name of the variable that carries the project id. */
  readonly variable: string;
};

type Base = { readonly choice: BaseChoice; readonly sha: Sha };

/** What the creations of one command share. */
export type Batch = {
  readonly ports: Ports;
  readonly hub: Hub;
  readonly options: CreationOptions;
  readonly alone: boolean;
  readonly gate: ReturnType<typeof openGate>;
  readonly lines: LiveLines;
  /** Resolved by the first of them under the lock: all of one command start from the same commit. */
  base: Base | undefined;
};

/** How far one creation came. */
export type Progress = {
  readonly intent: OpenIntent;
  readonly children: ProcessIdentity[];
  record: CreationRecord | undefined;
};

export const writerOf = ({ intent, children }: Progress): Writer => ({
  id: intent.id,
  child: (child) => {
    children.push(child);
    intent.child(child);
  },
});

export async function reach(
  progress: Progress,
  step: CreationStep,
  record: CreationRecord | undefined,
): Promise<void> {
  await progress.intent.step(step, record);
  progress.record = record;
}

export type Registered = {
  readonly worktree: Worktree & { readonly gitDir: string; readonly facts: WorktreeFacts };
  readonly record: CreationRecord;
  readonly warnings: readonly Warning[];
  readonly choice: BaseChoice;
};

/** The part under the lock: looks, decides, and makes branch, registration and facts; no files yet. */
export async function register(
  batch: Batch,
  request: CreationRequest,
  progress: Progress,
): Promise<Registered> {
  const { ports, hub } = batch;
  const [worktrees, refs, place, kind, unfinished] = await Promise.all([
    hub.git.worktrees(),
    hub.git.refs(),
    hub.folders.place(request.path, '/', ports.environment.home),
    hub.folders.kind(request.path),
    hub.intents.list(),
  ]);
  const { current, ignoreCase } = hub.repository;
  const scene: CreationScene = { worktrees, refs, current, ignoreCase };
  const base = await resolveBase(batch, scene, request);
  const plan = planBranch(request, scene, { ...place, kind }, base.sha);
  const record: CreationRecord = {
    path: request.path,
    branch: request.branch,
    start: plan.start,
    makes_branch: plan.makesBranch,
    git_dir: null,
    stop: foundFolder(
      place.parent,
      unfinished.flatMap(({ intent }) => CreationRecord.safeParse(intent.data).data ?? []),
    ),
    found_empty: kind === 'empty-folder',
    whole: false,
  };
  await reach(progress, 'registering', record);
  const gitDir = await hub.registrations.add(record, writerOf(progress)).catch(async (error) => {
    // Somebody made the branch meanwhile, without our lock: nothing is ours to take back.
    if (isFailure(error, 'branch_exists')) await reach(progress, 'waiting', undefined);
    throw error;
  });
  const { facts, warnings } = await factsOf(batch, request, plan, base);
  await hub.facts.write(gitDir, facts);
  const registered = { ...record, git_dir: gitDir };
  await reach(progress, 'checking-out', registered);
  const worktree = {
    path: request.path,
    gitDir,
    isMain: false,
    head: plan.start,
    branch: request.branch,
    detached: false,
    locked: undefined,
    prunable: undefined,
    facts,
  };
  return { worktree, record: registered, warnings, choice: base.choice };
}

async function resolveBase(batch: Batch, scene: CreationScene, request: CreationRequest): Promise<Base> {
  const { hub, options } = batch;
  if (batch.base !== undefined) return batch.base;
  try {
    const choice = chooseBase(scene, options.base);
    const sha = choice.sha ?? (await hub.git.commit(choice.ref));
    if (sha === undefined) throw failures.baseNotFound(choice.ref);
    batch.base = { choice, sha };
    return batch.base;
  } catch (error) {
    // A branch that exists can be checked out without knowing where it is to land.
    const itself = request.existing && options.base === undefined && isFailure(error, 'base_not_found');
    const tip = itself ? await hub.git.commit(`refs/heads/${request.branch}`) : undefined;
    if (tip === undefined) throw error;
    const choice = { branch: undefined, ref: request.branch, sha: tip, upstream: undefined, guessed: false };
    return { choice, sha: tip };
  }
}

async function factsOf(
  { ports, hub, options }: Batch,
  request: CreationRequest,
  plan: BranchPlan,
  { choice, sha }: Base,
): Promise<{ readonly facts: WorktreeFacts; readonly warnings: readonly Warning[] }> {
  // An existing branch left the base some time ago.
  const [since] = request.existing ? await hub.git.divergence([{ base: sha, tip: plan.start }]) : [];
  const warnings: Warning[] = [];
  if (choice.guessed) {
    const message = `no default branch is known; the base is '${choice.ref}', which the main worktree has checked out`;
    warnings.push({ code: 'base_guessed', message });
  }
  const facts: WorktreeFacts = {
    version: 1,
    project_id: request.projectId ?? null,
    variable: options.variable,
    base: choice.branch === request.branch ? null : (choice.branch ?? null),
    base_ref: choice.ref,
    base_sha: since?.mergeBases[0] ?? sha,
    branch_created: !request.existing,
    branch: request.branch,
    created_at: ports.clock.now().toISOString(),
    share_venv: options.shareVenv,
    address: options.bound?.address ?? null,
    orchestration: options.bound?.file ?? null,
    receipts: [],
  };
  return { facts, warnings };
}

/** Whether a local base lags behind its upstream, and by how much. */
export async function behindUpstream(
  hub: Hub,
  { branch, sha, upstream }: BaseChoice,
): Promise<readonly Warning[]> {
  if (sha === undefined || upstream === undefined) return [];
  const [divergence] = await hub.git.divergence([{ base: upstream.sha, tip: sha }]);
  const behind = divergence?.behind ?? 0;
  if (divergence !== undefined && behind === 0) return [];
  const count = divergence === undefined ? '' : `${behind} ${behind === 1 ? 'commit' : 'commits'} `;
  const message = `'${branch}' is ${count}behind ${upstream.name}; --base ${upstream.name} starts from there`;
  return [{ code: 'base_behind_upstream', message }];
}
