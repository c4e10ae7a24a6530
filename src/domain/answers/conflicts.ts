import * as z from 'zod';
import { ConflictKind } from '../conflict.ts';
import { Warning } from '../warning.ts';

/** A path in which two sides collide; the first word of the kind is what `b` (a base) or else `a` did to it. */
export const PathConflict = z.object({ path: z.string(), kind: ConflictKind });
export type PathConflict = z.infer<typeof PathConflict>;

/** A pair that conflicts: two ids of worktrees, or one and `base:<ref>`. */
export const ConflictingPair = z.object({ a: z.string(), b: z.string(), conflicts: z.array(PathConflict) });
export type ConflictingPair = z.infer<typeof ConflictingPair>;

/** Answer of `conflicts`. */
export const ConflictsAnswer = z.object({
  worktrees: z.array(
    z.object({
      /** The branch, or the path where there is none. */
      id: z.string(),
      path: z.string(),
      branch: z.string().nullable(),
      /** `null` where only commits are looked at, or with a warning where it could not be told. */
      dirty: z.boolean().nullable(),
    }),
  ),
  pairs: z.array(ConflictingPair),
  warnings: z.array(Warning),
});
export type ConflictsAnswer = z.infer<typeof ConflictsAnswer>;
