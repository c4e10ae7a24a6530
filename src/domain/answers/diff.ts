import * as z from 'zod';
import { Id } from './common.ts';

/** A file that differs, and by how many lines; `null` lines are those of a binary file. */
export const FileChange = z.object({
  path: z.string(),
  /** git's letter: `A` added, `D` deleted, `M` modified, `T` of another type. */
  status: z.string(),
  added: z.int().nonnegative().nullable(),
  deleted: z.int().nonnegative().nullable(),
});
export type FileChange = z.infer<typeof FileChange>;

/** Answer of `diff`: `base` is the commit that it starts from, `head` the one that the worktree stands on. */
export const DiffAnswer = z.object({ base: Id, head: Id, files: z.array(FileChange) });
export type DiffAnswer = z.infer<typeof DiffAnswer>;
