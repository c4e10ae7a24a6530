import type { StepAnswer } from '../domain/answers/create.ts';
import { type Failure, failures } from '../domain/failure.ts';
import { visibleText } from '../domain/plain-text.ts';
import { type PostCreate, planProvisioning } from '../domain/provisioning.ts';
import type { ErrorBody, Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { OpenIntent } from './ports/state.ts';
import type { Hub, Ports } from './ports.ts';
import type { Scene } from './provisioning/act.ts';
import { checked, type Ran } from './provisioning/answers.ts';
import { failureOf, openLedger } from './provisioning/receipts.ts';
import { type Prepared, runPlan, type StepProgress } from './provisioning/run-plan.ts';

export type ProvisionOptions = {
  /** Links the main worktree's `.venv` instead of making one; also what the configuration or an earlier run said. */
  readonly shareVenv?: boolean;
  /** Runs also what is unchanged. */
  readonly force?: boolean;
  /** Runs nothing; steps that would run are `skipped` with what has drifted. */
  readonly check?: boolean;
  readonly onProgress?: (progress: StepProgress) => void;
  /**
   * The tree is this process's own, and goes when its operation is over: no lock, no intent but that operation's,
   * and never the main worktree's `.venv`, which may lead back to main's sources.
   */
  readonly within?: OpenIntent | undefined;
};

export type Provisioned = {
  readonly provisioned: boolean;
  readonly provisioning_time_ms: number;
  readonly steps: readonly StepAnswer[];
  readonly warnings: readonly Warning[];
  /** `step_failed` (also for drift), or `interrupted`; an untrusted command is no error, it is reported. */
  readonly error: ErrorBody | null;
};

/**
 * Gives a worktree what git does not bring: files, submodules, dependencies, hooks, its project. Runs what it still
 * lacks by the receipts of earlier runs, under an intent that names every child. Throws only for what keeps it from
 * beginning; a step that fails is in the answer.
 */
export async function provisionWorktree(
  ports: Ports,
  hub: Hub,
  worktree: Worktree,
  options: ProvisionOptions = {},
): Promise<Provisioned> {
  const began = ports.clock.monotonicMs();
  const { path } = worktree;
  const kind = await hub.folders.kind(path);
  if (kind === 'absent' || kind === 'file') throw failures.notThisWorktree(path, 'there is no folder');
  const prepared = await prepare(ports, hub, worktree, options);
  const elapsed = () => Math.round(ports.clock.monotonicMs() - began);
  if (options.check === true) return { ...checked(prepared.plan, worktree), provisioning_time_ms: elapsed() };

  const due = prepared.plan.steps.some(({ verdict }) => verdict.kind === 'run');
  const { within } = options;
  if (within !== undefined && due)
    return { ...(await runSteps(prepared, within, options)), provisioning_time_ms: elapsed() };
  const ran = due
    ? await hub.locks.hold(lockOf(worktree), () => runAll(ports, hub, worktree, options, prepared), {
        purpose: 'wt provision',
        signal: ports.narrator.signal,
        onWait: (holder) => ports.narrator.note(`waiting for ${holder}`),
      })
    : await runPlan(prepared, undefined, undefined);
  return { ...ran, provisioning_time_ms: elapsed() };
}

async function prepare(
  ports: Ports,
  hub: Hub,
  worktree: Worktree,
  options: ProvisionOptions,
): Promise<Prepared> {
  const [{ config, untrusted }, worktrees, ledger] = await Promise.all([
    ports.config(),
    hub.git.worktrees(),
    openLedger(hub, worktree),
  ]);
  const force = options.force === true;
  const shareVenv =
    options.within === undefined &&
    (options.shareVenv === true || config.provision.share_venv || worktree.facts?.share_venv === true);
  const resume = !ledger.receipts.some(({ step, status }) => step === 'files' && status === 'ran');
  const survey = await hub.provisioning.survey({
    worktree,
    worktrees,
    includeFile: config.provision.include_file,
    projectId: worktree.facts?.project_id ?? undefined,
    compare: force,
    resume,
  });
  const ignored = untrusted.find(({ key }) => key === 'hooks.post_create');
  const own = config.hooks.post_create;
  const postCreate: PostCreate | undefined = worktree.isMain
    ? undefined
    : own !== undefined
      ? { trusted: true, command: own }
      : ignored === undefined
        ? undefined
        : { trusted: false, command: String(ignored.value), origin: `${ignored.file}:${ignored.line}` };
  const plan = planProvisioning(survey, { shareVenv, force, receipts: ledger.receipts, postCreate });
  const scene: Scene = {
    ports,
    hub,
    worktree,
    worktrees,
    survey,
    options: { shareVenv, force },
    variable: config.naming.variable,
    timeoutMs: config.provision.timeout * 1000,
    resume,
  };
  return { scene, plan, ledger };
}

/** One provisioning of a worktree at a time; a name that locks may have, from that of its git directory. */
const lockOf = ({ gitDir, path }: Worktree) => {
  const name = (gitDir ?? path).split('/').at(-1) ?? '';
  const safe = name.replaceAll(/[^A-Za-z0-9.-]/g, (letter) => `_${letter.codePointAt(0)?.toString(16)}_`);
  return `provision-${safe.slice(0, 150)}`;
};

async function runAll(
  ports: Ports,
  hub: Hub,
  worktree: Worktree,
  options: ProvisionOptions,
  prepared: Prepared,
): Promise<Ran> {
  // What another process did while this one waited for the lock need not be done again.
  const now = await openLedger(hub, worktree);
  const isStale = JSON.stringify(now.receipts) !== JSON.stringify(prepared.ledger.receipts);
  const current = isStale ? await prepare(ports, hub, worktree, options) : prepared;
  let ran: Ran | undefined;
  let failure: Failure | undefined;
  const facts = { worktreePath: worktree.path, step: 'running', data: { git_dir: worktree.gitDir ?? null } };
  await hub.intents.during('provision', facts, async (intent) => {
    failure = await failureOf(async () => {
      ran = await runSteps(current, intent, options);
    });
  });
  if (failure !== undefined || ran === undefined) throw failure ?? new Error('the intent ran nothing');
  return ran;
}

async function runSteps(
  prepared: Prepared,
  intent: OpenIntent,
  { onProgress }: ProvisionOptions,
): Promise<Ran> {
  const before = await changedPaths(prepared);
  const done = await runPlan(prepared, intent, onProgress);
  const after = before === undefined ? undefined : await changedPaths(prepared);
  return { ...done, warnings: [...done.warnings, ...dirtied(before ?? [], after ?? [])] };
}

/** What git sees changed, where commands are about to run; `undefined` where none are, or it cannot be told. */
async function changedPaths({ scene, plan }: Prepared): Promise<readonly string[] | undefined> {
  const runs = plan.steps.some(({ verdict }) => verdict.kind === 'run' && verdict.action.kind === 'run');
  if (!runs) return undefined;
  let paths: readonly string[] | undefined;
  await failureOf(async () => {
    paths = (await scene.hub.git.changes(scene.worktree.path)).paths;
  });
  return paths;
}

/** A lock file that an install rewrote, or what a package's script left behind, is not hidden. */
function dirtied(before: readonly string[], after: readonly string[]): Warning[] {
  const fresh = after.filter((path) => !before.includes(path)).map(visibleText);
  if (fresh.length === 0) return [];
  const more = fresh.length > 5 ? ` and ${fresh.length - 5} more` : '';
  return [{ code: 'not_clean', message: `provisioning changed ${fresh.slice(0, 5).join(', ')}${more}` }];
}
