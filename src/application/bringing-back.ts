import type { RestoreAnswer } from '../domain/answers/restore.ts';
import { checkpointName } from '../domain/checkpoint.ts';
import { isRunIn } from '../domain/dispatch.ts';
import { failures } from '../domain/failure.ts';
import { pathBelow, type RestorePlan, restorePlan } from '../domain/restore-plan.ts';
import { refusalByRun } from '../domain/run-evidence.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { homeOf } from './checkpoint-selection.ts';
import type { RestorableState, Restoring } from './ports/checkpoints.ts';
import type { Hub, Ports } from './ports.ts';
import { refuseUnfinished, takeTurn } from './turn.ts';

type Wanted = {
  /** As given: relative to where one stands when that is in the worktree, else to its top. */
  readonly paths: readonly string[];
  readonly dryRun: boolean;
};

/**
 * Brings files of a worktree back to a state. The files are made ready beside it; then, under the repository's lock,
 * which keeps dispatches from starting there, the worktree is saved as it is, and only then written to.
 */
export async function bringBack(
  ports: Ports,
  hub: Hub,
  state: RestorableState,
  { paths, dryRun }: Wanted,
): Promise<RestoreAnswer> {
  const name = checkpointName(state);
  const record = await hub.runs.read(state.dispatchId);
  const worktree = record === undefined ? undefined : await homeOf(hub, record, await hub.git.worktrees());
  if (worktree === undefined) {
    throw failures.checkpointHomeless(name, record?.dispatch.worktree_path ?? null, state.commit);
  }
  await refuseBusy(hub, worktree, { isDry: dryRun });
  const names = await namesOf(ports, hub, worktree, paths);
  const restoring = await hub.checkpoints.open(worktree, state, { isDry: dryRun });
  try {
    const plan = restorePlan(restoring.changes, names);
    await refuseUnknown(restoring, plan, name);
    await refuseLoss(restoring, worktree, plan);
    const answer: RestoreAnswer = {
      worktree_path: worktree.path,
      dispatch_id: state.dispatchId,
      checkpoint: name,
      saved: null,
      files: [...plan.files],
      warnings: [...plan.warnings],
      error: null,
    };
    if (dryRun || plan.apply.length === 0) return answer;
    await restoring.stage(plan.apply);
    const saved = await takeTurn(ports, hub, 'wt restore', async () => {
      await refuseUnfinished(hub, worktree.path);
      await refuseBusy(hub, worktree, { isDry: true });
      const moved = await restoring.moved(plan.apply);
      if (moved.length > 0) throw failures.changedMeanwhile(worktreeName(worktree), moved);
      const checkpoint = await restoring.save();
      await restoring.write(plan.apply);
      return checkpoint;
    });
    return { ...answer, saved: checkpointName(saved) };
  } finally {
    await restoring.close();
  }
}

/** Throws while a dispatch runs in a worktree, or git is in the middle of something there. */
async function refuseBusy(hub: Hub, worktree: Worktree, { isDry }: { readonly isDry: boolean }) {
  const [unreadable] = await hub.runs.unreadable(); // it may be one that runs here
  if (unreadable !== undefined) throw unreadable.failure;
  for (const run of (await hub.runs.list()).filter((each) => isRunIn(each, worktree))) {
    if (run.phase === 'ended') continue;
    const { dispatch } = await (isDry ? hub.supervisors.look(run) : hub.supervisors.reconcile(run));
    const refusal = refusalByRun('dispatch', worktreeName(worktree), dispatch);
    if (refusal !== undefined) throw refusal();
  }
  const operation = await hub.landings.operation(worktree);
  if (operation !== undefined) throw failures.operationInProgress(operation, worktree.path);
}

/** Paths from the top of the worktree. */
async function namesOf(
  { environment }: Ports,
  hub: Hub,
  worktree: Worktree,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const isHere = hub.repository.current === worktree.path;
  const here = isHere ? environment.cwd() : worktree.path;
  const [from = here, top = worktree.path] = await Promise.all([here, worktree.path].map(hub.folders.real));
  return paths.map((path) => {
    if (path === '') throw failures.usage('an empty path', 'wt restore <checkpoint> <path>…');
    const name = pathBelow(top, from, path) ?? pathBelow(worktree.path, from, path);
    if (name !== undefined) return name;
    throw failures.usage(`${path} is not in the worktree ${worktree.path}`, `paths are relative to ${from}`);
  });
}

async function refuseUnknown(restoring: Restoring, { unmatched }: RestorePlan, name: string) {
  const asked = unmatched.filter((path) => path !== '');
  if (asked.length === 0) return;
  const held = new Set(await restoring.held(asked));
  const unknown = asked.filter((path) => !held.has(path));
  if (unknown.length > 0) throw failures.notInCheckpoint(name, unknown);
}

async function refuseLoss(restoring: Restoring, worktree: Worktree, { apply }: RestorePlan) {
  const inTheWay = await restoring.inTheWay(apply);
  if (inTheWay.length > 0) throw failures.filesInTheWay(worktreeName(worktree), inTheWay);
}
