import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Locks } from '../../application/ports/state.ts';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { isFailure } from '../../domain/failure.ts';
import type { Liveness } from '../../domain/liveness.ts';
import type { HubContext } from '../context.ts';
import { endTree, livenessOf } from '../processes.ts';
import { readRecord } from '../runs.ts';
import { conclude, processWarnings, progressOf } from './conclude.ts';
import { claim, lastWords, readClaim, readStop, runFiles } from './run-folder.ts';

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

/**
 * The record as the evidence has it now. Where its keeper is dead, what the run left is ended and the record
 * concluded, under a lock, so that two commands come to one verdict. From another host or container nothing can
 * be told: the run stays as it is, with a warning.
 */
export async function reconcile(
  folder: string,
  record: DispatchRecord,
  context: HubContext,
  locks: Locks,
  options: { readonly keeper?: Liveness } = {},
): Promise<DispatchRecord> {
  if (record.phase === 'ended') return record;
  const keeper = options.keeper ?? (await keeperOf(folder, record));
  if (keeper === 'alive') return record;
  const { hostname } = record.supervisor ?? record.launcher;
  if (keeper === 'unknown') {
    return withWarning(
      record,
      'run_elsewhere',
      `whether it is alive cannot be told from here: it runs on ${hostname}, or in another container`,
    );
  }
  try {
    return await locks.hold('runs', () => settle(folder, record, context), {
      purpose: 'ending what a run left',
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    return withWarning(record, 'not_reconciled', `its supervisor is dead: ${error.message}`);
  }
}

const withWarning = (record: DispatchRecord, code: string, message: string): DispatchRecord => ({
  ...record,
  dispatch: { ...record.dispatch, warnings: [...record.dispatch.warnings, { code, message }] },
});

async function settle(
  folder: string,
  seen: DispatchRecord,
  { ask, clock }: HubContext,
): Promise<DispatchRecord> {
  const record = readRecord(folder) ?? seen;
  if (record.phase === 'ended') return record;
  const swept = await endTree({
    roots: record.claude === null ? [] : [record.claude],
    marker: record.marker,
    graceMs: record.request.grace_ms,
  });
  const claudeRan = swept.ended.some(({ pid }) => pid === record.dispatch.pid);
  const progress = progressOf(folder);
  const { exit_code: code, signal } = record.dispatch;
  const started = record.dispatch.pid !== null || progress.sessionId !== undefined || swept.ended.length > 0;
  const asked = progress.result === undefined ? readStop(folder)?.cause : undefined;
  const crash = lastWords(runFiles(folder).supervisor);
  return conclude(folder, { ...record, stopping: record.stopping ?? asked ?? null }, ask, {
    progress,
    started,
    fault: started ? undefined : (crash ?? 'its supervisor died before claude was started'),
    exit: code === null && signal === null ? undefined : { code, signal },
    warnings: [
      ...processWarnings(swept, record.dispatch.pid ?? undefined),
      {
        code: 'supervisor_died',
        message: `its supervisor died${crash === undefined ? '' : `: ${crash}`}${claudeRan ? '; claude was still running, and was ended' : ''}`,
      },
    ],
    finishedAt: claudeRan ? clock.now() : lastSign(folder, record),
  });
}

/** When a run that nobody saw end gave its last sign of life. */
function lastSign(folder: string, { dispatch }: DispatchRecord): Date {
  const started = Date.parse(dispatch.started_at ?? '');
  const written = statSync(runFiles(folder).stream, { throwIfNoEntry: false })?.mtimeMs ?? started;
  return new Date(Math.max(started, written));
}
