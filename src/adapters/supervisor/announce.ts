import { dirname, join } from 'node:path';
import type { Locks } from '../../application/ports/state.ts';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { adoptedEvent, finishedEvent, type NewEvent, parkedEvent, startedEvent } from '../../domain/event.ts';
import { isFailure } from '../../domain/failure.ts';
import type { Warning } from '../../domain/warning.ts';
import { sweepAbandoned } from '../atomic-write.ts';
import { openEvents } from '../events.ts';
import { openAsk } from '../git/ask.ts';
import { mainWorkTree } from '../git/discover.ts';
import { openLocks } from '../lock.ts';
import { exists, livenessOf, ownIdentity } from '../processes.ts';
import { readRecord } from '../runs.ts';
import { startSupervisor } from './launch.ts';
import { log, notify } from './notify.ts';
import { retireRuns } from './retire.ts';
import { writeRecord } from './run-folder.ts';

/** What the supervisor of this process has still to tell, in order, while it watches its run. */
let events: Promise<readonly Warning[]> = Promise.resolve([]);
let notices: Promise<void> = Promise.resolve();

/** Tells in the background that a process of claude was started. */
export function tellStarted(folder: string, record: DispatchRecord): void {
  later(folder, startedEvent(record));
}

/** Tells in the background that this process has taken the run over. */
export function tellAdopted(folder: string, record: DispatchRecord): void {
  later(folder, adoptedEvent(record));
}

/** Tells in the background that the run waits for a limit to be over. */
export function tellParked(folder: string, record: DispatchRecord): void {
  later(folder, parkedEvent(record));
  notices = notices.then(() => tellCommands(folder, record)).catch(logged(folder, undefined));
}

function later(folder: string, event: NewEvent): void {
  const append = async (earlier: readonly Warning[]) => [
    ...earlier,
    ...(await journalOf(folder).append(event)),
  ];
  events = events.then(append).catch(logged(folder, []));
}

const logged =
  <T>(folder: string, otherwise: T) =>
  (error: unknown): T => {
    log(folder, error instanceof Error ? `${error.stack}` : String(error));
    return otherwise;
  };

/**
 * Tells of the end of a run whose final record is on disk: first the journal, then the commands that the user named,
 * then the record says so. A command that concludes a run in the place of its supervisor waits for no other
 * command: it leaves those to a process of their own. Throws nothing.
 */
export async function announce(folder: string, record: DispatchRecord): Promise<void> {
  try {
    if (isOwn(record)) await tellAll(folder, record);
    else await tellAndLeave(folder, record);
  } catch (error) {
    logged(folder, undefined)(error);
  }
}

/**
 * Tells of the end of a run in the place of a supervisor that was killed before it had done so. Of one that is still
 * about to tell the journal is told at once: who knows that a run has ended finds the event.
 */
export async function announceLeft(
  folder: string,
  seen: DispatchRecord,
  locks: Locks,
): Promise<DispatchRecord> {
  if (seen.announced) return seen;
  try {
    if (keeperOf(seen) === 'alive') await journalOf(folder).append(finishedEvent(seen));
    if (!isLeft(seen)) return seen;
    return await locks.hold(
      'runs',
      async () => {
        const record = readRecord(folder);
        if (record === undefined || !isLeft(record)) return record ?? seen;
        await announce(folder, record);
        return readRecord(folder) ?? seen;
      },
      { purpose: 'telling of the end of a run', waitMs: 5_000 },
    );
  } catch (error) {
    if (!isFailure(error)) throw error;
    return seen; // the next command tries again
  }
}

/** The other life of a supervisor: it keeps a run that has ended while the user's commands are told of that. */
export async function finishTelling(folder: string): Promise<void> {
  const record = await locksOf(folder).hold('runs', async () => {
    const now = readRecord(folder);
    if (now === undefined || !isLeft(now)) return undefined;
    const kept = { ...now, supervisor: ownIdentity() };
    writeRecord(folder, kept);
    return kept;
  });
  if (record !== undefined) await announce(folder, record);
}

const keeperOf = ({ supervisor, launcher }: DispatchRecord) => livenessOf(supervisor ?? launcher);

const isLeft = (record: DispatchRecord): boolean =>
  record.phase === 'ended' && !record.announced && keeperOf(record) === 'dead';

function isOwn({ supervisor }: DispatchRecord): boolean {
  const own = ownIdentity();
  return supervisor?.pid === own.pid && supervisor.start_time === own.start_time;
}

async function tellAll(folder: string, record: DispatchRecord): Promise<void> {
  const earlier = await events;
  const unwritten = await journalOf(folder).append(finishedEvent(record));
  notices = notices.then(() => tellCommands(folder, record));
  await notices;
  save(folder, record, { announced: unwritten.length === 0, warnings: [...earlier, ...unwritten] });
  const ask = askOf(folder);
  await retireRuns({ stateDir: stateDirOf(folder), ask, locks: locksOf(folder), now: Date.now() });
}

async function tellAndLeave(folder: string, record: DispatchRecord): Promise<void> {
  const unwritten = await journalOf(folder).append(finishedEvent(record));
  if (unwritten.length > 0) return; // the next command tries again
  if (record.request.notify.length === 0) save(folder, record, { announced: true, warnings: [] });
  else startSupervisor({ variables: process.env }, folder, process.argv[1] ?? '');
}

function save(
  folder: string,
  record: DispatchRecord,
  { announced, warnings }: { readonly announced: boolean; readonly warnings: readonly Warning[] },
): void {
  const { dispatch } = record;
  const all = [...dispatch.warnings, ...warnings];
  sweepAbandoned(folder, exists); // the run is left alone from here on
  writeRecord(folder, { ...record, announced, dispatch: { ...dispatch, warnings: all } });
}

async function tellCommands(folder: string, record: DispatchRecord): Promise<void> {
  if (record.request.notify.length === 0) return;
  const main = await mainWorkTree(askOf(folder), commonDirOf(folder)).catch(() => undefined);
  await notify(folder, record, { cwd: main ?? folder });
}

const stateDirOf = (folder: string) => dirname(dirname(folder));
const commonDirOf = (folder: string) => dirname(stateDirOf(folder));
const locksOf = (folder: string) => openLocks(join(stateDirOf(folder), 'locks'));
const journalOf = (folder: string) => openEvents(stateDirOf(folder), locksOf(folder));
const askOf = (folder: string) =>
  openAsk({ cwd: commonDirOf(folder), isFound: true, variables: process.env });
