import type { Liveness } from '../../domain/liveness.ts';
import { liveness } from '../../domain/liveness.ts';
import type { ProcessIdentity } from '../../domain/process.ts';
import type { ProcessRow } from '../processes/table.ts';
import { exists, observed, processes } from '../processes.ts';

const keepMs = 250;
const seen = new Map<number, { readonly row: ProcessRow | undefined; readonly at: number }>();

/** Where a look starts a program, an answer is kept for a quarter of a second, unless signal 0 finds nobody. */
function rowOf(pid: number): ProcessRow | undefined {
  if (!processes.table.costly) return processes.table.row(pid);
  const earlier = seen.get(pid);
  if (earlier !== undefined && performance.now() - earlier.at < keepMs && exists(pid)) return earlier.row;
  const row = processes.table.row(pid);
  seen.set(pid, { row, at: performance.now() });
  return row;
}

/** How a process is, for waiters that look often. A stopped one (Ctrl-Z) is alive but does nothing. */
export function lookAt(recorded: ProcessIdentity): { readonly state: Liveness; readonly stopped: boolean } {
  const row = rowOf(recorded.pid);
  return { state: liveness(recorded, observed(recorded.pid, row)), stopped: row?.state === 'T' };
}
