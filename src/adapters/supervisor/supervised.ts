import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { DispatchRecord, StopCause } from '../../domain/dispatch.ts';
import { isFailure } from '../../domain/failure.ts';
import { mayFollow } from '../../domain/run-phase.ts';
import type { Ask } from '../git/ask.ts';
import { readRecord } from '../runs.ts';
import { readStop, runFiles, writeRecord } from './run-folder.ts';
import { openSleep } from './sleep.ts';

/** How often the supervisor looks at the stream and for a request to stop. */
export const lookMs = 200;

/** The run that this process supervises. */
export type Supervised = {
  readonly folder: string;
  readonly ask: Ask;
  readonly record: () => DispatchRecord;
  /** Changes the record, on disk before it returns; where the disk is full it is tried again at every look. */
  readonly save: (change: Partial<DispatchRecord>) => DispatchRecord;
  /** `save` for what is in the dispatch object. */
  readonly saveDispatch: (change: Partial<DispatchRecord['dispatch']>) => DispatchRecord;
  /** Reads the record again, which another process had until now. */
  readonly reload: () => DispatchRecord;
  /** Writes what could not be written yet. Throws when the run's folder is gone. */
  readonly catchUp: () => void;
  /** Writes the final record, however long it takes until there is space, and gives up after a minute. */
  readonly saveFinal: (record: DispatchRecord) => Promise<void>;
  /** What was asked for by `stop.json` or by SIGTERM. */
  readonly stopRequest: () => StopWish | undefined;
  /** Waits so many milliseconds, or until the next SIGTERM or `wake`; one that came since the last wait counts. */
  readonly idle: (ms: number) => Promise<void>;
  readonly wake: () => void;
  /** The time of day, but never before the run's start, nor standing still when the clock is set back. */
  readonly now: () => Date;
};
export type StopWish = { readonly cause: StopCause; readonly graceMs: number };

/** Where there is no space now there may be some later; everything else is a mistake, or the end. */
const passing = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EAGAIN', 'EINTR']);
const finalPatienceMs = 60_000;
const finalStepMs = 500;

/** Opens the run of a folder; SIGTERM ends it, a closed terminal or a Ctrl-C do not (nor could they reach it). */
export function openSupervised(folder: string, ask: (record: DispatchRecord) => Ask): Supervised {
  const { idle, wake } = openSleep();
  let terminated = false;
  process.on('SIGTERM', () => {
    terminated = true;
    wake();
  });
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  process.stderr.on('error', () => {}); // its log may be on the disk that is full
  const read = () => {
    const found = readRecord(folder);
    if (found === undefined) throw new Error(`there is no run in ${folder}`);
    return found;
  };
  let record = read();
  let isBehind = false;
  const since = { wall: Date.now(), monotonic: performance.now() };

  const write = (): void => {
    try {
      if (!existsSync(runFiles(folder).record)) throw new Error(`the folder of the run is gone: ${folder}`);
      writeRecord(folder, record);
      isBehind = false;
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (!isBehind) process.stderr.write(`${(error as Error).message}\n`);
      isBehind = true;
    }
  };
  const save = (change: Partial<DispatchRecord>) => {
    const { phase } = record;
    record = { ...record, ...change };
    // A mistake of wt's own; the agent's work must not end by it.
    if (!mayFollow(phase, record.phase)) process.stderr.write(`from ${phase} to ${record.phase}\n`);
    write();
    return record;
  };

  return {
    folder,
    ask: ask(record),
    record: () => record,
    save,
    saveDispatch: (change) => save({ dispatch: { ...record.dispatch, ...change } }),
    reload: () => {
      record = read();
      return record;
    },
    catchUp: () => {
      if (isBehind) write();
      else if (!existsSync(runFiles(folder).record)) {
        throw new Error(`the folder of the run is gone: ${folder}`);
      }
    },
    saveFinal: async (final) => {
      record = final;
      const startedAt = performance.now();
      for (write(); isBehind; write()) {
        if (performance.now() - startedAt > finalPatienceMs) {
          throw new Error('the end of the run could not be recorded: there is no space');
        }
        await pause(finalStepMs);
      }
    },
    stopRequest: () => {
      const request = readStop(folder);
      if (request !== undefined) return { cause: request.cause, graceMs: request.grace_ms };
      return terminated ? { cause: 'cancelled', graceMs: record.request.grace_ms } : undefined;
    },
    idle,
    wake,
    now: () => {
      const atLeast = since.wall + (performance.now() - since.monotonic);
      const begun = Date.parse(record.dispatch.started_at ?? '') || 0;
      // A machine that was asleep moves the clock on, but not the counter.
      return new Date(Math.round(Math.max(Date.now(), atLeast, begun)));
    },
  };
}

const isPassing = (error: unknown): boolean =>
  isFailure(error) && passing.has(String((error.details as { errno?: unknown }).errno));
