import * as z from 'zod';
import { tail } from './common.ts';

/** Answer of `init`. */
export const InitAnswer = z.object({
  worktree_path: z.string(),
  /** claude's settings, where they really are. */
  file: z.string(),
  /** Whether the file was changed, or with `--dry-run` would be. */
  changed: z.boolean(),
  /** wt's hooks that the file then has. */
  hooks: z.array(z.object({ event: z.string(), matcher: z.string(), command: z.string() })),
  ...tail,
});
export type InitAnswer = z.infer<typeof InitAnswer>;
