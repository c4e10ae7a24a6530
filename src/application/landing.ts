import type { NewEvent } from '../domain/event.ts';
import { type Failure, isFailure } from '../domain/failure.ts';
import type { LandingRecord } from '../domain/landing-record.ts';
import { type Candidate, emptyPlan, extend, type MergePlan, type Step, tipOf } from '../domain/merge-plan.ts';
import { type JudgingOptions, judgeCandidate } from './judging.ts';
import { happeningOf, recordStep } from './landing-recording.ts';
import type { Target } from './landing-target.ts';
import type { Scratch } from './ports/landing.ts';
import type { Recorded } from './ports/recorder.ts';
import type { Hub, Ports } from './ports.ts';

/** Judges each candidate against its target as the candidates before it leave it; nothing is changed. */
export async function planLandings(
  scratch: Scratch,
  targets: ReadonlyMap<string, Target>,
  candidates: readonly Candidate[],
  options: JudgingOptions,
): Promise<MergePlan> {
  let plan = emptyPlan(new Map([...targets].map(([branch, { tip }]) => [branch, tip])));
  for (const given of candidates) {
    // What landed on this branch a step before lands with it.
    const moved = given.branch === undefined ? undefined : plan.tips.get(given.branch);
    const candidate = moved === undefined ? given : { ...given, head: moved.commit, tree: moved.tree };
    const tip = tipOf(plan, candidate.target);
    const checkout = targets.get(candidate.target)?.checkout;
    plan = extend(plan, candidate, await judgeCandidate(scratch, candidate, { tip, checkout }, options));
  }
  return plan;
}

/** The move of a target that a step of a plan is. */
export function landingOf({ candidate, verdict, before, after }: Step, target: Target): LandingRecord {
  const { branch, checkout } = target;
  const isSync = candidate.operation === 'sync';
  const what = isSync ? candidate.name : (candidate.branch ?? candidate.head);
  return {
    target: branch,
    before,
    after,
    message: `wt ${isSync ? 'sync' : 'merge'}: ${what}`,
    checkout: checkout === undefined ? null : { path: checkout.path, git_dir: checkout.gitDir },
    ...(isSync && verdict.kind === 'rebase' ? { direction: 'across' as const } : {}),
  };
}

/** That a target was moved, as the journal has it. */
export const landedEvent = (
  { target, before, after }: LandingRecord,
  {
    worktreePath,
    branch,
    operation,
  }: { readonly worktreePath: string; readonly branch: string | undefined; readonly operation: string },
): NewEvent => ({
  type: 'landing.merged',
  worktree_path: worktreePath,
  dispatch_id: null,
  data: { operation, branch: branch ?? null, target, target_before: before, target_after: after },
});

/** How a step ended: with the failure for which nothing was changed, or what was recorded of its landing. */
export type LandedStep = { readonly failure?: Failure; readonly recorded?: Recorded | undefined };

/** Lands one step of a plan and enters it in the ledger, and in the coordinator's file. */
export async function land(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  scratch: Scratch,
  step: Step,
  target: Target,
): Promise<LandedStep> {
  const { candidate } = step;
  try {
    await scratch.keep(step.after);
    return await hub.locks.hold(
      'repository',
      async (lease) => {
        const move = landingOf(step, target);
        // What comes into a branch is no landing, and wt undo does not count it.
        const isSync = candidate.operation === 'sync';
        const entry = isSync ? undefined : await hub.ledger.draft(factsOf(step, move));
        const data = entry === undefined ? move : { ...move, number: entry.n };
        const branch = isSync ? candidate.name : candidate.branch;
        const intended = {
          ...data,
          branch: branch ?? null,
          ...(entry === undefined ? {} : { entry }),
          ...(candidate.binding === undefined ? {} : { binding: candidate.binding, step: happeningOf(step) }),
        };
        const facts = { worktreePath: candidate.worktreePath, step: 'landing', data: intended };
        return hub.intents.during('merge', facts, async (intent) => {
          const landed = await hub.landings.land(data, intent);
          if (landed.kind === 'refused') return { failure: landed.failure };
          if (entry !== undefined) await hub.ledger.enter({ ...entry, operation: intent.id }, intent);
          const event = landedEvent(data, { ...candidate, branch, operation: intent.id });
          for (const { message } of await hub.events.append(event)) narrator.warn(message);
          // Before the intent is cleared: who finds this wt killed enters it too.
          return { recorded: await recordStep(hub, step, lease) };
        });
      },
      {
        purpose: 'wt merge',
        signal: narrator.signal,
        onWait: (holder) => narrator.note(`waiting for ${holder}`),
      },
    );
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { failure: error };
  }
}

const factsOf = ({ candidate, verdict }: Step, { target, before, after, checkout }: LandingRecord) => ({
  target,
  before,
  after,
  strategy: verdict.kind,
  worktree_path: candidate.worktreePath,
  branch: candidate.branch ?? null,
  head: candidate.head,
  dispatch_id: candidate.dispatchId ?? null,
  checkout,
});
