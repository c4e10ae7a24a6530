import * as z from 'zod';
import { tail } from './common.ts';
import { Integrated } from './status.ts';

/** Answer of `cleanup`. */
export const CleanupAnswer = z.object({
  worktree_path: z.string().nullable(),
  branch: z.string().nullable(),
  removed: z.boolean(),
  branch_deleted: z.boolean(),
  integrated: Integrated.nullable(),
  trash: z.string().nullable(),
  archived: z.string().nullable(),
  /** Whether the branch that it was pushed to is gone from the remote. */
  remote_deleted: z.boolean(),
  /** What its folder takes on disk; only a dry run looks. */
  size_bytes: z.int().nonnegative().nullable(),
  ...tail,
});
export type CleanupAnswer = z.infer<typeof CleanupAnswer>;

/** Answer of `undo`; `undo --list` gives an array of them. */
export const UndoAnswer = z.object({
  operation: z.enum(['cleanup', 'landing']),
  id: z.string(),
  worktree_path: z.string().nullable(),
  branch: z.string().nullable(),
  target: z.string().nullable(),
  ...tail,
});
export type UndoAnswer = z.infer<typeof UndoAnswer>;
