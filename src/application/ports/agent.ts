import type { Guard, OwnSettings } from '../../domain/agent-settings.ts';
import type { DispatchRecord, DispatchRequest } from '../../domain/dispatch.ts';
import type { Failure } from '../../domain/failure.ts';
import type { Binding } from '../../domain/orchestration/binding.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Worktree } from '../../domain/worktree.ts';

/** The records of runs, newest first. Readers need no lock. */
export type Runs = {
  readonly list: () => Promise<readonly DispatchRecord[]>;
  /** Throws when there is a record that cannot be read. */
  readonly read: (dispatchId: string) => Promise<DispatchRecord | undefined>;
  /** The runs that `list` leaves out because their record cannot be read (a newer wt, a damaged file). */
  readonly unreadable: () => Promise<readonly { readonly dispatchId: string; readonly failure: Failure }[]>;
  readonly folder: (dispatchId: string) => string;
};

/** A run to be started. */
export type NewRun = {
  readonly worktree: Worktree & { readonly head: Sha };
  /** The other checkouts whose files are compared before and after. */
  readonly watched: readonly string[];
  readonly prompt: string;
  /** `settingsPlace` among the arguments becomes the file of generated settings. */
  readonly request: DispatchRequest;
  readonly settings?: OwnSettings | undefined;
  readonly conflictWarning: Guard['conflictWarning'];
  readonly sessionId: string;
  readonly binding?: Binding | undefined;
  readonly warnings?: readonly Warning[] | undefined;
  readonly onWait?: (holder: string) => void;
};

/**
 * What following a run brings: its record whenever that changed, its lines, an attempt (after the first) before its
 * lines, and a tick a few times a second.
 */
export type RunNews =
  | { readonly kind: 'record'; readonly record: DispatchRecord }
  | { readonly kind: 'attempt'; readonly number: number; readonly record: DispatchRecord }
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'tick' };

/** Starts and ends the detached supervisors that own claude. */
export type Supervisors = {
  /**
   * Makes the run's folder and record under the repository's lock and starts its supervisor; gives the record
   * once claude runs, or could not be started. Throws `dispatch_running`.
   */
  readonly start: (run: NewRun) => Promise<DispatchRecord>;
  /** Asks a run's supervisor to end claude; where it is dead or deaf, ends everything the run left. */
  readonly stop: (
    record: DispatchRecord,
    cause: 'cancelled' | 'interrupted',
    graceMs: number,
  ) => Promise<DispatchRecord>;
  /** The record as the evidence has it now: a dead supervisor without a result is `lost`, and what it left is ended. */
  readonly reconcile: (record: DispatchRecord) => Promise<DispatchRecord>;
  /** The same for commands that only look: nothing is written and nothing ended. */
  readonly look: (record: DispatchRecord) => Promise<DispatchRecord>;
  /**
   * What happens in a run, from the beginning until it has ended (its last record comes last), or until the
   * signal is aborted. Without `lines` the stream is not read. Without `wait` only what is there now.
   */
  readonly follow: (
    dispatchId: string,
    options: { readonly lines: boolean; readonly wait: boolean; readonly signal?: AbortSignal },
  ) => Promise<AsyncIterable<RunNews>>;
  /** The bytes of the stream as they are, however long its lines. */
  readonly raw: (
    dispatchId: string,
    options: { readonly wait: boolean; readonly signal?: AbortSignal },
  ) => Promise<AsyncIterable<Uint8Array>>;
};
