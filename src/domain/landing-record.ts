import * as z from 'zod';
import { Sha } from './sha.ts';

/** One move of a branch from a commit to another: what its intent remembers for recovery. */
export const LandingRecord = z.object({
  /** Local branch without `refs/heads/`. */
  target: z.string(),
  before: Sha,
  after: Sha,
  /** What the reflog says. */
  message: z.string(),
  /** Where the target is checked out, so that index and files follow; `null` when nowhere. */
  checkout: z.object({ path: z.string(), git_dir: z.string() }).nullable(),
  /**
   * `back`: `after` is an ancestor of `before`, and what landed is taken back; `across`: the branch was rebased, and
   * neither is in the other; else it is a descendant.
   */
  direction: z.enum(['forward', 'back', 'across']).optional(),
  /** The number under which it is entered in the ledger. */
  number: z.int().positive().optional(),
});
export type LandingRecord = z.infer<typeof LandingRecord>;
