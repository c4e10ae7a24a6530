import { failures } from '../domain/failure.ts';
import { type Candidate, isLanding, type Step, type Tip } from '../domain/merge-plan.ts';
import type { Warning } from '../domain/warning.ts';
import type { JudgingOptions } from './judging.ts';
import { land, landingOf, planLandings } from './landing.ts';
import { type Outcome, outcomeOf, refusedEvent, toldOf } from './landing-outcome.ts';
import { recordedIn, recordStep } from './landing-recording.ts';
import type { Target } from './landing-target.ts';
import type { Scratch } from './ports/landing.ts';
import type { Recorded } from './ports/recorder.ts';
import type { Hub, Ports } from './ports.ts';

export type BatchOptions = JudgingOptions & {
  readonly dryRun: boolean;
  /** Judges again what was refused because its target had moved. */
  readonly retry: boolean;
};

// Somebody who moves the target faster than that has to be waited for by a person.
const mostRetries = 5;

/**
 * Judges candidates one after the other and lands them, or only says what would land. One that is refused when it
 * is to land does not stop the others: those after it are judged again without it. The outcomes are by worktree.
 */
export async function landAll(
  ports: Pick<Ports, 'narrator'>,
  hub: Hub,
  targets: Map<string, Target>,
  candidates: readonly Candidate[],
  options: BatchOptions,
): Promise<ReadonlyMap<string, Outcome>> {
  const { signal } = ports.narrator;
  const outcomes = new Map<string, Outcome>();
  let queue = candidates;
  let retries = options.retry ? mostRetries : 0;
  while (queue.length > 0 && !signal.aborted) {
    const scratch = await hub.landings.openScratch({ keepable: !options.dryRun });
    try {
      // What has passed its gates lands before the next is tested: that may take long, and the target may move.
      const next = options.test !== undefined && !options.dryRun ? queue.slice(0, 1) : queue;
      const { steps } = await planLandings(scratch, targets, next, options);
      let done = 0;
      for (const step of steps) {
        if (signal.aborted) break;
        done++;
        const target = targets.get(step.candidate.target);
        if (target === undefined) throw new TypeError(`no target ${step.candidate.target}`);
        const outcome = await conclude(ports, hub, scratch, step, target, options);
        outcomes.set(step.candidate.worktreePath, outcome);
        if (isLanding(step.verdict) && !options.dryRun) {
          const isLanded = outcome.failure === undefined;
          if (!isLanded && signal.aborted) break;
          targets.set(target.branch, {
            ...target,
            tip: isLanded ? tipAfter(step) : await tipNow(hub, target),
          });
          if (isLanded) continue;
          if (outcome.failure?.code === 'target_moved' && retries-- > 0) {
            ports.narrator.note(`${target.branch} moved; ${step.candidate.name} is judged again`);
            done--;
          }
          break;
        }
      }
      queue = queue.slice(done);
    } finally {
      await scratch.close();
    }
  }
  const interrupted = failures.interrupted(String(signal.reason));
  for (const { worktreePath } of queue) outcomes.set(worktreePath, { answer: {}, failure: interrupted });
  return outcomes;
}

const tipAfter = ({ after, verdict }: Step): Tip => ({
  commit: after,
  tree: 'tree' in verdict ? verdict.tree : undefined,
});

async function tipNow(hub: Hub, { branch, tip }: Target): Promise<Tip> {
  const commit = await hub.git.commit(`refs/heads/${branch}`);
  return commit === undefined || commit === tip.commit ? tip : { commit, tree: undefined };
}

/** Lands one step of a plan, or says what landing it would be. */
export const conclude = (
  ports: Pick<Ports, 'narrator'>,
  hub: Hub,
  scratch: Scratch,
  step: Step,
  target: Target,
  options: BatchOptions,
): Promise<Outcome> =>
  options.dryRun
    ? preview(scratch, step, target, options)
    : carryOut(ports, hub, scratch, step, target, options);

async function preview(
  scratch: Scratch,
  step: Step,
  target: Target,
  options: BatchOptions,
): Promise<Outcome> {
  const outcome = outcomeOf(step, options);
  if (!isLanding(step.verdict)) return outcome;
  // From where the target is now: what lands before this step overwrites the same files.
  const landing = { ...landingOf(step, target), before: target.tip.commit };
  const paths = await scratch.overwritten(landing);
  if (paths.length === 0) return outcome;
  const message = failures.dirtyTarget(target.branch, target.checkout?.path ?? '', paths).message;
  const warnings: Warning[] = [{ code: 'dirty_target', message }];
  return {
    ...outcome,
    answer: { ...outcome.answer, warnings: [...(outcome.answer.warnings ?? []), ...warnings] },
  };
}

async function carryOut(
  ports: Pick<Ports, 'narrator'>,
  hub: Hub,
  scratch: Scratch,
  step: Step,
  target: Target,
  options: BatchOptions,
): Promise<Outcome> {
  if (!isLanding(step.verdict)) {
    await tellRefused(ports, hub, step);
    return withRecorded(outcomeOf(step, options), step, await recordStep(hub, step));
  }
  const { failure, recorded } = await land(ports, hub, scratch, step, target);
  return failure === undefined
    ? withRecorded(outcomeOf(step, options), step, recorded)
    : { answer: toldOf(step), failure };
}

/** An outcome with what became of its entry in the coordinator's file. */
const withRecorded = (outcome: Outcome, step: Step, recorded: Recorded | undefined): Outcome => ({
  ...outcome,
  answer: {
    ...outcome.answer,
    ...recordedIn(step, recorded),
    warnings: [...(outcome.answer.warnings ?? []), ...(recorded?.warnings ?? [])],
  },
});

/** Enters in the journal that a step did not land. */
async function tellRefused({ narrator }: Pick<Ports, 'narrator'>, hub: Hub, step: Step): Promise<void> {
  const event = refusedEvent(step);
  if (event === undefined) return;
  for (const { message } of await hub.events.append(event)) narrator.warn(message);
}
