import type { Copies, Touch } from '../../domain/path-collision.ts';
import type { Sha } from '../../domain/sha.ts';

/** A worktree's folder and the commit that it stands on. */
export type Place = { readonly path: string; readonly head: Sha };

/** The copies of one file in many worktrees. Paths are relative to their tops. */
export type FileCopies = {
  /** What each worktree and its commit have at the path, in one git process; an `Error` where a folder cannot be read. */
  readonly at: (places: readonly Place[], path: string) => Promise<readonly (Copies | Error)[]>;
  /** What a worktree has changed there and not committed, as git sees it (ignored files do not count). */
  readonly uncommitted: (worktree: string, path: string) => Promise<Touch | undefined>;
  /** What a file that was there is called in the second commit. */
  readonly renamedTo: (from: Sha, to: Sha, path: string) => Promise<string | undefined>;
};
