import type { DispatchAnswer } from './answers/dispatch.ts';
import type { DispatchRecord } from './dispatch.ts';
import { type Failure, failures } from './failure.ts';
import { refusalOf } from './lifecycle.ts';
import { stateByRun } from './worktree-state.ts';

/** The variable in the environment of everything that a run starts. */
export const runMarker = 'WT_DISPATCH_MARKER';

const elsewhere = 'run_elsewhere';

/** A run whose processes cannot be seen: it stays what its record says, with a warning that this is all there is. */
export function asElsewhere(record: DispatchRecord): DispatchRecord {
  if (isElsewhere(record.dispatch)) return record;
  const { hostname } = record.supervisor ?? record.launcher;
  const message = `whether it is alive cannot be told from here: it runs on ${hostname}, or in another container`;
  return withWarning(record, elsewhere, message);
}

/** A run as it was read, and what is to be known about that. */
export const withWarning = (record: DispatchRecord, code: string, message: string): DispatchRecord => ({
  ...record,
  dispatch: { ...record.dispatch, warnings: [...record.dispatch.warnings, { code, message }] },
});

/** Whether nothing may be concluded of a run from here: it is neither running nor lost, but unknown. */
export const isElsewhere = ({ status, warnings }: Pick<DispatchAnswer, 'status' | 'warnings'>): boolean =>
  status === 'running' && warnings.some(({ code }) => code === elsewhere);

/** How the newest run of a worktree forbids a command there; `undefined` where it does not. */
export function refusalByRun(
  command: 'dispatch' | 'merge' | 'cleanup',
  worktree: string,
  run: DispatchAnswer | undefined,
): ((also?: readonly string[]) => Failure) | undefined {
  if (run === undefined || refusalOf(command, stateByRun(run)) !== 'dispatch_running') return undefined;
  const id = run.dispatch_id ?? 'a dispatch';
  if (!isElsewhere(run)) return (also) => failures.dispatchRunning(worktree, id, also);
  const folder = run.log_path?.slice(0, run.log_path.lastIndexOf('/')) ?? id;
  return (also) => failures.dispatchElsewhere(worktree, id, folder, also);
}
