import * as z from 'zod';
import { Sha } from './sha.ts';

/** One move of a branch from a commit to a descendant of it: what its intent remembers for recovery. */
export const LandingRecord = z.object({
  /** Local branch without `refs/heads/`. */
  target: z.string(),
  before: Sha,
  after: Sha,
  /** What the reflog says. */
  message: z.string(),
  /** Where the target is checked out, so that index and files follow; `null` when nowhere. */
  checkout: z.object({ path: z.string(), git_dir: z.string() }).nullable(),
});
export type LandingRecord = z.infer<typeof LandingRecord>;
