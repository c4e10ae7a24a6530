import type { Obstacle } from '../../domain/failure.ts';
import type { RemovalPlan, TrashEntry } from '../../domain/trash.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { Writer } from './registrations.ts';

/** What is at the path of a registered worktree. */
export type Remains = {
  readonly isThere: boolean;
  /** Why it is not that worktree; `undefined` when it is, or when nothing is there. */
  readonly impostor: string | undefined;
  /** What git is in the middle of there. */
  readonly operation: string | undefined;
  readonly obstacle: Obstacle | undefined;
};

/**
 * Removed worktrees that can be brought back. The steps are separate and each may have been done before, so that
 * recovery can go on from any of them; a removal has begun once something was moved.
 */
export type Trash = {
  readonly look: (worktree: Worktree, all: readonly Worktree[]) => Promise<Remains>;
  /** Gives an id that was never given before and the places on the right device; makes nothing. */
  readonly plan: (
    worktree: Worktree,
    options: Pick<RemovalPlan, 'deletes_branch' | 'parents_end'>,
  ) => Promise<RemovalPlan>;
  /**
   * Makes refs for everything that only this worktree refers to: HEAD, index, operations under way, reflogs. Gives a
   * mark by which `moveIn` sees whether anything was added since.
   */
  readonly keep: (plan: RemovalPlan, writer: Writer) => Promise<string>;
  /**
   * Renames folder and registration into the trash and gives the entry as it is then. Throws `not_this_worktree` and
   * `cannot_save`.
   */
  readonly moveIn: (plan: RemovalPlan, writer: Writer, mark?: string) => Promise<TrashEntry>;
  readonly hasBegun: (plan: RemovalPlan) => Promise<boolean>;
  /** Takes back what was prepared for a removal that has not begun. */
  readonly discard: (plan: RemovalPlan, writer: Writer) => Promise<void>;
  /** From now on `list` gives the entry. */
  readonly record: (entry: TrashEntry) => Promise<void>;
  /** What can be undone, the last removed first. */
  readonly list: () => Promise<readonly TrashEntry[]>;
  /** What an entry should have and does not: its disk may not be mounted. */
  readonly missing: (entry: TrashEntry) => Promise<string | undefined>;
  /** Whether the folder of an entry that had none is at its path after all: its disk is back. */
  readonly isHome: (entry: TrashEntry) => Promise<boolean>;
  /** Recreates the branch of an entry with its reflog, unless it is there; `false` when it stands elsewhere. */
  readonly restoreBranch: (entry: TrashEntry, writer: Writer) => Promise<boolean>;
  /** Renames both back; what git knows the registration by is mended when its name was taken. Throws `path_exists`. */
  readonly moveOut: (entry: TrashEntry) => Promise<void>;
  /** Whether anything of an entry has been moved back. */
  readonly isComingBack: (entry: TrashEntry) => Promise<boolean>;
  /** Drops the refs and the record, once everything is back. */
  readonly forget: (entry: TrashEntry, writer: Writer) => Promise<void>;
  readonly has: (entry: TrashEntry) => Promise<boolean>;
  /** Where the folder of an entry lies; `undefined` when it had been deleted before it was removed. */
  readonly folder: (entry: TrashEntry) => Promise<string | undefined>;
  /** Takes an entry out of the trash in one step, to be deleted by `sweep`; `false` when it is not there. */
  readonly release: (entry: TrashEntry) => Promise<boolean>;
  /**
   * Deletes the folder of a worktree that is still in its place and that the attic has; a mount point stays, empty.
   * Throws `not_this_worktree`.
   */
  readonly clear: (entry: TrashEntry) => Promise<void>;
  readonly dropRefs: (entry: TrashEntry, writer: Writer) => Promise<void>;
  /** Deletes what was released; gives what could not be deleted. */
  readonly sweep: (signal: AbortSignal) => Promise<readonly Undeleted[]>;
  /** The folders of what was released and is not deleted yet. */
  readonly released: () => Promise<readonly string[]>;
  /** Sets the time of the next look; `undefined` while there is nothing to look at. */
  readonly lookAgain: (at: Date | undefined) => Promise<void>;
};

export type Undeleted = { readonly path: string; readonly why: string };
