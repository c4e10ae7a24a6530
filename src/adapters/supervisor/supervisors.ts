import { setTimeout as pause } from 'node:timers/promises';
import type { NewRun, Supervisors } from '../../application/ports/agent.ts';
import type { Locks } from '../../application/ports/state.ts';
import { type DispatchRecord, newestRun } from '../../domain/dispatch.ts';
import type { HubContext } from '../context.ts';
import { openAsk } from '../git/ask.ts';
import { endTree, livenessOf } from '../processes.ts';
import { openRuns, readRecord } from '../runs.ts';
import { isAdoptable } from './adoption.ts';
import { follow, raw } from './follow.ts';
import { prepareRun, startSupervisor } from './launch.ts';
import { look } from './look.ts';
import { keeperOf, type ReconcileOptions, reconcile } from './reconcile.ts';
import { requestStop } from './run-folder.ts';

const stepMs = 20;
/** How long a supervisor may take, beyond the grace, to write down what it ended; and one that cannot be seen. */
const patienceMs = { seen: 15_000, unseen: 2_000, recording: 5_000 };

/** `entry` is the script of wt, which is also its supervisor. */
export function openSupervisors(hub: HubContext, locks: Locks, entry = process.argv[1] ?? ''): Supervisors {
  // Ctrl-C ends the questions of a command, but not those by which a run is brought to its end.
  const context: HubContext = {
    ...hub,
    ask: openAsk({ cwd: hub.repository.commonDir, isFound: true, variables: hub.variables }),
  };
  const runs = openRuns(context.repository.stateDir);
  const folderOf = ({ dispatch }: DispatchRecord) => runs.folder(dispatch.dispatch_id ?? '');
  const adopt = (folder: string) => startSupervisor(context, folder, entry);
  const settled = (record: DispatchRecord, options: ReconcileOptions = {}) =>
    reconcile(folderOf(record), record, context, locks, { adopt, ...options });
  const insisting = { reconcile: (record: DispatchRecord) => settled(record, { insist: true }) };
  const latest = (record: DispatchRecord) => readRecord(folderOf(record)) ?? record;

  return {
    start: async (run) => {
      const newest = newestRun(await runs.list(), run.worktree);
      if (newest !== undefined) await settled(newest);
      const record = await locks.hold('repository', () => prepareRun(context, run, entry), {
        purpose: 'starting a dispatch',
        signal: context.signal,
        ...(run.onWait === undefined ? {} : { onWait: run.onWait }),
      });
      return launched(record, run);
    },
    stop,
    reconcile: (record) => settled(record),
    look: (record) => look(folderOf(record), record, context),
    follow: async (dispatchId, options) => follow(runs.folder(dispatchId), { ...options, ...insisting }),
    raw: async (dispatchId, options) => raw(runs.folder(dispatchId), { ...options, ...insisting }),
  };

  /** Starts the supervisor and waits until claude runs or the run has ended. */
  async function launched(prepared: DispatchRecord, run: NewRun): Promise<DispatchRecord> {
    const folder = folderOf(prepared);
    const supervisor = startSupervisor(context, folder, entry);
    let isInterrupted = false;
    let startedAt: number | undefined;
    for (;;) {
      const record = latest(prepared);
      const isGone = supervisor.exitCode !== null || supervisor.signalCode !== null;
      if (record.phase !== 'preparing' && record.phase !== 'starting') {
        startedAt ??= performance.now();
        // That it runs is in the coordinator's file when this command says so.
        const isAwaited = record.phase === 'running' && record.binding !== undefined && !isGone;
        const isTold = record.recording !== undefined || performance.now() - startedAt > patienceMs.recording;
        if (!isAwaited || isTold) return record;
      }
      if (supervisor.pid === undefined || isGone) {
        return reconcile(folder, latest(prepared), context, locks, { keeper: 'dead' });
      }
      if (context.signal.aborted && !isInterrupted) {
        isInterrupted = true;
        requestStop(folder, { cause: 'interrupted', grace_ms: run.request.grace_ms });
      }
      await pause(stepMs);
    }
  }

  async function stop(
    record: DispatchRecord,
    cause: 'cancelled' | 'interrupted',
    graceMs: number,
  ): Promise<DispatchRecord> {
    const folder = folderOf(record);
    const ask = () => requestStop(folder, { cause, grace_ms: graceMs });
    const found = latest(record);
    if (isAdoptable(folder, found)) ask(); // it needs no other supervisor only to be ended
    const now = await settled(found); // one whose claude is dead too is lost, not cancelled
    if (now.phase === 'ended') return now;
    ask();
    const asked = performance.now();
    for (let told = false; ; ) {
      const current = latest(record);
      if (current.phase === 'ended') return current;
      const keeper = await keeperOf(folder, current);
      const patience = keeper === 'unknown' ? patienceMs.unseen : patienceMs.seen;
      if (keeper === 'dead' || performance.now() - asked > graceMs + patience) break;
      const { supervisor } = current;
      if (!told && supervisor !== null && livenessOf(supervisor) === 'alive') {
        told = true;
        signal(supervisor.pid, 'SIGTERM', 'SIGCONT');
      }
      await pause(stepMs);
    }
    const current = latest(record);
    if (current.phase !== 'ended' && current.supervisor !== null) {
      await endTree({ roots: [current.supervisor], graceMs: 0 }); // deaf; unknown ones are left alone
    }
    return settled(latest(record));
  }
}

function signal(pid: number, ...signals: readonly NodeJS.Signals[]): void {
  try {
    for (const name of signals) process.kill(pid, name);
  } catch {
    // it has just gone
  }
}
