import type { CreateAnswer } from '../domain/answers/create.ts';
import type { CreationRequest } from '../domain/creation.ts';
import type { CreationStep } from '../domain/creation-record.ts';
import { errorBody } from '../domain/error-body.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import type { Worktree } from '../domain/worktree.ts';
import { boundIn } from '../domain/worktree-facts.ts';
import { openGate } from './gate.ts';
import { type LiveLines, openLiveLines } from './live-lines.ts';
import type { Hub, Ports } from './ports.ts';
import { liveSteps } from './provisioning/live-steps.ts';
import { type Provisioned, provisionWorktree } from './provisioning.ts';
import { recover } from './recovery.ts';
import {
  type Batch,
  behindUpstream,
  type CreationOptions,
  type Progress,
  type Registered,
  reach,
  register,
  writerOf,
} from './registration.ts';
import { clear, endChildren } from './withdrawal.ts';

/** One worktree that was to be made: the answer, and the worktree when it is there. */
export type Created = {
  readonly answer: CreateAnswer;
  readonly worktree: Worktree | undefined;
  /** Why nothing was made. */
  readonly failure?: Failure;
};

/** Two at a time halve the time of one after another; more gain nothing on two cores. */
const atOnce = 2;
/** Dozens of creations may be waiting for their turn before this one. */
const patienceMs = 60_000;

/** Makes worktrees, two at a time, in the order asked for; one that fails leaves nothing and stops no other. */
export const createWorktrees = (
  ports: Ports,
  hub: Hub,
  requests: readonly CreationRequest[],
  options: CreationOptions,
): Promise<readonly Created[]> => Promise.all(createEach(ports, hub, requests, options));

/** The same, for those who go on with each as soon as it is there. */
export function createEach(
  ports: Ports,
  hub: Hub,
  requests: readonly CreationRequest[],
  options: CreationOptions,
  lines?: LiveLines,
): readonly Promise<Created>[] {
  const alone = requests.length === 1;
  const batch = openBatch(ports, hub, options, { alone, lines });
  return requests.map((request) =>
    create(batch, request).catch((error): Created => {
      if (!isFailure(error)) throw error;
      return {
        answer: { ...blankAnswer(request), error: errorBody(error) },
        worktree: undefined,
        failure: error,
      };
    }),
  );
}

/** Makes one worktree; throws the failure, after which nothing of it is left. */
export const createWorktree = (
  ports: Ports,
  hub: Hub,
  request: CreationRequest,
  options: CreationOptions,
): Promise<Created> => create(openBatch(ports, hub, options, { alone: true }), request);

const openBatch = (
  ports: Ports,
  hub: Hub,
  options: CreationOptions,
  { alone, lines }: { readonly alone: boolean; readonly lines?: LiveLines | undefined },
): Batch => ({
  ports,
  hub,
  options,
  alone,
  gate: openGate(atOnce),
  lines: lines ?? openLiveLines(ports.narrator),
  base: undefined,
});

/** The answer for a worktree of which nothing is there. */
export const blankAnswer = (request: CreationRequest): CreateAnswer => ({
  worktree_path: request.path,
  branch: request.branch,
  base: null,
  base_ref: null,
  base_sha: null,
  project_id: request.projectId ?? null,
  provisioned: null,
  provisioning_time_ms: null,
  steps: [],
  orchestration: null,
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
    const progress: Progress = { intent, children: [], record: undefined };
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
    batch.lines.set(request.branch, `${request.branch}: writing files …`);
    await hub.registrations.checkOut(record, writer, { alone: batch.alone, signal });
    await reach(progress, 'whole', { ...record, whole: true });
    await hub.registrations.unlock(worktree.gitDir);
    const complaint = await hub.registrations.runHook(record, writer, signal);
    const provisioning = options.provision
      ? await provision(batch, worktree)
      : await unprovisioned(hub, worktree);
    leave();
    await hub.registrations.settleIndex(worktree.path, worktree.gitDir, signal);
    stopIfInterrupted(ports);
    const untold = await hub.events.append({
      type: 'worktree.created',
      worktree_path: worktree.path,
      dispatch_id: null,
      data: {
        operation: progress.intent.id,
        branch: request.branch,
        project_id: worktree.facts.project_id,
        base: worktree.facts.base,
        base_sha: worktree.facts.base_sha,
        provisioned: provisioning.provisioned,
      },
    });
    const answer: CreateAnswer = {
      ...blankAnswer(request),
      base: worktree.facts.base,
      base_ref: worktree.facts.base_ref,
      base_sha: worktree.facts.base_sha,
      provisioned: provisioning.provisioned,
      provisioning_time_ms: provisioning.provisioning_time_ms,
      steps: [...provisioning.steps],
      orchestration: boundIn(worktree.facts),
      warnings: [
        ...warnings,
        ...(await behind),
        ...(complaint === undefined
          ? []
          : [{ code: 'hook_failed', message: `the post-checkout hook failed: ${complaint}` }]),
        ...provisioning.warnings,
        ...untold,
      ],
      error: provisioning.error,
    };
    return { answer, worktree };
  } finally {
    batch.lines.clear(request.branch);
    leave();
  }
}

const stopIfInterrupted = ({ narrator: { signal } }: Ports): void => {
  if (signal.aborted) throw failures.interrupted(String(signal.reason));
};

const underLock = <T>({ ports: { narrator }, hub }: Batch, work: () => Promise<T>): Promise<T> =>
  hub.locks.hold('repository', work, {
    purpose: 'wt create',
    waitMs: patienceMs,
    signal: narrator.signal,
    onWait: (holder) => narrator.note(`waiting for ${holder}`),
  });

type Ending = Omit<Provisioned, 'provisioning_time_ms'> & { readonly provisioning_time_ms: number | null };

const nothingDone = { provisioned: false, provisioning_time_ms: null, steps: [], warnings: [], error: null };

/** A worktree that cannot be provisioned stays, as one of which a step failed does. */
async function provision({ ports, hub, options, lines }: Batch, worktree: Worktree): Promise<Ending> {
  const name = worktree.branch ?? worktree.path;
  const onProgress = liveSteps(name, (line) => {
    if (line !== undefined) lines.set(name, line);
  });
  try {
    return await provisionWorktree(ports, hub, worktree, { shareVenv: options.shareVenv, onProgress });
  } catch (error) {
    if (!isFailure(error) || error.kind === 'interrupted') throw error;
    return { ...nothingDone, error: errorBody(error) };
  }
}

async function unprovisioned(hub: Hub, { path, facts }: Registered['worktree']): Promise<Ending> {
  const folder = `projects/${facts.project_id}`;
  const missing = facts.project_id !== null && (await hub.folders.kind(`${path}/${folder}`)) === 'absent';
  const warnings = missing ? [{ code: 'project_missing', message: `${folder}/ is not in this tree` }] : [];
  return { ...nothingDone, warnings };
}

/** Takes back what was begun. What it cannot finish the intent keeps, for the next command. */
async function withdraw({ ports, hub }: Batch, { intent, children, record }: Progress): Promise<void> {
  if (record === undefined) return;
  await endChildren(hub, intent.id, children);
  // Until then recovery takes back by itself; and on a full disk nothing can be written before files are gone.
  if (record.whole) await intent.step('withdrawing' satisfies CreationStep);
  const { creation, strangers } = await clear(hub, intent.id, record, record.whole ? 'whole' : 'fresh');
  if (strangers.length === 0) {
    const purpose = 'wt create, taking back';
    await hub.locks.hold('repository', () => hub.registrations.remove(creation), { purpose });
    return;
  }
  const some = strangers.slice(0, 3).join(', ');
  ports.narrator.warn(`${record.path} stays: it holds what this command did not put there (${some})`);
}
