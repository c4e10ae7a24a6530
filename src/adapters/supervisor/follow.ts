import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunNews } from '../../application/ports/agent.ts';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { readRecord } from '../runs.ts';
import { openLines } from './lines.ts';
import { runFiles } from './run-folder.ts';

const stepMs = 60;
const reconcileMs = 1_000;
/** A follower shows everything, so its lines may be longer than what the supervisor reads. */
const longest = 64 * 1024 * 1024;

export type Following = {
  readonly wait: boolean;
  readonly signal?: AbortSignal;
  /** Looks whether the run's keeper is still alive; asked about once a second. */
  readonly reconcile: (record: DispatchRecord) => Promise<DispatchRecord>;
};

/** The record whenever its file was replaced. */
function watchRecord(folder: string, following: Following) {
  let seen = '';
  let record: DispatchRecord | undefined;
  let reconciledAt = performance.now();
  return async (): Promise<{ readonly record: DispatchRecord | undefined; readonly isNew: boolean }> => {
    const stats = statSync(runFiles(folder).record, { throwIfNoEntry: false, bigint: true });
    const now = `${stats?.ino} ${stats?.mtimeNs}`;
    if (now !== seen) {
      seen = now;
      record = readRecord(folder);
      return { record, isNew: true };
    }
    if (record !== undefined && performance.now() - reconciledAt > reconcileMs) {
      await following.reconcile(record); // a change is found in the file at the next look
      reconciledAt = performance.now();
    }
    return { record, isNew: false };
  };
}

/** What happens in a run until it has ended; the lines come before the last record. */
export async function* follow(
  folder: string,
  following: Following & { readonly lines: boolean },
): AsyncGenerator<RunNews> {
  const look = watchRecord(folder, following);
  const lines = following.lines ? openLines(runFiles(folder).stream, longest) : undefined;
  try {
    for (;;) {
      const { record, isNew } = await look();
      const isOver = record === undefined || record.phase === 'ended' || !following.wait;
      if (isNew && !isOver) yield { kind: 'record', record };
      for (const line of lines?.next() ?? []) yield { kind: 'line', line };
      if (isOver) {
        const last = lines?.last();
        if (last !== undefined) yield { kind: 'line', line: last };
        if (record !== undefined) yield { kind: 'record', record };
        return;
      }
      if (following.signal?.aborted) return;
      yield { kind: 'tick' };
      await pause(stepMs);
    }
  } finally {
    lines?.close();
  }
}

/** The bytes of a run's stream as they come. */
export async function* raw(folder: string, following: Following): AsyncGenerator<string> {
  const look = watchRecord(folder, following);
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(256 * 1024);
  const file = openSync(runFiles(folder).stream, 'r');
  try {
    for (;;) {
      const { record } = await look();
      for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
        yield decoder.write(chunk.subarray(0, count));
      }
      if (record === undefined || record.phase === 'ended' || !following.wait) return;
      if (following.signal?.aborted) return;
      await pause(stepMs);
    }
  } finally {
    closeSync(file);
  }
}
