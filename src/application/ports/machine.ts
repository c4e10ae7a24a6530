import type { EndedProcesses, ProcessIdentity, RunningProcess } from '../../domain/process.ts';

export type Processes = {
  readonly own: () => ProcessIdentity;
  readonly liveness: (recorded: ProcessIdentity) => 'alive' | 'dead' | 'unknown';
  /** Processes whose current directory is inside; `undefined` when that cannot be known. */
  readonly inside: (path: string) => Promise<readonly RunningProcess[] | undefined>;
  /** Whether wt itself, or anything that it was started by, has its current directory inside. */
  readonly standsIn: (path: string) => Promise<boolean>;
  /** wt itself, everything it was started by, and the leaders of their groups and sessions: never to be ended. */
  readonly ancestors: () => Promise<readonly number[]>;
  readonly end: (what: {
    readonly roots: readonly ProcessIdentity[];
    readonly marker?: { readonly name: string; readonly value: string };
    readonly graceMs: number;
  }) => Promise<EndedProcesses>;
};

/** Folders on disk, apart from what git does. */
export type Folders = {
  readonly real: (path: string) => Promise<string | undefined>;
  /** The innermost of the folders that contains a path (relative to `cwd`; `~` is `home`), symlinks resolved. */
  readonly containing: (
    folders: readonly string[],
    path: string,
    cwd: string,
    home: string,
  ) => Promise<string | undefined>;
  /**
   * Where a new folder would be: absolute (relative to `cwd`; `~` is `home`), symlinks of its parents resolved, with
   * the innermost parent that exists, and whether that is a folder.
   */
  readonly place: (
    path: string,
    cwd: string,
    home: string,
  ) => Promise<{ readonly path: string; readonly parent: string; readonly parentIsFolder: boolean }>;
  readonly kind: (path: string) => Promise<'absent' | 'empty-folder' | 'folder' | 'file' | 'symlink'>;
  /** When a folder was made; `undefined` when it is not there. */
  readonly born: (path: string) => Promise<Date | undefined>;
  /** Text that is the same for two files that hold the same; `undefined` when it is none, cannot be read or is larger than a few MB. */
  readonly digest: (path: string) => Promise<string | undefined>;
  /** Removes a folder that wt made, with everything in it. */
  readonly remove: (path: string) => Promise<void>;
  /** Removes the empty parents of a path up to and without `stop`. */
  readonly pruneParents: (path: string, stop: string) => Promise<void>;
};
