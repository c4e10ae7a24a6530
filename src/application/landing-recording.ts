import type { MergeAnswer } from '../domain/answers/merge.ts';
import { isLanding, type Step } from '../domain/merge-plan.ts';
import { unrecorded } from '../domain/orchestration/binding.ts';
import type { Happening } from '../domain/orchestration/recording.ts';
import type { Recorded } from './ports/recorder.ts';
import type { Lease } from './ports/state.ts';
import type { Hub } from './ports.ts';

/** What a landing, or its conflicts, are to the agent that a worktree works for. */
export function happeningOf({ candidate, verdict, after }: Step): Happening | undefined {
  const { target } = candidate;
  const branch = candidate.branch ?? candidate.name;
  if (verdict.kind === 'conflicts') {
    const paths = verdict.conflicts.flatMap(({ path, resolution }) => (resolution === null ? [path] : []));
    return { kind: 'conflicts', branch, target, paths };
  }
  return isLanding(verdict) ? { kind: 'landed', branch, target, commit: after } : undefined;
}

/** Enters in the coordinator's file what became of a step; `undefined` where the worktree works for no agent. */
export async function recordStep(hub: Hub, step: Step, lease?: Lease): Promise<Recorded | undefined> {
  const { binding } = step.candidate;
  const happening = happeningOf(step);
  if (binding === undefined || happening === undefined) return undefined;
  return hub.recorder.record(binding, happening, lease === undefined ? {} : { lease });
}

/** What an answer says of that. */
export function recordedIn({ candidate }: Step, recorded: Recorded | undefined): Partial<MergeAnswer> {
  if (candidate.binding === undefined || recorded === undefined) return {};
  return { orchestration: recorded.bound ?? unrecorded(candidate.binding) };
}
