import type { DispatchRecord } from '../../domain/dispatch.ts';
import type { DispatchProgress } from '../../domain/dispatch-progress.ts';
import type { Exit } from '../../domain/dispatch-verdict.ts';
import { progressOf } from './reading.ts';
import { readStop } from './run-folder.ts';

export type Evidence = {
  /** With the request to stop that its supervisor did not come to. */
  readonly record: DispatchRecord;
  /** Of its last attempt. */
  readonly progress: DispatchProgress;
  readonly exit: Exit | undefined;
  readonly started: boolean;
};

/** What a run whose supervisor has died left of itself. */
export function evidenceOf(folder: string, record: DispatchRecord): Evidence {
  const progress = progressOf(folder, record);
  const { exit_code: code, signal, pid, attempts } = record.dispatch;
  // Work that was done is not cancelled, but waiting for more is.
  const isWaiting = record.phase === 'parked' || record.phase === 'checking';
  const asked = isWaiting || progress.result === undefined ? readStop(folder)?.cause : undefined;
  return {
    record: { ...record, stopping: record.stopping ?? asked ?? null },
    progress,
    exit: code === null && signal === null ? undefined : { code, signal },
    started:
      pid !== null || progress.sessionId !== undefined || attempts.some((attempt) => attempt.pid !== null),
  };
}
