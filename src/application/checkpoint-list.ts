import type { CheckpointAnswer } from '../domain/answers/restore.ts';
import { type Checkpoint, checkpointName, leftOutText } from '../domain/checkpoint.ts';
import { dispatchIdPattern, newestFirst } from '../domain/dispatch.ts';
import { runsIn } from './checkpoint-selection.ts';
import type { Hub, Ports } from './ports.ts';
import { selectRuns } from './run-selection.ts';
import { selectWorktrees } from './selection.ts';

/** The checkpoints of a dispatch, of all dispatches in a worktree, or all: newest dispatch first, each by number. */
export async function listedCheckpoints(
  ports: Ports,
  hub: Hub,
  selector: string | undefined,
): Promise<readonly CheckpointAnswer[]> {
  const wanted = selector === undefined ? undefined : new Set(await dispatchesOf(ports, hub, selector));
  const found = (await hub.checkpoints.list())
    .filter(({ dispatchId }) => wanted?.has(dispatchId) !== false)
    .sort((a, b) => newestFirst(a.dispatchId, b.dispatchId) || a.number - b.number);
  const compared = found.filter(({ head }) => head !== undefined);
  const changes = await hub.git.changedPaths(compared.map(({ commit }) => ({ commit })));
  const counts = new Map(compared.map(({ commit }, row) => [commit, changes[row]?.length ?? null]));
  const homes = new Map(
    (await hub.runs.list()).map(({ dispatch }) => [dispatch.dispatch_id, dispatch.worktree_path]),
  );
  return found.map((each) => ({
    ...answerOf(each),
    worktree_path: homes.get(each.dispatchId) ?? null,
    files: counts.get(each.commit) ?? null,
  }));
}

async function dispatchesOf(ports: Ports, hub: Hub, selector: string): Promise<readonly string[]> {
  const records = dispatchIdPattern.test(selector)
    ? await selectRuns(ports, hub, [selector])
    : (
        await Promise.all(
          (await selectWorktrees(ports, hub, [selector])).map((worktree) => runsIn(hub, worktree)),
        )
      ).flat();
  return records.flatMap(({ dispatch }) => dispatch.dispatch_id ?? []);
}

const answerOf = (checkpoint: Checkpoint): CheckpointAnswer => ({
  checkpoint: checkpointName(checkpoint),
  dispatch_id: checkpoint.dispatchId,
  number: checkpoint.number,
  kind: checkpoint.kind,
  worktree_path: null,
  commit_sha: checkpoint.commit,
  head_sha: checkpoint.head ?? null,
  taken_at: checkpoint.takenAt.toISOString(),
  files: null,
  left_out: checkpoint.leftOut.map(leftOutText),
  warnings: [],
  error: null,
});
