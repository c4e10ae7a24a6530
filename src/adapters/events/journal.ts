import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { happeningOf, isSameHappening, type NewEvent, readEvent } from '../../domain/event.ts';
import { atomicWrite, sweepTemporaries } from '../atomic-write.ts';

/** One line per event, appended under the `events` lock. */
export const journalPath = (stateDir: string): string => join(stateDir, 'events.jsonl');

const newline = 10;

export type AppendOptions = {
  readonly now: () => Date;
  /** Bytes beyond which the older half is dropped. */
  readonly most: number;
  /** Throws when the lock is no longer ours. */
  readonly assertHeld: () => void;
};

/** Appends an event with the number after the last, unless the same happening is there; under the lock. */
export function appendToJournal(
  path: string,
  event: NewEvent,
  { now, most, assertHeld }: AppendOptions,
): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, 'a+', 0o600);
  let size: number;
  try {
    const { seq, end } = lastEvent(file);
    assertHeld();
    if (end < fstatSync(file).size) ftruncateSync(file, end); // what a writer that was killed left of a line
    if (isThere(path, event)) return;
    const line = Buffer.from(`${JSON.stringify({ seq: seq + 1, time: now().toISOString(), ...event })}\n`);
    try {
      for (let done = 0; done < line.length; ) done += writeSync(file, line, done);
      fsyncSync(file);
    } catch (error) {
      ftruncateSync(file, end);
      throw error;
    }
    size = end + line.length;
  } finally {
    closeSync(file);
  }
  if (size > most) dropOlderHalf(path, assertHeld);
}

/** The number of the last whole event and where its line ends; what follows was never acknowledged. */
function lastEvent(file: number): { readonly seq: number; readonly end: number } {
  const { size } = fstatSync(file);
  for (let length = Math.min(size, 64 * 1024); length > 0; length = Math.min(size, length * 4)) {
    const start = size - length;
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const count = readSync(file, bytes, done, length - done, start + done);
      if (count === 0) break;
      done += count;
    }
    for (let end = bytes.lastIndexOf(newline); end >= 0; ) {
      const before = end === 0 ? -1 : bytes.lastIndexOf(newline, end - 1);
      if (before === -1 && start > 0) break; // its line may begin further to the front
      const event = readEvent(bytes.toString('utf8', before + 1, end));
      if (event !== undefined) return { seq: event.seq, end: start + end + 1 };
      end = before;
    }
    if (length === size) break;
  }
  return { seq: 0, end: 0 };
}

function isThere(path: string, event: NewEvent): boolean {
  const happening = happeningOf(event);
  if (happening === undefined) return false;
  const bytes = readFileSync(path);
  for (let at = bytes.indexOf(happening); at !== -1; ) {
    const begin = bytes.lastIndexOf(newline, at) + 1;
    const end = bytes.indexOf(newline, at);
    const found = readEvent(bytes.toString('utf8', begin, end));
    if (found !== undefined && isSameHappening(found, event)) return true;
    at = bytes.indexOf(happening, end);
  }
  return false;
}

/** Rewrites the journal without the older half of its lines; those that are kept keep their numbers. */
function dropOlderHalf(path: string, assertHeld: () => void): void {
  const bytes = readFileSync(path);
  const cut = bytes.indexOf(newline, Math.floor(bytes.length / 2)) + 1;
  if (cut === 0 || cut === bytes.length) return; // one line that is larger than the half
  sweepTemporaries(dirname(path), 60_000);
  atomicWrite(path, bytes.subarray(cut), { beforeCommit: assertHeld });
}
