import { setFlagsFromString } from 'node:v8';
import { noProgress } from '../../domain/dispatch-progress.ts';
import { isPassed } from '../../domain/dispatch-verdict.ts';
import { isFailure } from '../../domain/failure.ts';
import { isDirtyAt } from '../../domain/leaks.ts';
import { openAsk } from '../git/ask.ts';
import { endTree, ownIdentity } from '../processes.ts';
import { adopt } from './adoption.ts';
import { finishTelling } from './announce.ts';
import { type Attempted, adoptedAttempt, attempt } from './attempt.ts';
import { stopped, workedOn } from './attempts.ts';
import { commitAll } from './commit.ts';
import { conclude } from './conclude.ts';
import { beginningRecorded } from './recording.ts';
import { claim, writeSnapshot } from './run-folder.ts';
import { afterAdoption, begin } from './stages.ts';
import { openSupervised, type Supervised } from './supervised.ts';
import { takeSnapshot } from './work-done.ts';
import { unlockWorktree } from './worktree-lock.ts';

/**
 * The life of one run: owns claude from its start to the final record. Runs as a detached process of its own, so
 * that it outlives the command and the terminal that started it. Imports nothing on demand: wt may be replaced
 * while it runs.
 */
export async function superviseRun(folder: string): Promise<void> {
  // What a long stream leaves is collected early: V8 would let it grow to twice the memory before it looks.
  setFlagsFromString('--semi-space-growth-factor=1');
  const run = openSupervised(folder, ({ dispatch }) =>
    openAsk({ cwd: dispatch.worktree_path ?? '/', variables: process.env }),
  );
  const { phase, supervisor } = run.record();
  if (phase === 'ended') return finishTelling(folder);
  // One that was never kept is claimed; it may be that somebody found the launcher dead and gave it up.
  const isOurs = supervisor === null ? claim(folder) : await adopt(run);
  if (!isOurs) return;
  try {
    const first = supervisor === null ? await started(run) : await takenOver(run);
    await finish(run, await workedOn(run, first));
  } catch (error) {
    if (isFailure(error, 'state_too_new')) throw error; // a newer wt keeps it now
    // The run's folder is gone, or a bug: claude must not go on without anybody who watches it.
    const { claude, marker, request } = run.record();
    await endTree({ roots: claude === null ? [] : [claude], marker, graceMs: request.grace_ms });
    unlockWorktree(run.record());
    throw error;
  }
}

async function started(run: Supervised): Promise<Attempted> {
  run.save({ supervisor: ownIdentity(), phase: 'starting' });
  await snapshot(run);
  await begin(run);
  const asked = run.stopRequest();
  if (asked !== undefined) return stopped(run, asked.cause);
  return attempt(run, { cause: 'dispatch', escalated: false });
}

async function takenOver(run: Supervised): Promise<Attempted> {
  await afterAdoption(run);
  return adoptedAttempt(run);
}

/** Writes down the checkouts as they are before the run. */
async function snapshot(run: Supervised): Promise<void> {
  const { watched, dispatch } = run.record();
  const taken = await takeSnapshot(run.ask, dispatch.worktree_path ?? '/', watched);
  writeSnapshot(run.folder, taken);
  run.saveDispatch({
    uncommitted_changes: 'fault' in taken.own ? null : isDirtyAt(taken.own.fingerprint),
  });
}

/** Commits what is to be committed, and writes the final record. */
async function finish(run: Supervised, last: Attempted): Promise<void> {
  run.save({ phase: 'ending' });
  await beginningRecorded();
  const { stopping, dispatch, request } = run.record();
  const { reason = 'error', check = null } = dispatch.attempts.at(-1) ?? {};
  const isDone = request.until === null ? reason === null : check !== null && isPassed(check);
  const isSuccess = last.kind === 'ended' && stopping === null && isDone;
  const warnings = request.commit && isSuccess ? await commitAll(run) : [];
  const started = dispatch.attempts.some(({ pid }) => pid !== null);
  await conclude(run.folder, run.record(), run.ask, {
    ...(last.kind === 'ended'
      ? { progress: last.progress, exit: last.exit, started: true }
      : { progress: noProgress, exit: undefined, started, fault: last.fault }),
    warnings,
    finishedAt: run.now(),
    write: run.saveFinal,
  });
}
