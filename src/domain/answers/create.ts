import * as z from 'zod';
import { Bound } from '../orchestration/binding.ts';
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
  /** The agent whose work is to be done here, and what ORCHESTRATION.yaml says of it. */
  orchestration: Bound.nullable(),
  ...tail,
});
export type CreateAnswer = z.infer<typeof CreateAnswer>;
