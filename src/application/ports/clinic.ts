import type { LedgerEntry } from '../../domain/ledger.ts';
import type { LockFile } from '../../domain/lock-file.ts';
import type { Setting } from '../../domain/mirrors.ts';
import type { ProcessIdentity } from '../../domain/process.ts';
import type { Sha } from '../../domain/sha.ts';

/** A folder in `worktrees/` of the common git directory. */
export type Registered = {
  readonly name: string;
  readonly gitDir: string;
  /** Where the worktree is said to be; `undefined` when the registration does not say so. */
  readonly path: string | undefined;
  readonly locked: string | undefined;
  readonly isThere: boolean;
  /** Why what is at the path is not that worktree. */
  readonly impostor: string | undefined;
  /** The folder's `.git` names a registration of the same name in a repository that is gone: the repository moved. */
  readonly isLeftBehind: boolean;
  /** Folders elsewhere that say they are this worktree. */
  readonly elsewhere: readonly string[];
  /** The branch that it keeps anyone else from checking out. */
  readonly branch: string | undefined;
  /** An empty folder, or none, is where its folder was: its disk may not be mounted. */
  readonly isPlaceBare: boolean;
};

/** A landing as it was entered in the ledger: its record, its ref, or both. */
export type LandingTrace = {
  readonly n: number;
  /** Where its record is, or would be. */
  readonly path: string;
  readonly isRecorded: boolean;
  /** `undefined` where the record cannot be read, too. */
  readonly entry: LedgerEntry | undefined;
  readonly ref: Sha | undefined;
};

export type DamagedState = { readonly path: string; readonly why: string; readonly isNewer: boolean };
export type HookStamp = { readonly hook: string; readonly python: string };

/** What `doctor` looks at that no other command does, and how that is mended. */
export type Clinic = {
  readonly registered: () => Promise<readonly Registered[]>;
  /** The locks of gits; with a time, those made since. */
  readonly lockFiles: (since?: Date) => Promise<readonly LockFile[]>;
  /** Drafts and scratch folders of wt that are older than an hour. */
  readonly leftovers: () => Promise<readonly string[]>;
  readonly damaged: () => Promise<readonly DamagedState[]>;
  /** By their numbers. */
  readonly landings: () => Promise<readonly LandingTrace[]>;
  /** Makes the ref of a landing that has none. */
  readonly keepLanding: (n: number, commit: Sha) => Promise<void>;
  /** Removes the ref of a landing that is still at this commit. */
  readonly dropLanding: (n: number, commit: Sha) => Promise<void>;
  readonly settings: (pattern: string) => Promise<readonly Setting[]>;
  /** Hooks of pre-commit whose interpreter is gone. */
  readonly staleStamps: () => Promise<readonly HookStamp[]>;
  readonly exists: (path: string) => Promise<boolean>;
  readonly identityOf: (pid: number) => Promise<ProcessIdentity | undefined>;
  readonly repair: (path: string) => Promise<void>;
  readonly unlock: (gitDir: string, reason: string) => Promise<void>;
  /** Removes a lock file that is still the one that was looked at. */
  readonly dropLock: (file: LockFile) => Promise<boolean>;
  readonly remove: (path: string) => Promise<void>;
};
