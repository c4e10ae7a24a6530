import type { CreateAnswer } from '../domain/answers/create.ts';
import { type BranchPlan, type CreationRequest, foundFolder, planBranch } from '../domain/creation.ts';
import { type BaseChoice, type CreationScene, chooseBase } from '../domain/creation-base.ts';
import { CreationRecord, type CreationStep } from '../domain/creation-record.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import type { ProcessIdentity } from '../domain/process.ts';
import type { Sha } from '../domain/sha.ts';
import { errorBody, type Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { WorktreeFacts } from '../domain/worktree-facts.ts';
import { openGate } from './gate.ts';
import type { Writer } from './ports/registrations.ts';
import type { OpenIntent } from './ports/state.ts';
import type { Hub, Ports } from './ports.ts';
import { provisionWorktree } from './provisioning.ts';
import { recover } from './recovery.ts';
import { endChildren, takeBack } from './withdrawal.ts';

export type CreationOptions = {
  /** `undefined`: the configured one, else the default branch. */
  readonly base: string | undefined;
  readonly provision: boolean;
  readonly shareVenv: boolean;
  readonly address: string | undefined;
  /** Name of the variable that carries the project id. */
  readonly variable: string;
};

/** One worktree that was to be made: the answer, and the worktree when it is there. */
export type Created = { readonly answer: CreateAnswer; readonly worktree: Worktree | undefined };

type Base = { readonly choice: BaseChoice; readonly sha: Sha };

/** What the creations of one command share. */
type Batch = {
  readonly ports: Ports;
  readonly hub: Hub;
  readonly options: CreationOptions;
  readonly alone: boolean;
  readonly gate: ReturnType<typeof openGate>;
  /** Resolved by the first of them under the lock: all of one command start from the same commit. */
  base: Base | undefined;
};

/** Two at a time halve the time of one after another; more gain nothing on two cores. */
const atOnce = 2;

/** Makes worktrees, two at a time, in the order asked for; one that fails leaves nothing and stops no other. */
export async function createWorktrees(
  ports: Ports,
  hub: Hub,
  requests: readonly CreationRequest[],
  options: CreationOptions,
): Promise<readonly Created[]> {
  const alone = requests.length === 1;
  const batch: Batch = { ports, hub, options, alone, gate: openGate(atOnce), base: undefined };
  return Promise.all(
    requests.map((request) =>
      create(batch, request).catch((error): Created => {
        if (!isFailure(error)) throw error;
        return { answer: { ...blankAnswer(request), error: errorBody(error) }, worktree: undefined };
      }),
    ),
  );
}

/** Makes one worktree; throws the failure, after which nothing of it is left. */
export const createWorktree = (
  ports: Ports,
  hub: Hub,
  request: CreationRequest,
  options: CreationOptions,
): Promise<Created> =>
  create({ ports, hub, options, alone: true, gate: openGate(1), base: undefined }, request);

const blankAnswer = (request: CreationRequest): CreateAnswer => ({
  worktree_path: request.path,
  branch: request.branch,
  base: null,
  base_ref: null,
  base_sha: null,
  project_id: request.projectId ?? null,
  provisioned: null,
  provisioning_time_ms: null,
  steps: [],
  warnings: [],
  error: null,
});

const taken = ['worktree_exists', 'branch_exists', 'branch_checked_out', 'path_exists'];

async function create(batch: Batch, request: CreationRequest): Promise<Created> {
  try {
    return await attempt(batch, request);
  } catch (error) {
    // What is in the way may be what a creation left that was killed since this command began.
    if (!isFailure(error) || !taken.includes(error.code)) throw error;
    if ((await recover(batch.ports, batch.hub)) === 0) throw error;
    return attempt(batch, request);
  }
}

type Outcome = { readonly created: Created } | { readonly failure: Failure };

async function attempt(batch: Batch, request: CreationRequest): Promise<Created> {
  const { hub } = batch;
  const facts = { worktreePath: request.path, step: 'waiting' satisfies CreationStep, data: {} };
  const outcome = await hub.intents.during('create', facts, async (intent): Promise<Outcome> => {
    const progress: Progress = { intent, children: [], record: undefined, whole: false };
    try {
      return { created: await make(batch, request, progress) };
    } catch (error) {
      await withdraw(batch, progress);
      if (!isFailure(error)) throw error;
      return { failure: error };
    }
  });
  if ('failure' in outcome) throw outcome.failure;
  return outcome.created;
}

/** How far one creation came. */
type Progress = {
  readonly intent: OpenIntent;
  readonly children: ProcessIdentity[];
  record: CreationRecord | undefined;
  whole: boolean;
};

const writerOf = ({ intent, children }: Progress): Writer => ({
  id: intent.id,
  child: (child) => {
    children.push(child);
    intent.child(child);
  },
});

async function reach(
  progress: Progress,
  step: CreationStep,
  record: CreationRecord | undefined,
): Promise<void> {
  await progress.intent.step(step, record);
  progress.record = record;
}

type Registered = {
  readonly worktree: Worktree & { readonly gitDir: string; readonly facts: WorktreeFacts };
  readonly record: CreationRecord;
  readonly warnings: readonly Warning[];
  readonly choice: BaseChoice;
};

async function make(batch: Batch, request: CreationRequest, progress: Progress): Promise<Created> {
  const { ports, hub, options } = batch;
  const { signal } = ports.narrator;
  const leave = await batch.gate.enter();
  try {
    stopIfInterrupted(ports);
    const { worktree, record, warnings, choice } = await underLock(batch, () =>
      register(batch, request, progress),
    );
    const behind = behindUpstream(hub, choice);
    behind.catch(() => {}); // awaited below, unless the checkout fails first
    const writer = writerOf(progress);
    await hub.registrations.checkOut(record, writer, { alone: batch.alone, signal });
    await reach(progress, 'whole', record);
    progress.whole = true;
    await hub.registrations.unlock(worktree.gitDir);
    const complaint = await hub.registrations.runHook(record, writer, signal);
    const provisioning = options.provision
      ? await provisionWorktree(ports, hub, worktree, { shareVenv: options.shareVenv })
      : await unprovisioned(hub, worktree);
    leave();
    await hub.registrations.settleIndex(worktree.path, worktree.gitDir, signal);
    stopIfInterrupted(ports);
    const failed = provisioning.steps.find(({ status }) => status === 'failed');
    const answer: CreateAnswer = {
      ...blankAnswer(request),
      base: worktree.facts.base,
      base_ref: worktree.facts.base_ref,
      base_sha: worktree.facts.base_sha,
      provisioned: provisioning.provisioned,
      provisioning_time_ms: provisioning.provisioning_time_ms,
      steps: [...provisioning.steps],
      warnings: [
        ...warnings,
        ...(await behind),
        ...(complaint === undefined
          ? []
          : [{ code: 'hook_failed', message: `the post-checkout hook failed: ${complaint}` }]),
        ...provisioning.warnings,
      ],
      error:
        failed === undefined
          ? null
          : errorBody(failures.stepFailed(failed.name, request.argument, failed.detail ?? '')),
    };
    return { answer, worktree };
  } finally {
    leave();
  }
}

const stopIfInterrupted = ({ narrator: { signal } }: Ports): void => {
  if (signal.aborted) throw failures.interrupted(String(signal.reason));
};

const underLock = <T>({ ports: { narrator }, hub }: Batch, work: () => Promise<T>): Promise<T> =>
  hub.locks.hold('repository', work, {
    purpose: 'wt create',
    signal: narrator.signal,
    onWait: (holder) => narrator.note(`waiting for ${holder}`),
  });

/** The part under the lock: looks, decides, and makes branch, registration and facts; no files yet. */
async function register(batch: Batch, request: CreationRequest, progress: Progress): Promise<Registered> {
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
  };
  await reach(progress, 'registering', record);
  const gitDir = await hub.registrations.add(record, writerOf(progress));
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
    address: options.address ?? null,
    receipts: [],
  };
  return { facts, warnings };
}

async function behindUpstream(hub: Hub, { branch, sha, upstream }: BaseChoice): Promise<readonly Warning[]> {
  if (sha === undefined || upstream === undefined) return [];
  const [divergence] = await hub.git.divergence([{ base: upstream.sha, tip: sha }]);
  const behind = divergence?.behind ?? 0;
  if (divergence !== undefined && behind === 0) return [];
  const count = divergence === undefined ? '' : `${behind} ${behind === 1 ? 'commit' : 'commits'} `;
  const message = `'${branch}' is ${count}behind ${upstream.name}; --base ${upstream.name} starts from there`;
  return [{ code: 'base_behind_upstream', message }];
}

async function unprovisioned(hub: Hub, { path, facts }: Registered['worktree']) {
  const folder = `projects/${facts.project_id}`;
  const missing = facts.project_id !== null && (await hub.folders.kind(`${path}/${folder}`)) === 'absent';
  const warnings = missing ? [{ code: 'project_missing', message: `${folder}/ is not in this tree` }] : [];
  return { provisioned: false, provisioning_time_ms: null, steps: [], warnings };
}

/** Takes back what was begun. What it cannot finish the intent keeps, for the next command. */
async function withdraw({ ports, hub }: Batch, progress: Progress): Promise<void> {
  const { intent, record, whole } = progress;
  if (record === undefined) return;
  await endChildren(hub, intent.id, progress.children);
  await reach(progress, 'withdrawing', record);
  const strangers = await hub.locks.hold(
    'repository',
    () => takeBack(hub, intent.id, record, { ignored: !whole }),
    { purpose: 'wt create, taking back' },
  );
  if (strangers.length > 0) {
    const some = strangers.slice(0, 3).join(', ');
    ports.narrator.warn(`${record.path} stays: it holds what this command did not put there (${some})`);
  }
}
