import * as z from 'zod';
import { Conflict } from '../conflict.ts';
import { Session } from '../session.ts';
import { Id, Timestamp, tail } from './common.ts';

export const WorktreeState = z.enum([
  'provisioning',
  'merging',
  'cleanup',
  'dispatched',
  'running',
  'merged',
  'failed',
  'completed',
  'ready',
]);
export type WorktreeState = z.infer<typeof WorktreeState>;

export const Integrated = z.enum([
  'same_commit',
  'ancestor',
  'no_added_changes',
  'trees_match',
  'merge_adds_nothing',
  'patch_id',
  'pull_request',
]);
export type Integrated = z.infer<typeof Integrated>;

export const Need = z.object({
  kind: z.enum([
    'review',
    'conflict',
    'dirty',
    'denied',
    'failed',
    'timeout',
    'rate_limited',
    'stale_base',
    'lost',
    'unprovisioned',
  ]),
  command: z.string(),
});
export type Need = z.infer<typeof Need>;

const listed = {
  path: z.string(),
  branch: z.string().nullable(),
  project_id: z.string().nullable(),
  head: Id.nullable(),
  is_main: z.boolean(),
  detached: z.boolean(),
  locked: z.string().nullable(),
  prunable: z.string().nullable(),
  base: z.string().nullable(),
  base_sha: Id.nullable(),
  base_source: z.enum(['recorded', 'inferred']).nullable(),
  ahead: z.int().nonnegative().nullable(),
  behind: z.int().nonnegative().nullable(),
  state: WorktreeState.nullable(),
  provisioned: z.boolean().nullable(),
  dispatch_status: z.enum(['running', 'idle', 'complete', 'failed']).nullable(),
  dispatch_id: z.string().nullable(),
  pid: z.int().positive().nullable(),
  uncommitted_changes: z.boolean().nullable(),
};
const changes = {
  changes: z
    .object({
      staged: z.int().nonnegative(),
      unstaged: z.int().nonnegative(),
      untracked: z.int().nonnegative(),
      conflicted: z.int().nonnegative(),
    })
    .nullable(),
};
const rest = {
  empty: z.boolean().nullable(),
  claim: z.unknown().nullable(),
  created_at: Timestamp.nullable(),
  last_commit_at: Timestamp.nullable(),
  last_activity_at: Timestamp.nullable(),
  ...tail,
};

/** One row of `status`. */
export const StatusAnswer = z.object({
  ...listed,
  ...changes,
  merge_conflicts: z.boolean().nullable(),
  conflicts: z.array(Conflict).nullable(),
  integrated: Integrated.nullable(),
  /** The same, judged against the upstream of the base, where the local branch does not have the work. */
  integrated_upstream: Integrated.nullable(),
  needs: Need.nullable(),
  /** claude's sessions that others began here. */
  sessions: z.array(Session).nullable(),
  ...rest,
});
export type StatusAnswer = z.infer<typeof StatusAnswer>;

/** One row of `list`: status without the keys that cost a merge. */
export const ListAnswer = z.object({ ...listed, merge_conflicts: z.boolean().nullable(), ...rest });
export type ListAnswer = z.infer<typeof ListAnswer>;
