import type { Sha } from '../../domain/sha.ts';
import type { TrashEntry } from '../../domain/trash.ts';
import type { Worktree } from '../../domain/worktree.ts';

/** Removed worktrees that can be brought back. The steps are separate so that recovery can go on from any of them. */
export type Trash = {
  /** Why what sits at a registered path is not that worktree; `undefined` when it is, or when nothing is there. */
  readonly impostor: (worktree: Worktree) => Promise<string | undefined>;
  /** Reserves an id and the places on the right devices; nothing is moved yet. */
  readonly prepare: (worktree: Worktree) => Promise<TrashEntry>;
  /** Refs for everything that only this worktree refers to: HEAD, branch, index, operations under way, reflogs. */
  readonly keep: (entry: TrashEntry) => Promise<void>;
  /** Renames folder and registration into the trash; what is done already is skipped. Throws `not_this_worktree`, `cannot_save`. */
  readonly moveIn: (entry: TrashEntry) => Promise<void>;
  /** Whether folder or registration are in the trash already. */
  readonly hasBegun: (entry: TrashEntry) => Promise<boolean>;
  /** Records the entry as removed: from now on `undo` knows it. */
  readonly record: (entry: TrashEntry) => Promise<void>;
  /** Renames both back; what is done already is skipped. Throws `path_exists`. */
  readonly moveOut: (entry: TrashEntry) => Promise<void>;
  /** Drops the refs and the record, once everything is back. */
  readonly forget: (entry: TrashEntry) => Promise<void>;
  /** Recreates the branch at its commit; `false` when it stands elsewhere. */
  readonly restoreBranch: (branch: string, at: Sha) => Promise<boolean>;
  /** What can be undone, newest first. */
  readonly list: () => Promise<readonly TrashEntry[]>;
};
