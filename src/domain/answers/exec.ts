import * as z from 'zod';
import { tail } from './common.ts';

/** One element of `exec`. */
export const ExecAnswer = z.object({
  worktree_path: z.string(),
  branch: z.string().nullable(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  /** `null` when the command wrote to wt's own stdout and stderr. */
  stdout: z.string().nullable(),
  stderr: z.string().nullable(),
  ...tail,
});
export type ExecAnswer = z.infer<typeof ExecAnswer>;
