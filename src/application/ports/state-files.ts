import type { ParsedYaml } from '../../domain/yaml-tree.ts';
import type { Lease } from './state.ts';

/** A state file as it is on disk. */
export type StateFile = {
  /** Its real path: behind links, and inside of the repository where it is to be written. */
  readonly path: string;
  readonly text: string;
};

/** What a change makes of a file's text, and what the caller wants to know of it. The same text: nothing is written. */
export type Changed<T> = { readonly text: string; readonly result: T };

/**
 * The ledger of the files in which people, agents and wt keep the state of a workflow: ORCHESTRATION.yaml and
 * WORKTRACKER.md. Whatever wt writes in them goes through here.
 */
export type StateFiles = {
  /** The file as it is. Throws `file_not_found`, and `command_failed` for what is no text file of at most 2 MB. */
  readonly read: (path: string) => Promise<StateFile>;
  /**
   * Changes a file under the repository's lock: reads it, has it changed, looks that it still is what was read, and
   * replaces it in one step that survives a crash. `change` may be called again with another text, when the file
   * changed underneath, and throws what it refuses. Throws `not_this_worktree` for a file outside of `within`,
   * `busy` when the file does not come to rest, and `command_failed` when it may not be written.
   */
  readonly update: <T>(
    path: string,
    change: (file: StateFile) => Promise<Changed<T>>,
    options: UpdateOptions,
  ) => Promise<T>;
  /** Makes a new file, with its folders, under the same lock. Throws `path_exists`. */
  readonly create: (path: string, text: string, options: UpdateOptions) => Promise<void>;
  /** The files with this name that git tracks below a worktree's top, from there. One git process. */
  readonly tracked: (top: string, name: string) => Promise<readonly string[]>;
  /**
   * Whether a file of one of these names may be in one of these indexes: without a git process, and never `false` where
   * there is one.
   */
  readonly mayHold: (gitDirs: readonly string[], names: readonly string[]) => Promise<boolean>;
  /** Which of some paths there are. */
  readonly present: (paths: readonly string[]) => Promise<ReadonlySet<string>>;
  /** The project of a worktree, by wt's own record; without a git process. */
  readonly projectOf: (top: string) => Promise<string | undefined>;
  readonly parseYaml: (text: string) => Promise<ParsedYaml>;
};
export type UpdateOptions = {
  /** The top of the worktree that the file has to be in, behind links too. */
  readonly within: string;
  /** What the lock is held for, as a waiting process tells it. */
  readonly purpose: string;
  readonly signal?: AbortSignal;
  /** The repository's lock, where whoever asks holds it already. */
  readonly lease?: Lease | undefined;
  /** Milliseconds until `busy`. */
  readonly waitMs?: number | undefined;
  readonly onWait?: (holder: string, waitedMs: number) => void;
};
