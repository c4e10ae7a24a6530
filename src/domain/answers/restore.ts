import * as z from 'zod';
import { checkpointKinds } from '../checkpoint.ts';
import { Id, Timestamp, tail } from './common.ts';

/** Answer of `restore`: what became of each path at which the worktree and the checkpoint differed. */
export const RestoreAnswer = z.object({
  worktree_path: z.string(),
  dispatch_id: z.string(),
  checkpoint: z.string(),
  /** The checkpoint of the worktree as it was before; `null` when nothing was to be changed, and in a dry run. */
  saved: z.string().nullable(),
  files: z.array(
    z.object({
      path: z.string(),
      /** `kept`: it differs and was left as it is. */
      status: z.enum(['restored', 'removed', 'kept']),
    }),
  ),
  ...tail,
});
export type RestoreAnswer = z.infer<typeof RestoreAnswer>;

/** An element of `restore --list`. */
export const CheckpointAnswer = z.object({
  checkpoint: z.string(),
  dispatch_id: z.string(),
  number: z.int().nonnegative(),
  kind: z.enum(checkpointKinds),
  /** `null` when the run's record is gone. */
  worktree_path: z.string().nullable(),
  commit_sha: Id,
  /** Where HEAD stood; `null` on a branch without commits. */
  head_sha: Id.nullable(),
  taken_at: Timestamp,
  /** Files that differed from HEAD; `null` without one. */
  files: z.int().nonnegative().nullable(),
  /** What was there and is not in it. */
  left_out: z.array(z.string()),
  ...tail,
});
export type CheckpointAnswer = z.infer<typeof CheckpointAnswer>;
