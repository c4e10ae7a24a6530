import * as z from 'zod';
import { Bound } from '../orchestration/binding.ts';
import { Id, Timestamp, tail } from './common.ts';

export const DispatchStatus = z.enum(['running', 'complete', 'failed']);
export const DispatchReason = z.enum([
  'dirty',
  'denied',
  'no_commits',
  'error',
  'api_error',
  'rate_limited',
  'max_turns',
  'budget',
  'timeout',
  'stalled',
  'cancelled',
  'lost',
  'not_started',
]);
export type DispatchReason = z.infer<typeof DispatchReason>;

/** How a command that decides whether the work is done (`--until`) ended. */
export const CheckAnswer = z.object({
  command: z.string(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  duration_ms: z.int().nonnegative(),
  /** The end of what it wrote. */
  output: z.string(),
});
export type CheckAnswer = z.infer<typeof CheckAnswer>;

/** One process of claude in a run: the first, or one that continued the session. */
export const AttemptAnswer = z.object({
  number: z.int().positive(),
  /** Why it was started: the dispatch itself, an API error, a limit that was over, or a check that had failed. */
  cause: z.enum(['dispatch', 'retry', 'limit', 'check']),
  /** The model asked for; `null` for claude's own choice. */
  model: z.string().nullable(),
  session_id: z.string().nullable(),
  pid: z.int().positive().nullable(),
  /** How this attempt ended by itself; `null` while it runs, and for work done. */
  reason: DispatchReason.nullable(),
  result: z.string().nullable(),
  num_turns: z.int().nonnegative().nullable(),
  total_cost_usd: z.number().nonnegative().nullable(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  started_at: Timestamp,
  finished_at: Timestamp.nullable(),
  check: CheckAnswer.nullable(),
});
export type AttemptAnswer = z.infer<typeof AttemptAnswer>;

/** Answer of `dispatch`, `runs`, `wait` and `cancel`: one run of claude in one worktree. */
export const DispatchAnswer = z.object({
  dispatch_id: z.string().nullable(),
  worktree_path: z.string().nullable(),
  branch: z.string().nullable(),
  project_id: z.string().nullable(),
  /** Process id of claude itself. */
  pid: z.int().positive().nullable(),
  status: DispatchStatus.nullable(),
  reason: DispatchReason.nullable(),
  session_id: z.string().nullable(),
  result: z.string().nullable(),
  structured_output: z.unknown().nullable(),
  num_turns: z.int().nonnegative().nullable(),
  total_cost_usd: z.number().nonnegative().nullable(),
  duration_ms: z.int().nonnegative().nullable(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  permission_denials: z.array(z.unknown()),
  base_sha: Id.nullable(),
  start_sha: Id.nullable(),
  head_sha: Id.nullable(),
  commits: z.int().nonnegative().nullable(),
  uncommitted_changes: z.boolean().nullable(),
  leaks: z.array(z.object({ path: z.string(), worktree: z.string() })),
  started_at: Timestamp.nullable(),
  finished_at: Timestamp.nullable(),
  log_path: z.string().nullable(),
  /** When the limit that this run met is over, where claude told. */
  resets_at: Timestamp.nullable().default(null),
  /** Its newest checkpoint, as `wt restore` and `wt diff --since` take it. */
  checkpoint: z.string().nullable().default(null),
  /** The agent whose work it is in ORCHESTRATION.yaml, and what stands there. */
  orchestration: Bound.nullable().default(null),
  attempts: z.array(AttemptAnswer).default([]),
  ...tail,
});
export type DispatchAnswer = z.infer<typeof DispatchAnswer>;
