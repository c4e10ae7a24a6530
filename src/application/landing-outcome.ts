import type { MergeAnswer } from '../domain/answers/merge.ts';
import { mostPaths, type NewEvent } from '../domain/event.ts';
import type { Failure } from '../domain/failure.ts';
import type { Candidate, LandingStrategy, Step } from '../domain/merge-plan.ts';
import type { RangeCommit } from '../domain/range-commit.ts';
import type { Warning } from '../domain/warning.ts';

/** What became of a candidate: what its answer says of it, or why it was refused. */
export type Outcome = {
  readonly answer: Partial<MergeAnswer>;
  readonly failure?: Failure;
  /** The end of the output of the gate that failed. */
  readonly tail?: string | undefined;
};

/** That a step did not land, as the journal has it; `undefined` where there is nothing to tell. */
export function refusedEvent({ candidate, verdict, before, gates = [] }: Step): NewEvent | undefined {
  const { branch = null, target, worktreePath } = candidate;
  const place = { worktree_path: worktreePath, dispatch_id: null };
  const data = { branch, target, target_before: before };
  if (verdict.kind === 'conflicts') {
    const paths = verdict.conflicts.slice(0, mostPaths).map(({ path }) => path);
    const conflicts = verdict.conflicts.length;
    return { type: 'landing.conflicts', ...place, data: { ...data, conflicts, paths } };
  }
  const gate = gates.at(-1);
  if (verdict.kind !== 'gate-failed' || gate === undefined) return undefined;
  const { command, exit_code } = gate;
  return { type: 'landing.gate_failed', ...place, data: { ...data, command, exit_code } };
}

const addsNothing = ({ name, target }: Candidate): Warning => ({
  code: 'adds_nothing',
  message: `${target} has every change of ${name} already, by other commits`,
});

const replayStopped = ({ commit, subject }: RangeCommit): Warning => ({
  code: 'replay_stopped',
  message: `the conflicts are those of ${commit.slice(0, 10)} (${subject}); what comes after it was not tried`,
});

const wayOf = (strategy: LandingStrategy) =>
  strategy === 'squash' || strategy === 'rebase' ? strategy : 'merge';

/** What the answer says of a step however it ends. */
export const toldOf = ({ before, gates = [], warnings = [] }: Step) => ({
  target_before: before,
  gates: [...gates],
  warnings: [...warnings],
});

/** What the answer says of a step that has been carried out, or would be. */
export function outcomeOf(
  step: Step,
  { strategy, dryRun }: { readonly strategy: LandingStrategy; readonly dryRun: boolean },
): Outcome {
  const { candidate, verdict, before, after, escalations = [], tail } = step;
  const told = toldOf(step);
  switch (verdict.kind) {
    case 'refused':
      return { answer: told, failure: verdict.failure };
    case 'gate-failed': {
      const { kind, tree } = verdict.judged;
      const answer = { ...told, status: 'gate-failed' as const, strategy: kind, merge_tree: tree };
      return { answer, failure: verdict.failure, tail };
    }
    case 'up-to-date': {
      const warnings = verdict.addsNothing ? [...told.warnings, addsNothing(candidate)] : told.warnings;
      return { answer: { ...told, status: 'up-to-date', target_after: dryRun ? null : before, warnings } };
    }
    case 'conflicts': {
      const warnings =
        verdict.at === undefined ? told.warnings : [...told.warnings, replayStopped(verdict.at)];
      const status = dryRun ? 'dry-run-conflicts' : 'conflicts';
      const conflicts = [...verdict.conflicts];
      return {
        answer: {
          ...told,
          status,
          strategy: wayOf(strategy),
          conflicts,
          escalations: [...escalations],
          warnings,
        },
      };
    }
    default:
      return {
        answer: {
          ...told,
          status: dryRun ? 'dry-run-clean' : 'merged',
          strategy: verdict.kind,
          conflicts: [...(verdict.resolved ?? [])],
          merge_tree: verdict.tree,
          target_after: dryRun ? null : after,
        },
      };
  }
}
