import * as z from 'zod';
import { Id, Timestamp, tail } from './common.ts';

/** `undoable`: `wt undo` brings it back; `held`: it does not expire, and `reason` says why; `missing`: parts of it are not there; `saved`: a ref of the attic. */
export const TrashState = z.enum([
  'undoable',
  'held',
  'missing',
  'saved',
  'restored',
  'emptied',
  'would_empty',
]);
export type TrashState = z.infer<typeof TrashState>;

/** Element of every answer of `trash`: a removed worktree, or what the attic keeps of one. */
export const TrashAnswer = z.object({
  /** The id of an entry, or the name of an attic ref below `refs/wt/attic/`. */
  id: z.string(),
  kind: z.enum(['entry', 'attic']),
  state: TrashState,
  worktree_path: z.string().nullable(),
  branch: z.string().nullable(),
  head: Id.nullable(),
  removed_at: Timestamp.nullable(),
  /** When its time is over; `null` in the attic, where nothing expires. */
  expires_at: Timestamp.nullable(),
  /** What it takes on disk; `null` until it has been looked at. */
  size_bytes: z.int().nonnegative().nullable(),
  /** Why it cannot expire, or what is missing. */
  reason: z.string().nullable(),
  /** The ref that keeps its commits and uncommitted work. */
  attic_ref: z.string().nullable(),
  /** What to type to have it back. */
  restore: z.array(z.string()),
  ...tail,
});
export type TrashAnswer = z.infer<typeof TrashAnswer>;
