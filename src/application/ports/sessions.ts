import type { Session } from '../../domain/session.ts';
import type { Worktree } from '../../domain/worktree.ts';

/** The sessions of claude that others began. wt, what started it, and what its runs started are never among them. */
export type Sessions = {
  /**
   * By the path of the innermost worktree that each is in, from processes and locks alone: cheap. `undefined` where
   * there is a claude of which cannot be told where it works.
   */
  readonly here: (
    worktrees: readonly Worktree[],
  ) => Promise<ReadonlyMap<string, readonly Session[]> | undefined>;
  /**
   * Those that claude itself lists, those in the background without a process too. Starts claude, and waits a few
   * seconds at most; `undefined` where it gave no list.
   */
  readonly listed: (
    worktrees: readonly Worktree[],
    command: readonly [string, ...string[]],
  ) => Promise<ReadonlyMap<string, readonly Session[]> | undefined>;
};
