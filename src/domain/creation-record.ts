import * as z from 'zod';
import { BranchName } from './branch-name.ts';
import { Sha } from './sha.ts';

/** What an unfinished creation of a worktree has done or is about to do: enough to take it back. */
export const CreationRecord = z.object({
  path: z.string(),
  branch: BranchName,
  /** Where the branch stands, or is made. */
  start: Sha,
  makes_branch: z.boolean(),
  /** The registration's git folder, once it is known. */
  git_dir: z.string().nullable(),
  /** The innermost folder above the path that was not made for it. */
  stop: z.string(),
  /** The folder was there before, empty: it stays. */
  found_empty: z.boolean(),
  /** All files were written: from then on provisioning may have added ignored ones. */
  whole: z.boolean(),
});
export type CreationRecord = z.infer<typeof CreationRecord>;

/**
 * How far a creation came. `waiting` has had no effect; up to `checking-out` recovery takes it back; from `whole`
 * on it lets it stand, and `withdrawing` it takes back to the end.
 */
export type CreationStep = 'waiting' | 'registering' | 'checking-out' | 'whole' | 'withdrawing';

const lockReason = 'wt create is at work here';

/** The lock under which a worktree is made (git-worktree(1), `--lock --reason`); it names the intent. */
export const creationLock = (intentId: string): string => `${lockReason} (${intentId})`;

export const isCreationLock = (reason: string): boolean => reason.startsWith(lockReason);
