import * as z from 'zod';
import type { Sha } from './sha.ts';

/** A merged pull request as `gh pr list --json number,headRefName,headRefOid` has it. */
export const MergedPullRequest = z.object({
  number: z.int(),
  headRefName: z.string(),
  headRefOid: z.string(),
});
export type MergedPullRequest = z.infer<typeof MergedPullRequest>;

/** Whether exactly this commit was merged from this branch: one more commit, and it is other work. */
export const isMergedAs = (requests: readonly MergedPullRequest[], branch: string, head: Sha): boolean =>
  requests.some(({ headRefName, headRefOid }) => headRefName === branch && headRefOid === head);
