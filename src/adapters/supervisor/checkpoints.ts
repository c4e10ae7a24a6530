import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { isDirtyAt } from '../../domain/leaks.ts';
import { type CheckpointSaver, indexPrefix, openCheckpointSaver } from './checkpoint-saver.ts';
import { readSnapshot } from './run-folder.ts';
import type { RunAtHand } from './stages.ts';
import type { Supervised } from './supervised.ts';

/** How long the end of a run waits for a checkpoint that is under way. */
const patienceMs = 2_000;

type Schedule = {
  readonly saver: CheckpointSaver;
  nextAt: number;
  underWay: Promise<void> | undefined;
};

/** The runs that this process supervises, by their folders; `undefined` for one without checkpoints. */
const schedules = new Map<string, Schedule | undefined>();

/** Before claude starts: saves what is uncommitted already, so that what the run changes can be told from it. */
export async function firstCheckpoint(run: Supervised): Promise<void> {
  const schedule = scheduleOf(run);
  if (schedule === undefined || isCleanAtStart(run.folder)) return;
  await schedule.saver.take('start');
  tell(run, schedule.saver);
  schedule.nextAt = nextTime(run, schedule.saver);
}

/** Starts a checkpoint when it is time; never waits for it. */
export function checkpointWhenDue(run: Supervised): void {
  const schedule = scheduleOf(run);
  if (schedule === undefined || schedule.underWay !== undefined || performance.now() < schedule.nextAt)
    return;
  const { saver } = schedule;
  schedule.underWay = saver.take('run').then(() => {
    schedule.underWay = undefined;
    schedule.nextAt = nextTime(run, saver);
    if (schedules.has(run.folder)) tell(run, saver); // else the final record does
  });
}

/** Also of a run that was taken over from a supervisor that had died. */
function scheduleOf(run: Supervised): Schedule | undefined {
  const { folder, ask } = run;
  if (schedules.has(folder)) return schedules.get(folder);
  const saver = openCheckpointSaver({ folder, ask, record: run.record() });
  const schedule =
    saver === undefined ? undefined : { saver, nextAt: nextTime(run, saver), underWay: undefined };
  schedules.set(folder, schedule);
  return schedule;
}

/**
 * Nothing of the run is alive any more: saves what is uncommitted, and gives the record with what came of it all.
 * A command that concludes a run in the place of its supervisor has not seen the earlier ones.
 */
export async function lastCheckpoint(
  { folder, ask, record }: RunAtHand,
  isDirty: boolean | undefined,
): Promise<DispatchRecord> {
  const schedule = schedules.get(folder);
  schedules.delete(folder);
  const saver = schedule?.saver ?? openCheckpointSaver({ folder, ask, record });
  if (saver === undefined) return record;
  if (schedule?.underWay !== undefined) {
    await Promise.race([schedule.underWay, pause(patienceMs, undefined, { ref: false })]);
    saver.giveUp();
    await schedule.underWay;
  }
  if (isDirty !== false) await saver.take('end');
  else if (schedule === undefined) await saver.recall();
  tidy(folder);
  const { dispatch } = record;
  const checkpoint = saver.newest() ?? dispatch.checkpoint;
  const warnings = [...dispatch.warnings, ...saver.warnings()];
  return { ...record, dispatch: { ...dispatch, checkpoint, warnings } };
}

/** One that fails again and again is tried less and less. */
const nextTime = (run: Supervised, saver: CheckpointSaver): number =>
  performance.now() + run.record().request.checkpoint_ms * 2 ** Math.min(6, saver.failedInARow());

function tell(run: Supervised, saver: CheckpointSaver): void {
  const checkpoint = saver.newest();
  if (checkpoint === undefined || checkpoint === run.record().dispatch.checkpoint) return;
  try {
    run.saveDispatch({ checkpoint });
  } catch {
    // the run's folder is gone, as the next look finds too
  }
}

function isCleanAtStart(folder: string): boolean {
  try {
    const own = readSnapshot(folder)?.own;
    return own !== undefined && 'fingerprint' in own && !isDirtyAt(own.fingerprint);
  } catch {
    return false; // it is not known, so it is saved
  }
}

/** Removes temporary indexes, also those of a supervisor that was killed. */
function tidy(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(indexPrefix)) rmSync(join(folder, name), { force: true });
    }
  } catch {
    // the run folder is gone, and so are they
  }
}
