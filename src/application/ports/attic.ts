import type { AtticRef, Survey } from '../../domain/attic.ts';
import type { Sha } from '../../domain/sha.ts';
import type { TrashEntry } from '../../domain/trash.ts';
import type { Writer } from './registrations.ts';

/** Commits and uncommitted work of an entry as one commit, to which nothing refers yet. */
export type Bundle = {
  readonly commit: Sha;
  /** HEAD, and the ends of what only reflogs and operations led to. */
  readonly ends: readonly Sha[];
  /** Nothing was uncommitted: the ends are everything. */
  readonly isClean: boolean;
};

/** What is kept of removed worktrees when they go for good: refs, which cost next to nothing and never expire. */
export type Attic = {
  /** Looks at every file of an entry: its size, and what refs could not hold. Remembers it; slow. */
  readonly survey: (entry: TrashEntry, signal: AbortSignal) => Promise<Survey>;
  /** What the last survey found. */
  readonly surveyed: (entry: TrashEntry) => Promise<Survey | undefined>;
  /** Throws `cannot_save`; nothing refers to what was written before `keep`. */
  readonly write: (entry: TrashEntry, writer: Writer, signal: AbortSignal) => Promise<Bundle>;
  /**
   * The same of a worktree that is still in its place and cannot be moved. Throws `cannot_save` also where there are
   * ignored files: they would be in no ref.
   */
  readonly writeInPlace: (entry: TrashEntry, writer: Writer, signal: AbortSignal) => Promise<Bundle>;
  /** Makes the ref and gives its name; `undefined` when branches lead to everything there is. */
  readonly keep: (entry: TrashEntry, bundle: Bundle, writer: Writer) => Promise<string | undefined>;
  /** Takes a ref back that was made for an entry which stays, while it is at that commit. */
  readonly drop: (ref: string, commit: Sha, writer: Writer) => Promise<void>;
  readonly list: () => Promise<readonly AtticRef[]>;
};
