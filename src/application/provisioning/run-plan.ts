import type { StepAnswer } from '../../domain/answers/create.ts';
import { errorBody } from '../../domain/error-body.ts';
import { type Failure, failures } from '../../domain/failure.ts';
import { intentMarker } from '../../domain/intent.ts';
import { fingerprintOf } from '../../domain/provisioning/receipts.ts';
import type { PlannedStep, ProvisioningPlan, StepName } from '../../domain/provisioning/steps.ts';
import { worktreeName } from '../../domain/worktree.ts';
import type { OpenIntent } from '../ports/state.ts';
import { type Acted, act, type Scene } from './act.ts';
import { answerOf, type Ran } from './answers.ts';
import { failureOf, type Ledger } from './receipts.ts';

/** A step that begins (`running`) or has ended. */
export type StepProgress = {
  readonly name: string;
  readonly status: StepAnswer['status'] | 'running';
  readonly durationMs: number;
};

/** A provisioning before its first effect. */
export type Prepared = { readonly scene: Scene; readonly plan: ProvisioningPlan; readonly ledger: Ledger };

/** Runs the steps of a plan, each as soon as those before it have ended; without an intent none of them is due. */
export async function runPlan(
  { scene, plan, ledger }: Prepared,
  intent: OpenIntent | undefined,
  onProgress: ((progress: StepProgress) => void) | undefined,
): Promise<Ran> {
  const { ports, worktree } = scene;
  const { signal } = ports.narrator;
  const warnings = [...plan.warnings];
  const ends = new Map<StepName, Promise<StepAnswer>>();
  let broken: Failure | undefined;
  const one = async (planned: PlannedStep): Promise<StepAnswer> => {
    const earlier = await Promise.all(planned.after.map((name) => ends.get(name)));
    const failed = earlier.find(
      (end) => end?.status === 'failed' && planned.needs.includes(end.name as StepName),
    );
    const untouched = answerOf(planned);
    if (planned.verdict.kind !== 'run' || intent === undefined) return untouched;
    if (signal.aborted) return { ...untouched, status: 'skipped', detail: 'interrupted before it began' };
    if (failed !== undefined) return { ...untouched, status: 'skipped', detail: `${failed.name} failed` };
    onProgress?.({ name: planned.name, status: 'running', durationMs: 0 });
    const began = ports.clock.monotonicMs();
    let acted: Acted = { status: 'failed', detail: null };
    const failure = await failureOf(async () => {
      acted = await perform(scene, planned, ledger, intent);
    });
    if (failure?.kind === 'busy') broken ??= failure;
    if (failure !== undefined)
      acted = { status: failure.kind === 'interrupted' ? 'interrupted' : 'failed', detail: failure.message };
    warnings.push(...(acted.warnings ?? []));
    return {
      ...untouched,
      status: acted.status === 'interrupted' ? 'failed' : acted.status,
      duration_ms: Math.round(ports.clock.monotonicMs() - began),
      detail: acted.detail,
    };
  };
  for (const planned of plan.steps) {
    const end = one(planned).then((answer) => {
      onProgress?.({ name: answer.name, status: answer.status, durationMs: answer.duration_ms });
      return answer;
    });
    end.catch(() => {}); // awaited together below
    ends.set(planned.name, end);
  }
  const steps = await Promise.all(ends.values());
  const provisioned =
    !signal.aborted && steps.every(({ status }) => status !== 'failed' && status !== 'untrusted');
  const outcome = { provisioned, shareVenv: scene.options.shareVenv, steps: steps.map(({ name }) => name) };
  await ledger.close(outcome);
  const failed = steps.find(({ status }) => status === 'failed');
  const failure = signal.aborted
    ? failures.interrupted(String(signal.reason))
    : (broken ??
      (failed === undefined
        ? undefined
        : failures.stepFailed(failed.name, worktreeName(worktree), lastLine(failed.detail))));
  return { provisioned, steps, warnings, error: failure === undefined ? null : errorBody(failure) };
}

const lastLine = (detail: string | null) => detail?.split('\n').at(-1) ?? '';

/** Runs a step that is due. Its old receipt goes first: a run that is cut short leaves none. */
async function perform(
  scene: Scene,
  planned: PlannedStep,
  ledger: Ledger,
  intent: OpenIntent,
): Promise<Acted> {
  const { hub, ports, worktree } = scene;
  const { name, inputs, target, command, verdict } = planned;
  if (verdict.kind !== 'run') return { status: 'unchanged', detail: null };
  if (ledger.receipts.some((receipt) => receipt.step === name)) await ledger.drop(name);
  const acted = await act(scene, planned, verdict.action, {
    onChild: intent.child,
    marker: intentMarker(intent.id),
    step: `${intent.id}.${name}`,
    signal: ports.narrator.signal,
  });
  if (acted.status === 'interrupted' || acted.settled === false) return acted;
  const made =
    target === undefined ? {} : { [target]: (await hub.provisioning.targets(worktree.path))[target] };
  await ledger.keep({
    step: name,
    fingerprint: fingerprintOf({ ...inputs, ...made }),
    status: acted.status === 'failed' ? 'failed' : 'ran',
    command: command ?? null,
    at: ports.clock.now().toISOString(),
  });
  return acted;
}
