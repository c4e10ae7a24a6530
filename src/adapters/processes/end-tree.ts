import type { Liveness } from '../../domain/liveness.ts';
import type { EndedProcesses, Marker, ProcessIdentity } from '../../domain/process.ts';
import { followFamily } from './family.ts';
import { isGone, type ProcessRow, type ProcessTable } from './table.ts';

export type Ending = {
  /**
   * Ended with everything they started. One that was recorded on another host or in another container is left
   * alone, and then what carries the marker too.
   */
  readonly roots: readonly ProcessIdentity[];
  /** Ends also whatever carries this variable in its environment, however it was re-parented. */
  readonly marker?: Marker;
  /** Ends also whatever has its current directory in this real path, a person's shell included. */
  readonly cwdInside?: string;
  /** Milliseconds between SIGTERM and SIGKILL; 0 kills at once. */
  readonly graceMs: number;
  /** Abort cuts the grace short: what is left is killed at once. */
  readonly signal?: AbortSignal;
};

/** How long SIGKILL may take to show; longer only for a process that is stuck in the kernel. */
const killPatienceMs = 3_000;
/** A full look reads every process; between two of them only those known are watched. */
const fullLookMs = 250;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The rows whose processes are still there, unchanged and alive. */
function unchanged(table: ProcessTable, rows: readonly ProcessRow[]): ProcessRow[] {
  const now = new Map(table.rowsOf(rows.map((row) => row.pid)).map((row) => [row.pid, row]));
  return rows.filter((row) => {
    const found = now.get(row.pid);
    return found !== undefined && found.startTime === row.startTime && !isGone(found);
  });
}

/** Signals single processes that were verified the moment before, never a group; gives those it reached. */
function send(table: ProcessTable, rows: readonly ProcessRow[], ...signals: readonly NodeJS.Signals[]) {
  const batches = table.costly ? [rows] : rows.map((row) => [row]);
  return batches.flatMap((batch) =>
    unchanged(table, batch).filter((row) => {
      try {
        for (const signal of signals) process.kill(row.pid, signal);
        return true;
      } catch {
        return false; // it has just gone, or belongs to somebody else: the next look tells
      }
    }),
  );
}

/** Ends processes and everything they started: SIGTERM, the grace, SIGKILL, looking again until nothing is left. */
export async function endTree(
  what: Ending,
  table: ProcessTable,
  livenessOf: (identity: ProcessIdentity) => Liveness,
): Promise<EndedProcesses> {
  const roots = what.roots.filter((root) => livenessOf(root) !== 'unknown');
  // A host sees the processes of its containers, marker and all, but they are not its to end.
  const elsewhere = roots.length < what.roots.length;
  const family = followFamily(table, elsewhere ? { roots } : { ...what, roots });
  const commands = new Map<string, string>();
  const reached = new Map<string, number>();
  const nameOf = (row: ProcessRow) => `${row.pid} ${row.startTime}`;
  const step = table.costly ? 50 : 10;
  let killAt = performance.now() + what.graceMs;
  const mayKill = () => {
    if (what.signal?.aborted) killAt = Math.min(killAt, performance.now());
    return performance.now() >= killAt;
  };

  let left = family.scan();
  for (let empty = 0; ; left = family.scan()) {
    empty = left.length === 0 ? empty + 1 : 0;
    if (empty > 1 || performance.now() > killAt + killPatienceMs) break; // one empty look may have missed a fork
    const unnamed = left.filter((row) => !commands.has(nameOf(row)));
    const lines = table.commands(unnamed.map((row) => row.pid));
    for (const row of unnamed) commands.set(nameOf(row), lines.get(row.pid) ?? '');
    const killing = mayKill();
    const wanted = killing ? left : left.filter((row) => !reached.has(nameOf(row)));
    // A stopped process gets its SIGTERM only once it continues.
    const got = killing ? send(table, wanted, 'SIGKILL') : send(table, wanted, 'SIGTERM', 'SIGCONT');
    for (const row of got) reached.set(nameOf(row), row.pid);
    const lookAgainAt = performance.now() + (killing || got.length > 0 ? step : fullLookMs);
    do {
      if (left.length > 0) await pause(step);
    } while (performance.now() < lookAgainAt && mayKill() === killing && unchanged(table, left).length > 0);
  }

  const named = ([name, pid]: readonly [string, number]) => ({ pid, command: commands.get(name) ?? '' });
  const surviving = new Map(left.map((row) => [nameOf(row), row.pid]));
  return {
    ended: [...reached].filter(([name]) => !surviving.has(name)).map(named),
    survivors: [...surviving].map(named),
  };
}
