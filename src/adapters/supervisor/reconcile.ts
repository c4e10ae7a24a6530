import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Locks } from '../../application/ports/state.ts';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { errorBody } from '../../domain/error-body.ts';
import { failures, isFailure } from '../../domain/failure.ts';
import type { Liveness } from '../../domain/liveness.ts';
import { asElsewhere, withWarning } from '../../domain/run-evidence.ts';
import type { HubContext } from '../context.ts';
import { livenessOf } from '../processes.ts';
import { readRecord } from '../runs.ts';
import { isAdoptable } from './adoption.ts';
import { announceLeft } from './announce.ts';
import { conclude, processWarnings } from './conclude.ts';
import { evidenceOf } from './evidence.ts';
import { look } from './look.ts';
import { recordOwed } from './recording.ts';
import { claim, lastWords, readClaim, readStop, runFiles } from './run-folder.ts';
import { endRun } from './sweep.ts';

/** Who keeps the record: the supervisor, before it has started the command that starts it. */
export async function keeperOf(folder: string, record: DispatchRecord): Promise<Liveness> {
  if (record.supervisor !== null) return livenessOf(record.supervisor);
  const launcher = livenessOf(record.launcher);
  if (launcher !== 'dead') return launcher;
  if (claim(folder)) return 'dead'; // a supervisor that still comes finds this and goes
  for (let look = 0; look < 20; look++) {
    const claimant = readClaim(folder);
    if (claimant !== undefined) return livenessOf(claimant);
    await pause(10);
  }
  return 'dead';
}

export type ReconcileOptions = {
  readonly keeper?: Liveness;
  /** Starts another supervisor for a run; without it a claude that has lost its own is ended. */
  readonly adopt?: (folder: string) => ChildProcess;
  /** That the end of the run could not be written down is an error, and not only to be known. */
  readonly insist?: boolean;
};

/**
 * The record as the evidence has it now. Where its keeper is dead, another one is started for a claude that goes on;
 * else what the run left is ended and the record concluded, under a lock, so that two commands come to one verdict.
 * From another host or container nothing can be told: the run stays as it is, with a warning.
 */
export async function reconcile(
  folder: string,
  record: DispatchRecord,
  context: HubContext,
  locks: Locks,
  options: ReconcileOptions = {},
): Promise<DispatchRecord> {
  if (record.phase === 'ended') {
    const told = await announceLeft(folder, record, locks);
    return recordOwed(folder, told, context.ask);
  }
  const keeper = options.keeper ?? (await keeperOf(folder, record));
  if (keeper === 'alive') return record;
  if (keeper === 'unknown') return asElsewhere(record);
  try {
    const kept = await adopted(folder, record, options);
    if (kept !== undefined) return kept;
    return await locks.hold('runs', () => settle(folder, record, context), {
      purpose: 'ending what a run left',
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    const seen = await look(folder, readRecord(folder) ?? record, context);
    const told = withWarning(seen, 'not_reconciled', `its supervisor is dead: ${error.message}`);
    if (!options.insist || told.phase !== 'ended') return told;
    const unrecorded = failures.notRecorded(record.dispatch.dispatch_id ?? folder, error);
    return { ...told, dispatch: { ...told.dispatch, error: errorBody(unrecorded) } };
  }
}

/** How long another supervisor may take to take a run over: it waits for the lock, and node for its turn. */
const adoptionMs = 15_000;

/** The record once another supervisor keeps it; `undefined` when there is none, and the run is to be ended. */
async function adopted(
  folder: string,
  seen: DispatchRecord,
  { adopt }: ReconcileOptions,
): Promise<DispatchRecord | undefined> {
  if (adopt === undefined || !isAdoptable(folder, readRecord(folder) ?? seen)) return undefined;
  const supervisor = adopt(folder);
  const startedAt = performance.now();
  while (performance.now() - startedAt < adoptionMs) {
    const record = readRecord(folder);
    if (record === undefined) return undefined;
    if (record.phase === 'ended' || livenessOf(record.supervisor ?? record.launcher) !== 'dead')
      return record;
    const isGone = supervisor.exitCode !== null || supervisor.signalCode !== null;
    if (supervisor.pid === undefined || isGone) return undefined;
    await pause(20);
  }
  return undefined;
}

async function settle(
  folder: string,
  seen: DispatchRecord,
  { ask, clock }: HubContext,
): Promise<DispatchRecord> {
  const found = readRecord(folder) ?? seen;
  if (found.phase === 'ended') return found;
  const isKept = found.supervisor !== null && livenessOf(found.supervisor) !== 'dead';
  if (isKept) return found; // another supervisor took it over meanwhile
  const roots = found.claude === null ? [] : [found.claude];
  const { marker, request, dispatch } = found;
  // As with a supervisor: what was asked for before the first signal stands, whatever claude says while it is ended.
  const { stopping } = evidenceOf(folder, found).record;
  const graceMs = readStop(folder)?.grace_ms ?? request.grace_ms;
  const swept = await endRun({ roots, marker, graceMs }, dispatch.worktree_path ?? undefined);
  const claudeRan = swept.ended.some(({ pid }) => pid === found.dispatch.pid);
  const { record, started, ...evidence } = evidenceOf(folder, { ...found, stopping });
  const crash = lastWords(runFiles(folder).supervisor);
  const said = crash === undefined ? '' : `: ${crash}`;
  const wasStarted = started || swept.ended.length > 0;
  const unseen =
    wasStarted && evidence.exit === undefined && !claudeRan ? '; nobody saw how claude ended' : '';
  return conclude(folder, record, ask, {
    ...evidence,
    started: wasStarted,
    fault: wasStarted ? undefined : (crash ?? 'its supervisor died before claude was started'),
    warnings: [
      ...processWarnings(swept, record.dispatch.pid ?? undefined),
      {
        code: 'supervisor_died',
        message: `its supervisor died${said}${claudeRan ? '; claude was still running, and was ended' : unseen}`,
      },
    ],
    finishedAt: claudeRan ? clock.now() : lastSign(folder, record),
  });
}

/** When a run that nobody saw end gave its last sign of life: claude by what it wrote, or its supervisor. */
function lastSign(folder: string, { dispatch }: DispatchRecord): Date {
  const { stream, record } = runFiles(folder);
  const written = [stream, record].map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return new Date(Math.max(Date.parse(dispatch.started_at ?? '') || 0, ...written));
}
