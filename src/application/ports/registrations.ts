import type { CreationRecord } from '../../domain/creation-record.ts';
import type { OpenIntent } from './state.ts';

/** On whose behalf a git child writes: it is recorded in the intent and carries the intent's marker. */
export type Writer = Pick<OpenIntent, 'id' | 'child'>;

/**
 * How closely to look for the work of others. `fresh`: this process has just made the folder, so file names tell.
 * `left`: a creation that was killed, perhaps long ago; contents and ignored files count too. `whole`: all files
 * were there, and provisioning has added ignored ones.
 */
export type Suspicion = 'fresh' | 'left' | 'whole';

/** Files of a folder by their path, each with a mark that changes when somebody writes it. */
export type SeenFiles = ReadonlyMap<string, string>;

/** What creating a worktree does to git and the disk, step by step, and how it is taken back. */
export type Registrations = {
  /**
   * Registers the worktree without files, and with a new branch when the record says so; gives its git folder.
   * Until `unlock` it is locked in the name of the intent: nobody prunes it, and recovery knows it for ours.
   */
  readonly add: (creation: CreationRecord, writer: Writer) => Promise<string>;
  /** The git folder of the registration that an intent made. */
  readonly find: (intentId: string) => Promise<string | undefined>;
  /** Writes the files of HEAD. */
  readonly checkOut: (
    creation: CreationRecord,
    writer: Writer,
    options: { readonly alone: boolean; readonly signal: AbortSignal },
  ) => Promise<void>;
  readonly unlock: (gitDir: string) => Promise<void>;
  /** Runs the post-checkout hook as git does after `worktree add`; gives its complaint when it failed. */
  readonly runHook: (
    creation: CreationRecord,
    writer: Writer,
    signal: AbortSignal,
  ) => Promise<string | undefined>;
  /** Refreshes a fresh index once the second it was written in is over, so that no later status reads the files again. */
  readonly settleIndex: (path: string, gitDir: string, signal: AbortSignal) => Promise<void>;
  /** What is in the folder (or on the branch) and not from this creation: taking it back would lose it. */
  readonly strangers: (creation: CreationRecord, suspicion: Suspicion) => Promise<readonly string[]>;
  /** The files that are in the folder now; to be asked before `strangers`. */
  readonly seen: (creation: CreationRecord) => Promise<SeenFiles>;
  /**
   * Removes these files from the folder, if it is the one that this registration names, and gives what has come or
   * was changed since they were seen: that stays. Slow, and needs no lock.
   */
  readonly empty: (creation: CreationRecord, seen: SeenFiles) => Promise<readonly string[]>;
  /**
   * Removes folder, registration, branch (while it stands where it was made) and the parents made for it; a folder in
   * which something is stays a worktree, unlocked.
   */
  readonly remove: (creation: CreationRecord) => Promise<void>;
};
