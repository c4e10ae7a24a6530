import { closeSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type DispatchRecord, StopRequest } from '../../domain/dispatch.ts';
import { Snapshot } from '../../domain/leaks.ts';
import { oneLine } from '../../domain/plain-text.ts';
import { ProcessIdentity } from '../../domain/process.ts';
import { atomicWrite } from '../atomic-write.ts';
import { readState } from '../facts.ts';
import { ownIdentity } from '../processes.ts';

/** The files of `runs/<dispatch_id>/`. */
export const runFiles = (folder: string) => ({
  record: join(folder, 'run.json'),
  prompt: join(folder, 'prompt.md'),
  /** claude's stdout, appended by claude itself, so that nothing is lost when the supervisor dies. */
  stream: join(folder, 'stream.jsonl'),
  /** claude's stderr. */
  stderr: join(folder, 'stderr.log'),
  /** The supervisor's own words: empty unless it crashed. */
  supervisor: join(folder, 'supervisor.log'),
  claim: join(folder, 'claim.json'),
  stop: join(folder, 'stop.json'),
  start: join(folder, 'start.json'),
});

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

export const writeRecord = (folder: string, record: DispatchRecord): void =>
  atomicWrite(runFiles(folder).record, json(record));

export const writeSnapshot = (folder: string, snapshot: Snapshot): void =>
  atomicWrite(runFiles(folder).start, JSON.stringify(snapshot));

/** The state of the checkouts before the run; `undefined` when it was never taken. */
export const readSnapshot = (folder: string): Snapshot | undefined =>
  readState(runFiles(folder).start, Snapshot, 1);

export const requestStop = (folder: string, request: Omit<StopRequest, 'version'>): void =>
  atomicWrite(runFiles(folder).stop, json({ version: 1, ...request }));

export const readStop = (folder: string): StopRequest | undefined =>
  readState(runFiles(folder).stop, StopRequest, 1);

/**
 * Takes a run that is being prepared, once and for all: its supervisor does, or whoever finds that its launcher
 * has died. The one that comes second leaves it alone.
 */
export function claim(folder: string): boolean {
  try {
    const file = openSync(runFiles(folder).claim, 'wx', 0o600);
    writeSync(file, json(ownIdentity()));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Who has claimed a run; `undefined` also for the microseconds before it has written its name. */
export function readClaim(folder: string): ProcessIdentity | undefined {
  try {
    return ProcessIdentity.parse(JSON.parse(readFileSync(runFiles(folder).claim, 'utf8')));
  } catch {
    return undefined;
  }
}

/** The line of a log that says most: the first error in its last few kilobytes, else its last line. */
export function lastWords(path: string): string | undefined {
  let text: string;
  try {
    const bytes = Buffer.alloc(8 * 1024);
    const file = openSync(path, 'r');
    const count = readSync(file, bytes, 0, bytes.length, Math.max(0, statSync(path).size - bytes.length));
    closeSync(file);
    text = bytes.toString('utf8', 0, count);
  } catch {
    return undefined;
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const told = lines.find((line) => /error|fatal/i.test(line)) ?? lines.at(-1);
  return told === undefined ? undefined : oneLine(told, 300);
}
