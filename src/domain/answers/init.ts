import * as z from 'zod';
import { tail } from './common.ts';

/** Answer of `init`. */
export const InitAnswer = z.object({
  /** `null` where merge drivers are registered from outside of all worktrees. */
  worktree_path: z.string().nullable(),
  /** claude's settings, where they really are; git's attributes with `--merge-drivers`. */
  file: z.string(),
  /** Whether anything was changed, or with `--dry-run` would be. */
  changed: z.boolean(),
  /** wt's hooks that the file then has. */
  hooks: z.array(z.object({ event: z.string(), matcher: z.string(), command: z.string() })),
  /** The merge driver, with `--merge-drivers`; `command` is `null` once it is taken out. */
  merge_driver: z
    .object({
      name: z.string(),
      command: z.string().nullable(),
      files: z.array(z.string()),
      config: z.string(),
      attributes: z.string(),
    })
    .nullable(),
  ...tail,
});
export type InitAnswer = z.infer<typeof InitAnswer>;
