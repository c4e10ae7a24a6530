import type { DispatchRecord } from '../../domain/dispatch.ts';
import { concluded, type RunOutcome } from '../../domain/dispatch-outcome.ts';
import { oneLine } from '../../domain/plain-text.ts';
import type { EndedProcesses } from '../../domain/process.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Ask } from '../git/ask.ts';
import { lastCheckpoint } from './checkpoints.ts';
import { otherHands } from './overlapping.ts';
import { recordEnd } from './recording.ts';
import { lastWords, readSnapshot, runFiles, writeRecord } from './run-folder.ts';
import { afterFinal, beforeFinal } from './stages.ts';
import { readWorkDone } from './work-done.ts';

export type Conclusion = Omit<RunOutcome, 'work' | 'complaint'> & {
  /** Writes the final record; where that fails at once there is another command to try it. */
  readonly write?: (record: DispatchRecord) => Promise<void>;
};

/** Gathers what git shows, judges the run and writes its final record. */
export async function conclude(
  folder: string,
  record: DispatchRecord,
  ask: Ask,
  { write = async (final) => writeRecord(folder, final), ...outcome }: Conclusion,
): Promise<DispatchRecord> {
  const kept = await beforeFinal({ folder, record, ask });
  const others = await otherHands(folder, kept);
  const work = await readWorkDone(ask, kept, readSnapshot(folder), others, outcome.finishedAt);
  const complaint = lastWords(runFiles(folder).stderr) ?? outcome.progress.garbage;
  const saved = await lastCheckpoint({ folder, record: kept, ask }, work.uncommitted);
  const concludedRun = concluded(saved, { ...outcome, work, complaint });
  const final = await recordEnd({ folder, final: concludedRun, before: saved, ask, write });
  await write(final);
  await afterFinal({ folder, record: final, ask });
  return final;
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
