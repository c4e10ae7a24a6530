import type { Event } from '../domain/event.ts';
import { isFailure } from '../domain/failure.ts';
import type { Hub } from './ports.ts';

type Runs = Pick<Hub, 'runs' | 'supervisors'>;
type Warn = (message: string) => void;

/** Looks, beside something else, whether the supervisors of the runs that go on are alive: nobody else may do so. */
export type RunWatch = {
  /** Learns of runs that begin and end. */
  readonly note: (event: Pick<Event, 'type' | 'dispatch_id'>) => void;
  /** Begins a look, unless the last one is not done yet. */
  readonly look: () => void;
  /** Resolves with the end of the look that was begun. */
  readonly done: () => Promise<void>;
};

/** Brings all runs up to date, so that the ends of those that were lost are events too; gives those that go on. */
export async function reconcileAll(hub: Runs, warn: Warn): Promise<string[]> {
  const open: string[] = [];
  for (const record of await hub.runs.list()) {
    await tolerantly(warn, async () => {
      const { phase, dispatch } = await hub.supervisors.reconcile(record);
      if (phase !== 'ended' && dispatch.dispatch_id !== null) open.push(dispatch.dispatch_id);
    });
  }
  return open;
}

/** Watches the runs of these ids; what cannot be brought up to date is told once. */
export function watchRuns(hub: Runs, open: readonly string[], warn: Warn): RunWatch {
  const runs = new Set(open);
  const warned = new Set<string>();
  const warnOnce = (message: string) => {
    if (!warned.has(message)) warn(message);
    warned.add(message);
  };
  let looking: Promise<void> | undefined;
  const look = async () => {
    for (const id of [...runs]) {
      await tolerantly(warnOnce, async () => {
        const record = await hub.runs.read(id);
        if (record !== undefined) await hub.supervisors.reconcile(record);
      });
    }
  };
  return {
    note: ({ type, dispatch_id: id }) => {
      if (id === null) return;
      if (type === 'dispatch.finished') runs.delete(id);
      else if (type === 'dispatch.started') runs.add(id);
    },
    look: () => {
      looking ??= look().finally(() => {
        looking = undefined;
      });
    },
    done: async () => looking,
  };
}

/** What cannot be brought up to date is told, and the journal read all the same. */
async function tolerantly(warn: Warn, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isFailure(error)) throw error;
    warn(error.message);
  }
}
