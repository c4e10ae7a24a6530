import type { ArchiveManifest } from '../../domain/archive.ts';
import type { MergedPullRequest } from '../../domain/pull-request.ts';
import type { Stash } from '../../domain/stash.ts';

/** What is done for a worktree before and after it goes. */
export type Farewell = {
  /**
   * Copies run folders and the files that match the globs into a new folder, which is there whole or not at all.
   * Throws `cannot_save` when anything could not be copied.
   */
  readonly archive: (what: {
    readonly worktree: string;
    readonly runs: readonly { readonly id: string; readonly folder: string }[];
    readonly globs: readonly string[];
    readonly folder: string;
    readonly manifest: Omit<ArchiveManifest, 'version' | 'files' | 'runs'>;
    readonly signal: AbortSignal;
  }) => Promise<string>;
  /** Takes back an archive that was made for a removal that did not happen. */
  readonly withdraw: (folder: string) => Promise<void>;
  /** Bytes on disk; `undefined` where a part could not be read. */
  readonly size: (folder: string) => Promise<number | undefined>;
  /** Merged pull requests of the repository, where `gh` tells; none where it does not. */
  readonly mergedPullRequests: () => Promise<readonly MergedPullRequest[]>;
  readonly stashes: () => Promise<readonly Stash[]>;
  /** Deletes a branch of a remote while it stands where it was last seen. Throws `push_rejected`. */
  readonly deleteRemoteBranch: (what: {
    readonly remote: string;
    readonly branch: string;
    readonly at: string;
    readonly signal: AbortSignal;
  }) => Promise<void>;
  /**
   * Gives pre-commit's hooks that name an interpreter in a worktree that is gone the one of a survivor; gives the
   * hooks for which there is none.
   */
  readonly mendHooks: (gone: string, survivors: readonly string[]) => Promise<MendedHooks>;
};
export type MendedHooks = {
  readonly mended: readonly string[];
  readonly broken: readonly string[];
  /** The interpreter that they have now. */
  readonly python: string | undefined;
};
