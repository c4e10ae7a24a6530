import type { CreateAnswer } from '../domain/answers/create.ts';
import type { MergeAnswer } from '../domain/answers/merge.ts';
import type { StartAnswer } from '../domain/answers/start.ts';
import { isCompleteWithWork } from '../domain/dispatch.ts';
import { errorBody } from '../domain/error-body.ts';
import { isFailure } from '../domain/failure.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { blankAnswer, type Created, createEach } from './creation.ts';
import type { Dispatching } from './dispatching.ts';
import type { openGate } from './gate.ts';
import { landWorktrees, openMergeScene } from './landing-session.ts';
import type { LiveLines } from './live-lines.ts';
import type { Hub, Ports } from './ports.ts';
import { unprovisioned } from './provisioning/answers.ts';
import { liveSteps } from './provisioning/live-steps.ts';
import { provisionWorktree } from './provisioning.ts';
import type { CreationOptions } from './registration.ts';
import type { Runner } from './running.ts';
import type { StartTarget } from './start-targets.ts';

/** What all starts of one command share. */
export type StartScene = {
  readonly ports: Ports;
  readonly hub: Hub;
  readonly dispatching: Dispatching;
  readonly runner: Runner;
  readonly live: LiveLines;
  /** Lands each that completes with work, one after the other; `undefined` lands none. */
  readonly landing: ReturnType<typeof openGate> | undefined;
  readonly completeBarriers: boolean;
};

/** The worktrees of the targets, each as soon as it is there and provisioned. */
export function prepareTargets(
  { ports, hub, live }: Pick<StartScene, 'ports' | 'hub' | 'live'>,
  targets: readonly StartTarget[],
  options: CreationOptions,
): readonly Promise<Created>[] {
  const requests = targets.flatMap(({ kind, request }) => (kind === 'missing' ? [request] : []));
  const made = [...createEach(ports, hub, requests, options, live)];
  return targets.map((target): Promise<Created> => {
    if (target.kind === 'there') return provisionThere({ ports, hub, live }, target.worktree, options);
    const next = target.kind === 'missing' ? made.shift() : undefined;
    if (next !== undefined) return next;
    const failure = target.kind === 'refused' ? target.failure : undefined;
    const worktree = target.kind === 'refused' ? target.worktree : undefined;
    const answer = worktree === undefined ? blankAnswer(target.request) : unprovisioned(worktree);
    const error = failure === undefined ? null : errorBody(failure);
    return Promise.resolve({
      answer: { ...answer, error },
      worktree: undefined,
      ...(failure && { failure }),
    });
  });
}

/** Gives a worktree that is there what it lacks. */
async function provisionThere(
  { ports, hub, live }: Pick<StartScene, 'ports' | 'hub' | 'live'>,
  worktree: Worktree,
  { provision, shareVenv }: CreationOptions,
): Promise<Created> {
  const answer: CreateAnswer = unprovisioned(worktree);
  if (!provision)
    return { answer: { ...answer, provisioned: worktree.facts?.provisioned ?? null }, worktree };
  const name = worktreeName(worktree);
  const onProgress = liveSteps(name, (line) =>
    line === undefined ? live.clear(name) : live.set(name, line),
  );
  try {
    const { steps, warnings, ...rest } = await provisionWorktree(ports, hub, worktree, {
      shareVenv,
      onProgress,
    });
    return { answer: { ...answer, ...rest, steps: [...steps], warnings: [...warnings] }, worktree };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return { answer: { ...answer, error: errorBody(failure) }, worktree: undefined, failure };
  } finally {
    live.clear(name);
  }
}

/** Dispatches into a worktree that is ready, and lands what came of it where that was asked for. */
export async function startIn(
  { ports, hub, dispatching, runner, landing: gate, completeBarriers }: StartScene,
  { answer, worktree }: Created,
  { prompt, target }: { readonly prompt: string; readonly target: StartTarget },
): Promise<StartAnswer> {
  const blank: StartAnswer = { ...answer, dispatch: null, landing: null };
  if (worktree === undefined || answer.error !== null) {
    runner.skip();
    return blank;
  }
  let isSkipped = true;
  try {
    const ready = target.kind === 'there' ? target.ready : await dispatching.check(worktree);
    isSkipped = false;
    const { dispatch } = await runner.run(ready, prompt);
    const started: StartAnswer = { ...blank, dispatch, error: dispatch.error };
    if (gate === undefined || !isCompleteWithWork(dispatch)) return started;
    const landing = await landAfter(ports, hub, { path: worktree.path, completeBarriers }, gate);
    return { ...started, landing, error: landing?.error ?? null };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    if (isSkipped) runner.skip();
    return { ...blank, error: errorBody(failure) };
  }
}

/** Lands a worktree whose run is complete as `wt land` does: gates and push as configured, and it is removed. */
async function landAfter(
  ports: Ports,
  hub: Hub,
  { path, completeBarriers }: { readonly path: string; readonly completeBarriers: boolean },
  gate: ReturnType<typeof openGate>,
): Promise<MergeAnswer | null> {
  const leave = await gate.enter();
  try {
    if (ports.narrator.signal.aborted) return null;
    const scene = await openMergeScene(hub);
    const worktree = scene.worktrees.find((each) => each.path === path);
    if (worktree === undefined) return null;
    const choices = {
      ...{ into: undefined, commit: undefined, dryRun: false, all: false },
      ...{ cleanup: true, configuredGates: true, completeBarriers },
    };
    const [landed] = await landWorktrees(ports, hub, scene, [worktree], choices);
    return landed?.told ?? null;
  } finally {
    leave();
  }
}
