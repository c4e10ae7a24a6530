import * as z from 'zod';
import type { Bound } from './orchestration/binding.ts';
import { Sha } from './sha.ts';

/** What a provisioning step was run against, so that a second run finds it `unchanged`. */
export const Receipt = z.object({
  step: z.string(),
  /** Fingerprint of everything the step depends on: lock files, tool version, target folder. */
  fingerprint: z.string(),
  status: z.enum(['ran', 'skipped', 'failed']),
  command: z.string().nullable(),
  at: z.string(),
});
export type Receipt = z.infer<typeof Receipt>;

const schema = () =>
  z.object({
    version: z.literal(1),
    project_id: z.string().nullable(),
    /** Name of the variable that carries the project id, at the time of creation. */
    variable: z.string().nullable().default(null),
    /** Local branch that this work lands on; `null` when it was based on a tag or an id. */
    base: z.string().nullable(),
    base_ref: z.string(),
    base_sha: Sha,
    /** Whether wt made the branch: only then it may delete it. */
    branch_created: z.boolean(),
    /** The branch that was created or checked out. */
    branch: z.string(),
    created_at: z.string(),
    share_venv: z.boolean().default(false),
    /** The agent of an orchestration whose work is done here, by its address. */
    address: z.string().nullable().default(null),
    /** The file that the address is of, from the top of the coordinator's worktree; `null` where none was found. */
    orchestration: z.string().nullable().optional(),
    receipts: z.array(Receipt).default([]),
    /** Whether the last provisioning left nothing undone; absent before the first. */
    provisioned: z.boolean().optional(),
  });
export type WorktreeFacts = z.infer<ReturnType<typeof schema>>;

let made: ReturnType<typeof schema> | undefined;

/**
 * `wt.json` in a worktree's own git directory: what wt knows about it, gone when it goes. The schema is made for the
 * first of them: commands that only look find none in a repository that others made.
 */
export const WorktreeFacts = {
  parse: (value: unknown): WorktreeFacts => {
    made ??= schema();
    return made.parse(value);
  },
};

/** The agent that a worktree was made for; what is recorded of it the runs know. */
export const boundIn = ({ address, orchestration = null }: WorktreeFacts): Bound | null =>
  address === null ? null : { file: orchestration, address, status: null };
