import * as z from 'zod';
import { Conflict } from '../conflict.ts';
import { EscalatedConflict } from '../escalation.ts';
import { GateAnswer } from '../gate.ts';
import { Bound } from '../orchestration/binding.ts';
import { Id, tail } from './common.ts';

/** Answer of `merge`. */
export const MergeAnswer = z.object({
  worktree_path: z.string().nullable(),
  branch: z.string().nullable(),
  target: z.string().nullable(),
  strategy: z.enum(['fast-forward', 'merge', 'squash', 'rebase']).nullable(),
  status: z
    .enum([
      'merged',
      'conflicts',
      'dry-run-clean',
      'dry-run-conflicts',
      'up-to-date',
      'gate-failed',
      'skipped',
    ])
    .nullable(),
  reason: z.string().nullable(),
  conflicts: z.array(Conflict),
  /** The conflicts that stopped it, with what their owner needs to resolve them. */
  escalations: z.array(EscalatedConflict),
  target_before: Id.nullable(),
  target_after: Id.nullable(),
  merge_tree: Id.nullable(),
  /** Whether the merge was begun in the worktree, with its conflicts, for whoever resolves them. */
  left_in_progress: z.boolean(),
  gates: z.array(GateAnswer),
  pushed: z.boolean(),
  cleaned_up: z.boolean(),
  /** Which turn it had, from 1, and why; `null` where it was not judged, and no reason where there was no choice. */
  order: z.int().positive().nullable(),
  order_reason: z.string().nullable(),
  /** The agent whose work it is in ORCHESTRATION.yaml, and what stands there. */
  orchestration: Bound.nullable(),
  ...tail,
});
export type MergeAnswer = z.infer<typeof MergeAnswer>;
