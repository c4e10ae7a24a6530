import type { CreateAnswer, StepAnswer } from '../../domain/answers/create.ts';
import { errorBody } from '../../domain/error-body.ts';
import { failures } from '../../domain/failure.ts';
import type { PlannedStep, ProvisioningPlan } from '../../domain/provisioning/steps.ts';
import { type Worktree, worktreeName } from '../../domain/worktree.ts';
import { boundIn } from '../../domain/worktree-facts.ts';
import type { Provisioned } from '../provisioning.ts';

/** The part of the answer that is not its time. */
export type Ran = Omit<Provisioned, 'provisioning_time_ms'>;

/** A step as it stands before anything runs. */
export function answerOf({ name, command, verdict }: PlannedStep): StepAnswer {
  const answer = (status: StepAnswer['status'], detail: string | null): StepAnswer => ({
    name,
    status,
    duration_ms: 0,
    command: command ?? null,
    detail,
  });
  switch (verdict.kind) {
    case 'run':
      return answer('skipped', `drift: ${verdict.drift}`);
    case 'skip':
      return answer('skipped', verdict.detail);
    default:
      return answer(verdict.kind, verdict.kind === 'untrusted' ? verdict.detail : null);
  }
}

/** What `--check` answers: nothing ran, and what would is drift. A project's validity is no state of the worktree. */
export function checked(plan: ProvisioningPlan, worktree: Worktree): Ran {
  const isDrift = ({ verdict }: PlannedStep) => verdict.kind === 'run' && verdict.action.kind !== 'verify';
  const steps = plan.steps.map((planned): StepAnswer => {
    const answer = answerOf(planned);
    const unseen = planned.verdict.kind === 'run' && !isDrift(planned);
    return unseen ? { ...answer, detail: 'not verified by --check' } : answer;
  });
  const drifted = steps.filter((_, index) => plan.steps.slice(index, index + 1).some(isDrift));
  const provisioned = drifted.length === 0 && steps.every(({ status }) => status !== 'untrusted');
  const failure =
    drifted.length === 0
      ? undefined
      : failures.drifted(
          worktreeName(worktree),
          drifted.map(({ name, detail }) => `${name} (${detail?.replace(/^drift: /, '')})`),
        );
  return {
    provisioned,
    steps,
    warnings: plan.warnings,
    error: failure === undefined ? null : errorBody(failure),
  };
}

/** The answer for a worktree that is there, before anything was provisioned. */
export const unprovisioned = ({ path, branch, facts }: Worktree): CreateAnswer => ({
  worktree_path: path,
  branch: branch ?? null,
  base: facts?.base ?? null,
  base_ref: facts?.base_ref ?? null,
  base_sha: facts?.base_sha ?? null,
  project_id: facts?.project_id ?? null,
  provisioned: null,
  provisioning_time_ms: null,
  steps: [],
  orchestration: facts === undefined ? null : boundIn(facts),
  warnings: [],
  error: null,
});
