import { dirname } from 'node:path';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { concluded, type RunOutcome } from '../../domain/dispatch-outcome.ts';
import { type DispatchProgress, noProgress, progressed } from '../../domain/dispatch-progress.ts';
import { oneLine } from '../../domain/plain-text.ts';
import type { EndedProcesses } from '../../domain/process.ts';
import { readEvents } from '../../domain/stream-event.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Ask } from '../git/ask.ts';
import { openRuns } from '../runs.ts';
import { type GrowingLines, openLines } from './lines.ts';
import { lastWords, readSnapshot, runFiles, writeRecord } from './run-folder.ts';
import { readWorkDone } from './work-done.ts';

/** The progress after the lines that came since. */
export function followed(progress: DispatchProgress, lines: Iterable<string>): DispatchProgress {
  let now = progress;
  for (const line of lines) for (const event of readEvents(line)) now = progressed(now, event);
  return now;
}

/** The progress after everything there is; for when nobody writes any more. */
export function followedToEnd(progress: DispatchProgress, lines: GrowingLines): DispatchProgress {
  const last = followed(progress, lines.next());
  return followed(last, [lines.last() ?? '']);
}

/** The progress of a run from its whole stream. */
export function progressOf(folder: string): DispatchProgress {
  const lines = openLines(runFiles(folder).stream);
  try {
    return followedToEnd(noProgress, lines);
  } finally {
    lines.close();
  }
}

/** Gathers what git shows, judges the run and writes its final record. */
export async function conclude(
  folder: string,
  record: DispatchRecord,
  ask: Ask,
  outcome: Omit<RunOutcome, 'work' | 'complaint'> & { readonly fault?: string | undefined },
): Promise<DispatchRecord> {
  const work = await readWorkDone(ask, record, readSnapshot(folder), await busyCheckouts(folder, record));
  const complaint = outcome.fault ?? lastWords(runFiles(folder).stderr) ?? outcome.progress.garbage;
  const final = concluded(record, { ...outcome, work, complaint });
  writeRecord(folder, final);
  return final;
}

/** Checkouts where another run was at work at some time during this one; `undefined` ends are still to come. */
export async function busyCheckouts(folder: string, record: DispatchRecord): Promise<ReadonlySet<string>> {
  const began = Date.parse(record.dispatch.started_at ?? '');
  const runs = await openRuns(dirname(dirname(folder))).list();
  return new Set(
    runs.flatMap(({ phase, dispatch }) => {
      const overlaps = phase !== 'ended' || Date.parse(dispatch.finished_at ?? '') >= began;
      return overlaps &&
        dispatch.dispatch_id !== record.dispatch.dispatch_id &&
        dispatch.worktree_path !== null
        ? [dispatch.worktree_path]
        : [];
    }),
  );
}

/** Names what had to be ended after a run, and what could not be. */
export function processWarnings({ ended, survivors }: EndedProcesses, claude: number | undefined): Warning[] {
  const name = (processes: EndedProcesses['ended']) => {
    const shown = processes.slice(0, 5).map(({ pid, command }) => `${oneLine(command, 80)} (${pid})`);
    return `${shown.join(', ')}${processes.length > 5 ? ` and ${processes.length - 5} more` : ''}`;
  };
  const others = ended.filter(({ pid }) => pid !== claude);
  return [
    ...(others.length === 0
      ? []
      : [
          {
            code: 'processes_ended',
            message: `processes that the run had started were ended: ${name(others)}`,
          },
        ]),
    ...(survivors.length === 0
      ? []
      : [
          {
            code: 'processes_left',
            message: `processes of the run could not be ended: ${name(survivors)}`,
          },
        ]),
  ];
}
