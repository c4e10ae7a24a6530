import type { DispatchRecord } from '../../domain/dispatch.ts';
import { concluded } from '../../domain/dispatch-outcome.ts';
import type { Liveness } from '../../domain/liveness.ts';
import { asElsewhere, withWarning } from '../../domain/run-evidence.ts';
import type { HubContext } from '../context.ts';
import { livenessOf } from '../processes.ts';
import { isAdoptable } from './adoption.ts';
import { evidenceOf } from './evidence.ts';
import { otherHands } from './overlapping.ts';
import { readClaim, readSnapshot } from './run-folder.ts';
import { readWorkDone } from './work-done.ts';

/** Who keeps the record, without taking it from a supervisor that is still to come. */
function keeperOf(folder: string, { supervisor, launcher }: DispatchRecord): Liveness {
  if (supervisor !== null) return livenessOf(supervisor);
  const found = livenessOf(launcher);
  const claimant = found === 'dead' ? readClaim(folder) : undefined;
  return claimant === undefined ? found : livenessOf(claimant);
}

/**
 * The record as the evidence has it now, for commands that change nothing: one whose keeper is dead is given as it
 * would be concluded, and neither written nor ended.
 */
export async function look(
  folder: string,
  record: DispatchRecord,
  { ask, clock }: HubContext,
): Promise<DispatchRecord> {
  if (record.phase === 'ended') return record;
  const keeper = keeperOf(folder, record);
  if (keeper === 'alive') return record;
  if (keeper === 'unknown') return asElsewhere(record);
  if (isAdoptable(folder, record)) {
    const message = 'its supervisor died while claude is running; wt status starts another one';
    return withWarning(record, 'supervisor_died', message);
  }
  const { record: found, ...evidence } = evidenceOf(folder, record);
  const others = await otherHands(folder, record);
  return concluded(found, {
    ...evidence,
    complaint: undefined,
    work: await readWorkDone(ask, record, readSnapshot(folder), others, clock.now()),
    warnings: [{ code: 'supervisor_died', message: 'its supervisor died' }],
    finishedAt: clock.now(),
  });
}
