import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Liveness, liveness, type ProcessObservation, type ProcessPlace } from '../domain/liveness.ts';
import type { EndedProcesses, Marker, ProcessIdentity, RunningProcess } from '../domain/process.ts';
import { type Ending, endTree as end } from './processes/end-tree.ts';
import { procTable } from './processes/proc.ts';
import { psTable } from './processes/ps.ts';
import { isGone, type ProcessRow, type ProcessTable } from './processes/table.ts';

const quietly = (look: () => string): string | null => {
  try {
    return look();
  } catch {
    return null;
  }
};

let place: ProcessPlace | undefined;

/** Host, boot and pid namespace of this process. */
export function here(): ProcessPlace {
  place ??= {
    boot_id: quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    hostname: hostname(),
    pid_namespace: quietly(() => readlinkSync('/proc/self/ns/pid')),
  };
  return place;
}

/** Whether a process (also a zombie) has this pid, even one that the system does not list for us (`hidepid`). */
export function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** What a look at a pid gave, as the judgement of liveness takes it. */
export function observed(pid: number, row: ProcessRow | undefined): ProcessObservation {
  const seen = row === undefined ? undefined : { start_time: row.startTime, zombie: isGone(row) };
  return { ...here(), process: seen ?? (exists(pid) ? 'hidden' : undefined) };
}

export type ProcessWatch = {
  /** This process. */
  readonly ownIdentity: () => ProcessIdentity;
  /** The process that has this pid now; `undefined` when there is none, or only a zombie. */
  readonly identify: (pid: number) => ProcessIdentity | undefined;
  readonly livenessOf: (recorded: ProcessIdentity) => Liveness;
  /** Living processes, without this one, that carry the marker in their environment, as far as it can be read. */
  readonly marked: (marker: Marker) => Promise<readonly RunningProcess[]>;
  /** Living processes, without this one, whose current directory is in the (real) path; `undefined`: cannot be known. */
  readonly inside: (path: string) => Promise<readonly RunningProcess[] | undefined>;
  /** Ends processes and everything they started: SIGTERM, the grace, SIGKILL, looking again until nothing is left. */
  readonly endTree: (what: Ending) => Promise<EndedProcesses>;
  readonly table: ProcessTable;
};

/** Opens the view of processes that a table gives. */
export function watchProcesses(table: ProcessTable): ProcessWatch {
  let own: ProcessIdentity | undefined;
  const identityOf = (row: ProcessRow): ProcessIdentity => ({
    pid: row.pid,
    start_time: row.startTime,
    ...here(),
  });
  const identify = (pid: number) => {
    const row = table.row(pid);
    return row === undefined || isGone(row) ? undefined : identityOf(row);
  };
  const running = (pids: readonly number[]): RunningProcess[] => {
    const rows = table.rowsOf(pids.filter((pid) => pid !== process.pid)).filter((row) => !isGone(row));
    const commands = table.commands(rows.map((row) => row.pid));
    return rows.map((row) => ({
      pid: row.pid,
      command: commands.get(row.pid) ?? '',
      identity: identityOf(row),
    }));
  };
  const livenessOf = (recorded: ProcessIdentity) =>
    liveness(recorded, observed(recorded.pid, table.row(recorded.pid)));
  return {
    table,
    identify,
    livenessOf,
    ownIdentity: () => {
      own ??= identify(process.pid) ?? { pid: process.pid, start_time: '', ...here() };
      return own;
    },
    marked: async (marker) => running(table.carrying(marker)),
    inside: async (path) => {
      const pids = table.inside(path);
      return pids === undefined ? undefined : running(pids);
    },
    endTree: (what) => end(what, table, livenessOf),
  };
}

/** The processes of this machine: from /proc on Linux, from ps and lsof elsewhere. */
export const processes: ProcessWatch = watchProcesses(process.platform === 'linux' ? procTable : psTable);
export const { ownIdentity, identify, livenessOf, marked, inside, endTree } = processes;
