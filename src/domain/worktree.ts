import type { BranchName } from './branch-name.ts';
import type { Failure } from './failure.ts';
import type { Sha } from './sha.ts';
import type { WorktreeFacts } from './worktree-facts.ts';

/** A work tree as git has it registered, with what wt recorded about it. */
export type Worktree = {
  /** Absolute path as git registered it; bytes that are not UTF-8 as `\xNN`. */
  readonly path: string;
  /** Its own git directory; `undefined` when it cannot be found (a broken registration). */
  readonly gitDir: string | undefined;
  readonly isMain: boolean;
  /** `undefined` on an unborn branch or in a broken worktree. */
  readonly head: Sha | undefined;
  /** `undefined` when HEAD is detached. */
  readonly branch: BranchName | undefined;
  readonly detached: boolean;
  /** The reason of the lock, `""` without one; `undefined` when it is not locked. */
  readonly locked: string | undefined;
  /** Why git would prune it (its folder is gone); `undefined` when it would not. */
  readonly prunable: string | undefined;
  /** What wt recorded; `undefined` for a worktree that another tool made. */
  readonly facts: WorktreeFacts | undefined;
  /** Why what wt recorded cannot be read; then nothing but looking may rely on there being no `facts`. */
  readonly unreadable?: Failure;
};

/** What a person calls it: project id, branch or path. */
export const worktreeName = (worktree: Worktree): string =>
  worktree.facts?.project_id ?? worktree.branch ?? worktree.path;
