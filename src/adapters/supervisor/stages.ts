import type { DispatchRecord } from '../../domain/dispatch.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Ask } from '../git/ask.ts';
import { announce, tellAdopted, tellParked, tellStarted } from './announce.ts';
import { checkBase } from './base-check.ts';
import { checkpointWhenDue, firstCheckpoint } from './checkpoints.ts';
import { findOutsideWrites } from './outside-writes.ts';
import { recordBegun } from './recording.ts';
import type { Supervised } from './supervised.ts';
import type { Sweep } from './sweep.ts';
import { lockWorktree, unlockWorktree } from './worktree-lock.ts';

/** A run in the hands of its supervisor, or of the command that found the supervisor dead and concludes it. */
export type RunAtHand = {
  readonly folder: string;
  readonly record: DispatchRecord;
  readonly ask: Ask;
};

/** Once in a run: the checkouts are known as they are, and claude was not started yet. */
export async function begin(run: Supervised): Promise<void> {
  warn(run, [...lockWorktree(run.record()), ...(await checkBase(run.ask, run.record()))]);
  await firstCheckpoint(run);
}

/** Once another supervisor has taken the run over, whose own had died while claude ran. */
export async function afterAdoption(run: Supervised): Promise<void> {
  warn(run, lockWorktree(run.record()));
  tellAdopted(run.folder, run.record());
  recordBegun(run);
}

/** Whenever a process of claude was started, also one that continues the session; the record says so already. */
export async function afterStart(run: Supervised): Promise<void> {
  tellStarted(run.folder, run.record());
  recordBegun(run);
}

/** About five times a second while claude runs, or a check of its work: what takes long is not waited for here. */
export function eachLook(run: Supervised, sweep: Sweep): () => void {
  return () => {
    sweep.look();
    checkpointWhenDue(run);
  };
}

/** Once the run waits for a limit to be over; the record says so already. */
export async function afterPark(run: Supervised): Promise<void> {
  tellParked(run.folder, run.record());
}

/** Nothing of the run is alive any more, and its work is about to be judged: gives the record to be concluded. */
export async function beforeFinal({ folder, record }: RunAtHand): Promise<DispatchRecord> {
  unlockWorktree(record);
  const warnings = [...record.dispatch.warnings, ...(await findOutsideWrites(folder, record))];
  return { ...record, dispatch: { ...record.dispatch, warnings } };
}

/** The final record is on disk. Nothing in here may throw. */
export async function afterFinal({ folder, record }: RunAtHand): Promise<void> {
  await announce(folder, record);
}

function warn(run: Supervised, warnings: readonly Warning[]): void {
  if (warnings.length === 0) return;
  run.saveDispatch({ warnings: [...run.record().dispatch.warnings, ...warnings] });
}
