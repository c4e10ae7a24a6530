import {
  type Checkpoint,
  type CheckpointName,
  checkpointName,
  leftOutText,
  readCheckpointName,
  startNumber,
} from '../domain/checkpoint.ts';
import { type DispatchRecord, dispatchIdPattern, isRunIn } from '../domain/dispatch.ts';
import { failures } from '../domain/failure.ts';
import { nearest } from '../domain/near.ts';
import type { Sha } from '../domain/sha.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import type { RestorableState } from './ports/checkpoints.ts';
import type { Hub, Ports } from './ports.ts';
import { selectWorktrees } from './selection.ts';

/** Those that dispatches took: not what `wt restore` saved before it changed something. */
const isOwn = ({ kind }: Checkpoint): boolean => kind !== 'restore';

/**
 * The state that a selector names: `<dispatch id>/<number>`, a dispatch id (its newest checkpoint), or a worktree (the
 * newest of its newest dispatch that has one).
 */
export async function selectCheckpoint(
  ports: Pick<Ports, 'narrator' | 'environment'>,
  hub: Hub,
  selector: string,
): Promise<RestorableState> {
  const name = readCheckpointName(selector);
  if (name !== undefined) return namedCheckpoint(hub, name);
  if (dispatchIdPattern.test(selector)) {
    const newest = (await hub.checkpoints.list(selector)).findLast(isOwn);
    if (newest !== undefined) return newest;
    await assertRun(hub, selector);
    throw failures.checkpointUnknown(selector, 'this dispatch has none');
  }
  const [worktree] = await selectWorktrees(ports, hub, [selector], { prefixForScripts: false });
  if (worktree === undefined) throw failures.worktreeNotFound(selector, []);
  const all = (await hub.checkpoints.list()).filter(isOwn);
  for (const { dispatch } of await runsIn(hub, worktree)) {
    const newest = all.findLast(({ dispatchId }) => dispatchId === dispatch.dispatch_id);
    if (newest !== undefined) return newest;
  }
  throw failures.checkpointUnknown(selector, `no dispatch in ${worktreeName(worktree)} has one`);
}

/** The state that a run began with: a checkpoint where something was uncommitted then, else a commit. */
export async function stateAtStart(
  hub: Hub,
  record: DispatchRecord,
): Promise<{ readonly state: RestorableState; readonly isExact: boolean } | undefined> {
  const { dispatch_id: dispatchId, start_sha: commit } = record.dispatch;
  if (dispatchId === null) return undefined;
  const first = (await hub.checkpoints.list(dispatchId)).find(({ number }) => number === startNumber);
  if (first !== undefined) return { state: first, isExact: true };
  if (commit === null) return undefined;
  const state = { dispatchId, number: startNumber, commit: commit as Sha, leftOut: [] };
  return { state, isExact: (await hub.checkpoints.beganClean(dispatchId)) === true };
}

/** A checkpoint by its name; number 0 is also what a dispatch began with when nothing was uncommitted then. */
export async function namedCheckpoint(hub: Hub, name: CheckpointName): Promise<RestorableState> {
  const existing = await hub.checkpoints.list(name.dispatchId);
  const found = existing.find(({ number }) => number === name.number);
  if (found !== undefined) return found;
  const record =
    existing.length > 0 ? await hub.runs.read(name.dispatchId) : await assertRun(hub, name.dispatchId);
  const start =
    name.number === startNumber && record !== undefined ? await stateAtStart(hub, record) : undefined;
  if (start?.isExact === true) return start.state;
  throw failures.checkpointNotFound(checkpointName(name), existing.map(checkpointName));
}

/**
 * The commit from which a comparison with a worktree starts: what one of its dispatches began with, or one of its
 * checkpoints. Says what makes the comparison less than exact.
 */
export async function stateSince(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  worktree: Worktree,
  since: string,
): Promise<Sha> {
  const name = readCheckpointName(since);
  const id = name?.dispatchId ?? since;
  const record = dispatchIdPattern.test(id) ? await hub.runs.read(id) : undefined;
  if (record === undefined || !isRunIn(record, worktree)) {
    const ids = (await runsIn(hub, worktree)).flatMap(({ dispatch }) => dispatch.dispatch_id ?? []);
    throw failures.dispatchNotFound(since, nearest(id, ids));
  }
  if (name !== undefined) return compared(narrator, await namedCheckpoint(hub, name));
  const start = await stateAtStart(hub, record);
  if (start === undefined) throw failures.checkpointUnknown(since, 'it began without a commit');
  if (!start.isExact) {
    narrator.warn(`what was uncommitted already when ${since} began is shown too: that state was not saved`);
  }
  return compared(narrator, start.state);
}

function compared({ warn }: Ports['narrator'], state: RestorableState): Sha {
  const { commit, leftOut } = state;
  if (leftOut.length > 0) {
    const shown = leftOut.slice(0, 5).map(leftOutText).join(', ');
    const more = leftOut.length > 5 ? ` and ${leftOut.length - 5} more` : '';
    warn(`${checkpointName(state)} does not hold ${shown}${more}`);
  }
  return commit;
}

/** The worktree that a dispatch ran in; `undefined` when it is gone. */
export async function homeOf(
  hub: Hub,
  record: DispatchRecord,
  worktrees: readonly Worktree[],
): Promise<Worktree | undefined> {
  const found = worktrees.find((worktree) => isRunIn(record, worktree));
  if (found === undefined || (await hub.folders.kind(found.path)) === 'absent') return undefined;
  return found;
}

export const runsIn = async (hub: Hub, worktree: Worktree): Promise<readonly DispatchRecord[]> =>
  (await hub.runs.list()).filter((record) => isRunIn(record, worktree));

async function assertRun(hub: Hub, id: string): Promise<DispatchRecord> {
  const record = await hub.runs.read(id);
  if (record !== undefined) return record;
  const known = (await hub.runs.list()).flatMap(({ dispatch }) => dispatch.dispatch_id ?? []);
  throw failures.dispatchNotFound(id, nearest(id, known));
}
