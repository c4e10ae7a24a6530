import * as z from 'zod';
import { ProcessIdentity } from './process.ts';

/** The operations of several effects that write an intent before the first of them. */
export const IntentOperation = z.enum(['create', 'provision', 'merge', 'cleanup', 'undo', 'expiry', 'gate']);
export type IntentOperation = z.infer<typeof IntentOperation>;

/**
 * What an operation is about to do, kept in `intents/<id>.json` from before its first effect until after its
 * last. A later command that finds it with its process gone ends the git children and rolls back or forward.
 */
export const Intent = z.object({
  version: z.literal(1),
  id: z.string(),
  operation: IntentOperation,
  owner: ProcessIdentity,
  started_at: z.string(),
  /** The worktree concerned, so that status can show `provisioning`, `merging` or `cleanup`. */
  worktree_path: z.string().nullable(),
  /** Children that write to the repository and may outlive wt. */
  children: z.array(ProcessIdentity),
  /** How far it came; each operation names its own steps. */
  step: z.string(),
  /** The facts that recovery needs; each operation has its own schema. */
  data: z.record(z.string(), z.unknown()),
});
export type Intent = z.infer<typeof Intent>;

/** The variable that the children of an intent carry, by which recovery finds those it was not told of in time. */
export const intentMarker = (id: string) => ({ name: 'WT_INTENT', value: id });
