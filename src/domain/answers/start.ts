import type * as z from 'zod';
import { CreateAnswer } from './create.ts';
import { DispatchAnswer } from './dispatch.ts';
import { MergeAnswer } from './merge.ts';

/** Answer of `start`: the worktree as `create` tells it, and what was begun in it. */
export const StartAnswer = CreateAnswer.extend({
  dispatch: DispatchAnswer.nullable(),
  /** What came of `--land`; `null` where nothing was to land. */
  landing: MergeAnswer.nullable(),
});
export type StartAnswer = z.infer<typeof StartAnswer>;
