import type { DispatchRecord, DispatchRequest } from '../../domain/dispatch.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Worktree } from '../../domain/worktree.ts';

/** The records of runs, newest first. Readers need no lock. */
export type Runs = {
  readonly list: () => Promise<readonly DispatchRecord[]>;
  readonly read: (dispatchId: string) => Promise<DispatchRecord | undefined>;
  readonly folder: (dispatchId: string) => string;
};

/** Starts and ends the detached supervisors that own claude. */
export type Supervisors = {
  /** Makes the run's folder and record under the repository's lock, then starts its supervisor. */
  readonly start: (run: {
    readonly worktree: Worktree;
    readonly prompt: string;
    readonly request: DispatchRequest;
    readonly startSha: Sha;
    readonly sessionId: string;
  }) => Promise<DispatchRecord>;
  /** Asks a run's supervisor to end claude; where it is dead, ends everything the run left. */
  readonly stop: (
    record: DispatchRecord,
    why: 'cancelled' | 'interrupted',
    graceMs: number,
  ) => Promise<DispatchRecord>;
  /** The record as the evidence has it now: a dead supervisor without a result is `lost`, and what it left is ended. */
  readonly reconcile: (record: DispatchRecord) => Promise<DispatchRecord>;
  /** The lines of a run's stream from the beginning, and as they come until the run ends. */
  readonly stream: (
    dispatchId: string,
    options: { readonly follow: boolean; readonly signal: AbortSignal },
  ) => Promise<AsyncIterable<string>>;
};
