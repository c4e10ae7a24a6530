import * as z from 'zod';
import { MergeAnswer } from './merge.ts';

/** Answer of `sync`: merge's, with `target` the branch and `source` what came into it. */
export const SyncAnswer = z.object({
  ...MergeAnswer.shape,
  source: z.string().nullable(),
});
export type SyncAnswer = z.infer<typeof SyncAnswer>;
