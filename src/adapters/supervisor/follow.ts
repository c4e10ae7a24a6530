import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { RunNews } from '../../application/ports/agent.ts';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { failures } from '../../domain/failure.ts';
import { readRecord } from '../runs.ts';
import { openAlarm } from './alarm.ts';
import { openLines } from './lines.ts';
import { runFiles } from './run-folder.ts';

const reconcileMs = 1_000;
/** Of a line that is even longer a follower gets the beginning. */
const longest = 64 * 1024 * 1024;

export type Following = {
  readonly wait: boolean;
  readonly signal?: AbortSignal;
  /** Looks whether the run's keeper is still alive; asked about once a second. */
  readonly reconcile: (record: DispatchRecord) => Promise<DispatchRecord>;
};

/** The record of a run as its file has it at each look. */
function watchRecord(folder: string, following: Following) {
  let seen = '';
  let record: DispatchRecord | undefined;
  let reconciledAt = performance.now();
  const look = (): DispatchRecord | undefined => {
    const stats = statSync(runFiles(folder).record, { throwIfNoEntry: false, bigint: true });
    const now = `${stats?.ino} ${stats?.mtimeNs}`;
    if (now !== seen) {
      seen = now;
      record = readRecord(folder);
    }
    return record;
  };
  const reconcile = async (): Promise<void> => {
    if (record === undefined || performance.now() - reconciledAt <= reconcileMs) return;
    const now = await following.reconcile(record); // a change is found in the file at the next look
    if (now.phase === 'ended') record = now; // also where that could not be written down
    reconciledAt = performance.now();
  };
  return { look, reconcile };
}

/** What happens in a run until it has ended; the lines come before the record that was written after them. */
export async function* follow(
  folder: string,
  following: Following & { readonly lines: boolean },
): AsyncGenerator<RunNews> {
  const watch = watchRecord(folder, following);
  const long: string[] = [];
  const options = { most: () => longest, onLong: (head: string) => void long.push(head) };
  const lines = following.lines ? openLines(runFiles(folder).stream, options) : undefined;
  const { signal, wait } = following;
  const alarm = openAlarm(folder);
  let told: DispatchRecord | undefined;
  let attempt = 1;
  const reached = function* (record: DispatchRecord | undefined, position: number): Generator<RunNews> {
    const offsets = record?.attempt_offsets ?? [];
    for (let at = offsets[attempt]; at !== undefined && at <= position; at = offsets[attempt]) {
      attempt += 1;
      if (record !== undefined) yield { kind: 'attempt', number: attempt, record };
    }
  };
  try {
    for (;;) {
      alarm.hush();
      let record = watch.look();
      const isOver = record === undefined || record.phase === 'ended' || !wait;
      if (lines !== undefined) {
        let read = lines.position();
        for (const line of lines.next()) {
          if (lines.position() !== read) {
            read = lines.position();
            record = watch.look(); // has every attempt that wrote into this piece of the stream
            await breathe(); // else no Ctrl-C is heard while there is more to read
          }
          if (signal?.aborted) break;
          for (const head of long.splice(0)) yield { kind: 'line', line: head };
          yield* reached(record, lines.began());
          yield { kind: 'line', line };
        }
        const last = isOver ? lines.last() : undefined;
        for (const head of long.splice(0)) yield { kind: 'line', line: head };
        if (last !== undefined) yield { kind: 'line', line: last };
        yield* reached(record, lines.position());
      }
      if (record !== undefined && (isOver || record !== told)) yield { kind: 'record', record };
      if (record === undefined && wait) throw failures.runGone(basename(folder));
      told = record;
      if (isOver || signal?.aborted) return;
      yield { kind: 'tick' };
      await alarm.rest(signal);
      await watch.reconcile();
    }
  } finally {
    alarm.close();
    lines?.close();
  }
}

/** The bytes of a run's stream as they come. */
export async function* raw(folder: string, following: Following): AsyncGenerator<Uint8Array> {
  const watch = watchRecord(folder, following);
  const file = openSync(runFiles(folder).stream, 'r');
  const alarm = openAlarm(folder);
  try {
    for (;;) {
      alarm.hush();
      const record = watch.look();
      for (;;) {
        const chunk = Buffer.allocUnsafe(256 * 1024);
        const count = readSync(file, chunk);
        if (count === 0 || following.signal?.aborted) break;
        yield chunk.subarray(0, count);
        await breathe(); // else no Ctrl-C is heard while there is more to read
      }
      if (record === undefined || record.phase === 'ended' || !following.wait) return;
      if (following.signal?.aborted) return;
      await alarm.rest(following.signal);
      await watch.reconcile();
    }
  } finally {
    alarm.close();
    closeSync(file);
  }
}
