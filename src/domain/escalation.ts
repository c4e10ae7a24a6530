import * as z from 'zod';
import { Id, Timestamp } from './answers/common.ts';
import { Conflict } from './conflict.ts';

/** A commit of one side that touched a path in conflict. */
export const TouchingCommit = z.object({
  commit: Id,
  subject: z.string(),
  author: z.string(),
  time: Timestamp,
});
export type TouchingCommit = z.infer<typeof TouchingCommit>;

/**
 * A conflict with what its owner needs to resolve it: the newest commits of the target (`ours`) and of the branch
 * (`theirs`) since they parted that touch the path, and how many there are; `null` counts could not be determined.
 */
export const EscalatedConflict = z.object({
  ...Conflict.shape,
  ours: z.array(TouchingCommit),
  ours_count: z.int().nonnegative().nullable(),
  theirs: z.array(TouchingCommit),
  theirs_count: z.int().nonnegative().nullable(),
  /** Why it was not resolved automatically, where there is more to say than its kind. */
  why: z.string().nullable(),
  /** The command that makes the file anew. */
  remedy: z.string().nullable(),
});
export type EscalatedConflict = z.infer<typeof EscalatedConflict>;

/** The history of some paths on one side: what it has and the other lacks. */
export type PathHistory = ReadonlyMap<
  string,
  { readonly commits: readonly TouchingCommit[]; readonly count: number }
>;

/** How many commits of a side are named per path. */
export const mostCommits = 5;
