import type { DispatchRecord, StopCause } from '../../domain/dispatch.ts';
import type { Ask } from '../git/ask.ts';
import { readRecord } from '../runs.ts';
import { readStop, writeRecord } from './run-folder.ts';

/** How often the supervisor looks at the stream and for a request to stop. */
export const lookMs = 200;

/** The run that this process supervises. */
export type Supervised = {
  readonly folder: string;
  readonly ask: Ask;
  readonly record: () => DispatchRecord;
  /** Changes the record, on disk before it returns. */
  readonly save: (change: Partial<DispatchRecord>) => DispatchRecord;
  /** What was asked for by `stop.json` or by SIGTERM. */
  readonly stopRequest: () => StopWish | undefined;
  /** Resolves with the next SIGTERM. */
  readonly poked: () => Promise<void>;
};
export type StopWish = { readonly cause: StopCause; readonly graceMs: number };

/** Opens the run of a folder; SIGTERM ends it, a closed terminal or a Ctrl-C do not (nor could they reach it). */
export function openSupervised(folder: string, ask: (record: DispatchRecord) => Ask): Supervised {
  let terminated = false;
  let wake = () => {};
  process.on('SIGTERM', () => {
    terminated = true;
    wake();
  });
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  const found = readRecord(folder);
  if (found === undefined) throw new Error(`there is no run in ${folder}`);
  let record = found;
  return {
    folder,
    ask: ask(record),
    record: () => record,
    save: (change) => {
      record = { ...record, ...change };
      writeRecord(folder, record);
      return record;
    },
    stopRequest: () => {
      const request = readStop(folder);
      if (request !== undefined) return { cause: request.cause, graceMs: request.grace_ms };
      return terminated ? { cause: 'cancelled', graceMs: record.request.grace_ms } : undefined;
    },
    poked: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
}
