import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type DispatchRecord, StopRequest } from '../../domain/dispatch.ts';
import { isFailure } from '../../domain/failure.ts';
import { Snapshot } from '../../domain/leaks.ts';
import { oneLine } from '../../domain/plain-text.ts';
import { ProcessIdentity } from '../../domain/process.ts';
import { atomicWrite, draftOf } from '../atomic-write.ts';
import { readState } from '../facts.ts';
import { ownIdentity } from '../processes.ts';
import { readRecord } from '../runs.ts';

/** The files of `runs/<dispatch_id>/`. */
export const runFiles = (folder: string) => ({
  record: join(folder, 'run.json'),
  prompt: join(folder, 'prompt.md'),
  /** What a session is asked that is continued by the run itself; attempts count from 1. */
  nextPrompt: (attempt: number) => join(folder, `prompt-${attempt}.md`),
  /** What the command wrote that decided after an attempt. */
  check: (attempt: number) => join(folder, `check-${attempt}.log`),
  /** claude's stdout, appended by claude itself, so that nothing is lost when the supervisor dies. */
  stream: join(folder, 'stream.jsonl'),
  /** claude's settings, with the guard's hooks. */
  settings: join(folder, 'settings.json'),
  /** claude's stderr. */
  stderr: join(folder, 'stderr.log'),
  /** The supervisor's own words: empty unless it crashed. */
  supervisor: join(folder, 'supervisor.log'),
  /** How those ended that were told of the run. */
  notify: join(folder, 'notify.log'),
  claim: join(folder, 'claim.json'),
  stop: join(folder, 'stop.json'),
  start: join(folder, 'start.json'),
});

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Throws `state_too_new` when a newer wt has written the record meanwhile; a damaged one is replaced. */
export function writeRecord(folder: string, record: DispatchRecord): void {
  refuseNewer(folder);
  atomicWrite(runFiles(folder).record, json(record));
}

function refuseNewer(folder: string): void {
  try {
    readRecord(folder);
  } catch (error) {
    if (isFailure(error, 'state_too_new')) throw error;
  }
}

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
  const path = runFiles(folder).claim;
  const draft = draftOf(path);
  try {
    writeFileSync(draft, json(ownIdentity()), { flag: 'wx', mode: 0o600 });
    link(draft, path); // with its content at once, and only where there is none
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Gives a file a second name; where the file system has no such thing, a copy that is not whole at once. */
function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

/** Who has claimed a run. */
export function readClaim(folder: string): ProcessIdentity | undefined {
  try {
    return ProcessIdentity.parse(JSON.parse(readFileSync(runFiles(folder).claim, 'utf8')));
  } catch {
    return undefined;
  }
}

/** What begins the part of an attempt in claude's stderr, but for the first. */
export const attemptRule = '--- wt: attempt ';

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
  const all = text.split('\n').filter((line) => line.trim() !== '');
  const lines = all.slice(all.findLastIndex((line) => line.startsWith(attemptRule)) + 1);
  const told = lines.find((line) => /error|fatal/i.test(line)) ?? lines.at(-1);
  return told === undefined ? undefined : oneLine(told, 300);
}
