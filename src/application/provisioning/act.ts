import { visibleText } from '../../domain/plain-text.ts';
import { type Validation, validationOf } from '../../domain/provisioning/jerry.ts';
import { preCommitStep } from '../../domain/provisioning/pre-commit.ts';
import type { PlannedStep, StepAction } from '../../domain/provisioning/steps.ts';
import type { TreeSurvey } from '../../domain/provisioning/survey.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { worktreeEnvironment } from '../../domain/worktree-environment.ts';
import type { ChildBinding, StepEnd } from '../ports/provisioning.ts';
import type { Hub, Ports } from '../ports.ts';

/** Everything that one provisioning works with. */
export type Scene = {
  readonly ports: Ports;
  readonly hub: Hub;
  readonly worktree: Worktree;
  readonly worktrees: readonly Worktree[];
  readonly survey: TreeSurvey;
  readonly options: { readonly shareVenv: boolean; readonly force: boolean };
  /** Name of the variable that carries the project. */
  readonly variable: string;
  readonly timeoutMs: number;
  /** Whether no copying has ended well here yet. */
  readonly resume: boolean;
};

export type Acted = {
  readonly status: 'ran' | 'unchanged' | 'failed' | 'interrupted';
  readonly detail: string | null;
  readonly warnings?: readonly Warning[];
  /** `false` for a step that ran and settled nothing, so that it runs again the next time. */
  readonly settled?: boolean;
};

/** Does what a step is there for. */
export async function act(
  scene: Scene,
  { name }: PlannedStep,
  action: StepAction,
  binding: ChildBinding,
): Promise<Acted> {
  const { hub, worktree, survey, timeoutMs } = scene;
  const { provisioning } = hub;
  switch (action.kind) {
    case 'copy':
      return copy(scene, binding.signal);
    case 'submodules': {
      await hub.locks.hold(
        'repository',
        () => provisioning.initSubmodules(worktree.path, action.paths, binding.onChild),
        { purpose: 'wt provision, submodules', ...patience(scene) },
      );
      const end = await provisioning.updateSubmodules(worktree.path, action.paths, timeoutMs, binding);
      return outcomeOf(end, timeoutMs);
    }
    case 'link-venv':
      if (survey.main !== undefined) await provisioning.linkVenv(worktree.path, survey.main);
      return { status: 'ran', detail: `the .venv of ${survey.main}` };
    case 'bind':
      await provisioning.bind(worktree.path, survey.jerry?.projectId ?? '');
      return { status: 'ran', detail: null };
    case 'run':
      return outcomeOf(await run(scene, action, binding), timeoutMs);
    case 'install-hooks':
      return hub.locks.hold('hooks', () => installHooks(scene, action, binding), {
        purpose: `wt provision, ${name}`,
        waitMs: timeoutMs,
        ...patience(scene),
      });
    case 'verify':
      return verify(scene, action, binding);
  }
}

const patience = ({ ports: { narrator } }: Scene) => ({
  signal: narrator.signal,
  onWait: (holder: string) => narrator.note(`waiting for ${holder}`),
});

async function copy({ hub, worktree, survey, resume }: Scene, signal: AbortSignal): Promise<Acted> {
  const { files, main } = survey;
  if (files === undefined || files === 'no-source' || main === undefined)
    return { status: 'unchanged', detail: null };
  const end = await hub.provisioning.copyFiles(files.lacking, main, worktree.path, { signal, resume });
  const count = `${end.copied} ${end.copied === 1 ? 'file' : 'files'}`;
  if (end.interrupted) return { status: 'interrupted', detail: `interrupted after ${count}` };
  const [first] = end.failed;
  if (first === undefined) return { status: 'ran', detail: count };
  const more = end.failed.length > 1 ? ` (and ${end.failed.length - 1} more)` : '';
  return { status: 'failed', detail: `${visibleText(first.path)}: ${first.why}${more}` };
}

type Command = { readonly argv: readonly [string, ...string[]]; readonly place: 'worktree' | 'main' };

const run = (
  { hub, worktree, survey, variable, timeoutMs }: Scene,
  { argv, place }: Command,
  binding: ChildBinding,
  env: Readonly<Record<string, undefined>> = {},
): Promise<StepEnd> =>
  hub.provisioning.run(
    {
      argv,
      cwd: place === 'main' ? (survey.main ?? worktree.path) : worktree.path,
      env: { ...worktreeEnvironment(worktree, variable), ...env },
      timeoutMs,
    },
    binding,
  );

/** Another process may have installed them while this one waited for the lock. */
async function installHooks(scene: Scene, command: Command, binding: ChildBinding): Promise<Acted> {
  const { hub, worktree, worktrees, survey, options } = scene;
  const hooks = await hub.provisioning.hooks({ worktree, worktrees });
  const again = preCommitStep({ ...survey, hooks }, options);
  if (again?.verdict.kind === 'unchanged') return { status: 'unchanged', detail: null };
  const acted = outcomeOf(await run(scene, command, binding), scene.timeoutMs);
  if (acted.status !== 'ran' || command.place === 'worktree') return acted;
  return { ...acted, detail: `in ${survey.main}, so that the hooks outlive this worktree` };
}

async function verify(
  scene: Scene,
  { argv }: StepAction & { readonly kind: 'verify' },
  binding: ChildBinding,
): Promise<Acted> {
  if (argv === undefined) return { status: 'unchanged', detail: null };
  const { worktree, variable, survey } = scene;
  const recorded = worktree.facts?.variable ?? variable;
  const end = await run(scene, { argv, place: 'worktree' }, binding, { [recorded]: undefined });
  if (end.how === 'interrupted') return outcomeOf(end, scene.timeoutMs);
  const validation: Validation =
    end.how === 'exited'
      ? validationOf(end)
      : { kind: 'unverified', why: firstProblem(end, scene.timeoutMs) };
  if (validation.kind === 'valid') return { status: 'ran', detail: 'valid' };
  const id = survey.jerry?.projectId ?? '';
  const [code, message] =
    validation.kind === 'invalid'
      ? ['project_invalid', `jerry finds ${id} invalid: ${validation.why}`]
      : ['project_unverified', `${id} could not be verified: ${validation.why}`];
  return { status: 'ran', detail: message, warnings: [{ code, message }], settled: false };
}

const firstProblem = ({ how, output }: StepEnd, timeoutMs: number) =>
  how === 'timeout' ? `it did not finish within ${timeoutMs / 1000} s` : output;

/** The most that a step's detail shows of a command's output. */
const detailCharacters = 2_000;

/** The last whole lines of an output that fit. */
export function tailOf(output: string, most = detailCharacters): string {
  if (output.length <= most) return output;
  const end = output.slice(-most);
  const line = end.indexOf('\n');
  return line === -1 || line > most / 2 ? `…${end.slice(1)}` : end.slice(line + 1);
}

function outcomeOf(end: StepEnd, timeoutMs: number): Acted {
  const { how, exitCode, output } = end;
  if (how === 'interrupted') return { status: 'interrupted', detail: 'interrupted' };
  if (how === 'exited' && exitCode === 0) return { status: 'ran', detail: null };
  const what =
    how === 'timeout'
      ? `ended after ${timeoutMs / 1000} s`
      : how === 'not-started'
        ? 'could not be started'
        : `exit ${exitCode ?? 'by a signal'}`;
  return { status: 'failed', detail: output === '' ? what : `${what}: ${tailOf(output)}` };
}
