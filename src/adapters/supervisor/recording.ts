import { dirname, join } from 'node:path';
import type { Recorder, RecordOptions } from '../../application/ports/recorder.ts';
import { type DispatchRecord, isCompleteWithWork } from '../../domain/dispatch.ts';
import type { Binding, RunRecording } from '../../domain/orchestration/binding.ts';
import type { Warning } from '../../domain/warning.ts';
import { type Ask, fields } from '../git/ask.ts';
import { openLocks } from '../lock.ts';
import { livenessOf, ownIdentity } from '../processes.ts';
import { openRecorder } from '../recorder.ts';
import { readRecord } from '../runs.ts';
import { openStateFiles } from '../state-files/state-files.ts';
import { log } from './notify.ts';
import { writeRecord } from './run-folder.ts';
import type { Supervised } from './supervised.ts';

/** How long the file may be waited for: by a supervisor, whom nobody waits for, and by any other command. */
const patienceMs = { supervisor: 15_000, command: 2_000 };
const owedCode = 'recording_owed';
const nothingYet: RunRecording = { began: false, wrote: [], owed: false };

/** What this supervisor is still entering of the beginning of its run. */
let beginning: Promise<void> = Promise.resolve();

/** Enters, while claude is at work, that it is. */
export function recordBegun(run: Supervised): void {
  const { binding, recording } = run.record();
  if (binding === undefined || recording !== undefined) return;
  beginning = begun(run, binding).catch((error: Error) => log(run.folder, `${error.stack}`));
}

/** Before the end is entered. */
export const beginningRecorded = (): Promise<void> => beginning;

async function begun(run: Supervised, binding: Binding): Promise<void> {
  const options = { waitMs: patienceMs.supervisor };
  const recorder = recorderOf(run.folder, run.ask);
  const { bound, warnings, isBusy } = await recorder.record(binding, { kind: 'began' }, options);
  const { dispatch } = run.record();
  run.save({
    recording: { ...nothingYet, began: bound !== undefined },
    dispatch: {
      ...dispatch,
      orchestration: bound ?? dispatch.orchestration,
      warnings: [...dispatch.warnings, ...(isBusy ? [] : warnings)], // what came of it will be entered
    },
  });
}

export type EndAtHand = {
  readonly folder: string;
  /** As the run is concluded, and as it was before. */
  readonly final: DispatchRecord;
  readonly before: DispatchRecord;
  readonly ask: Ask;
  readonly write: (record: DispatchRecord) => Promise<void>;
};

/**
 * Enters what came of a run before its final record is written: a command that finds it killed in between concludes it
 * again, and this with it. Gives the final record with what became of the entry.
 */
export async function recordEnd({ folder, final, before, ask, write }: EndAtHand): Promise<DispatchRecord> {
  const { binding, recording = nothingYet } = final;
  if (binding === undefined) return final;
  const noted = withStatus(recording, final);
  await write({ ...before, recording: noted });
  return entered({ folder, record: { ...final, recording: noted }, ask, recording });
}

/** Enters what came of a run that has ended while the file was being changed all the time. */
export async function recordOwed(folder: string, seen: DispatchRecord, ask: Ask): Promise<DispatchRecord> {
  if (seen.recording?.owed !== true || livenessOf(seen.supervisor ?? seen.launcher) !== 'dead') return seen;
  return locksOf(folder).hold(
    'runs',
    async () => {
      const record = readRecord(folder);
      if (record?.recording?.owed !== true) return record ?? seen;
      const told = await entered({ folder, record, ask, recording: record.recording });
      writeRecord(folder, told);
      return told;
    },
    { purpose: 'recording what a run came to', waitMs: patienceMs.command },
  );
}

const isDone = ({ dispatch, request }: DispatchRecord): boolean =>
  isCompleteWithWork(dispatch) || (dispatch.status === 'complete' && request.allow_empty);

const withStatus = (recording: RunRecording, final: DispatchRecord): RunRecording => ({
  ...recording,
  wrote: [...new Set([...recording.wrote, isDone(final) ? ('COMPLETE' as const) : ('FAILED' as const)])],
});

async function entered({
  folder,
  record,
  ask,
  recording,
}: {
  readonly folder: string;
  readonly record: DispatchRecord;
  readonly ask: Ask;
  readonly recording: RunRecording;
}): Promise<DispatchRecord> {
  const { binding, dispatch } = record;
  if (binding === undefined) return record;
  const { began, wrote } = recording;
  const isOwn = record.supervisor?.pid === ownIdentity().pid;
  const { bound, warnings, isBusy } = await recorderOf(folder, ask).record(
    binding,
    { kind: 'ended', isComplete: isDone(record), began, wrote },
    {
      waitMs: isOwn ? patienceMs.supervisor : patienceMs.command,
      work: await workOf(ask, record),
    },
  );
  const owed: Warning = {
    code: owedCode,
    message: `${binding.file} is being changed; the next wt command records ${binding.address} there`,
  };
  const earlier = dispatch.warnings.filter(({ code }) => code !== owedCode);
  return {
    ...record,
    recording: { ...(record.recording ?? recording), owed: isBusy },
    dispatch: {
      ...dispatch,
      orchestration: bound ?? dispatch.orchestration,
      warnings: [...earlier, ...(isBusy ? [owed] : warnings)],
    },
  };
}

/** What the commits of a run hold: where git cannot tell, nothing is concluded of it. */
async function workOf(ask: Ask, { dispatch }: DispatchRecord): Promise<RecordOptions['work']> {
  const { start_sha: start, head_sha: head } = dispatch;
  if (start === null || head === null) return undefined;
  const question = [
    'diff-tree',
    '-r',
    '-z',
    '--name-only',
    '--no-renames',
    '--diff-filter=AM',
    start,
    head,
    '--',
  ];
  try {
    const changed =
      start === head ? [] : await ask({ args: question, parse: ({ stdout }) => fields(stdout) });
    return {
      changed,
      has: (paths) =>
        ask({
          args: ['ls-tree', '--full-tree', '-z', '--name-only', head, '--', ...paths],
          parse: ({ stdout }) => fields(stdout),
        }),
    };
  } catch {
    return undefined;
  }
}

const stateDirOf = (folder: string) => dirname(dirname(folder));
const locksOf = (folder: string) => openLocks(join(stateDirOf(folder), 'locks'));
const recorderOf = (folder: string, ask: Ask): Recorder =>
  openRecorder(openStateFiles(ask, locksOf(folder), stateDirOf(folder)), () => new Date());
