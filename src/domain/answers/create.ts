import * as z from 'zod';
import { Id, tail } from './common.ts';

export const StepAnswer = z.object({
  name: z.string(),
  status: z.enum(['ran', 'unchanged', 'skipped', 'failed', 'untrusted']),
  duration_ms: z.int().nonnegative(),
  command: z.string().nullable(),
  detail: z.string().nullable(),
});
export type StepAnswer = z.infer<typeof StepAnswer>;

/** Answer of `create` and `provision`. */
export const CreateAnswer = z.object({
  worktree_path: z.string().nullable(),
  branch: z.string().nullable(),
  base: z.string().nullable(),
  base_ref: z.string().nullable(),
  base_sha: Id.nullable(),
  project_id: z.string().nullable(),
  provisioned: z.boolean().nullable(),
  provisioning_time_ms: z.int().nonnegative().nullable(),
  steps: z.array(StepAnswer),
  ...tail,
});
export type CreateAnswer = z.infer<typeof CreateAnswer>;
