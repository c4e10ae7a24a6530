import type { Binding, Bound } from '../../domain/orchestration/binding.ts';
import type { Happening } from '../../domain/orchestration/recording.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Lease } from './state.ts';

/** What became of an entry in the coordinator's file. */
export type Recorded = {
  /** What the file says now; `undefined` where that is not known. */
  readonly bound: Bound | undefined;
  /** Ids of the checkpoints that were entered. */
  readonly checkpoints: readonly string[];
  readonly warnings: readonly Warning[];
  /** It was not entered only because somebody held the lock: it can be tried again. */
  readonly isBusy: boolean;
};

export type RecordOptions = {
  /** The repository's lock, where it is held already. */
  readonly lease?: Lease;
  readonly waitMs?: number;
  /** Which of some paths from the top of the repository are in the work that is recorded, for its artifact. */
  readonly work?:
    | {
        readonly has: (paths: readonly string[]) => Promise<readonly string[]>;
        readonly changed: readonly string[];
      }
    | undefined;
};

/** Enters in the coordinator's ORCHESTRATION.yaml what happens to agents. Nothing in here throws: it never fails a run. */
export type Recorder = {
  readonly record: (binding: Binding, happening: Happening, options?: RecordOptions) => Promise<Recorded>;
};
