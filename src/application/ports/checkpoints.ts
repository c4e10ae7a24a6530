import type { Checkpoint } from '../../domain/checkpoint.ts';
import type { StateChange } from '../../domain/restore-plan.ts';
import type { Worktree } from '../../domain/worktree.ts';

/** The saved states of dispatches' worktrees, kept as refs below `refs/wt/checkpoints/`. */
export type Checkpoints = {
  /** Those of a dispatch, or all: by dispatch, then by number. */
  readonly list: (dispatchId?: string) => Promise<readonly Checkpoint[]>;
  /** Whether a dispatch found its worktree without uncommitted changes; `undefined` when that is not known. */
  readonly beganClean: (dispatchId: string) => Promise<boolean | undefined>;
  /** Compares a worktree as it is now with a state. `isDry` writes nothing below the repository. */
  readonly open: (
    worktree: Worktree,
    state: RestorableState,
    options: { readonly isDry: boolean },
  ) => Promise<Restoring>;
};

/** A checkpoint, or the commit that a dispatch began with, which is one without a ref. */
export type RestorableState = Pick<Checkpoint, 'dispatchId' | 'number' | 'commit' | 'leftOut'>;

/** A worktree on its way to another state; nothing of it changes before `write`. */
export type Restoring = {
  readonly changes: readonly StateChange[];
  /** Those of the paths that are in the state. */
  readonly held: (paths: readonly string[]) => Promise<readonly string[]>;
  /** What sits where something is to be written, and is saved nowhere: ignored files, and what a checkpoint leaves out. */
  readonly inTheWay: (apply: readonly StateChange[]) => Promise<readonly string[]>;
  /** Makes the files ready outside the worktree. */
  readonly stage: (apply: readonly StateChange[]) => Promise<void>;
  /** Saves the worktree as it was when this began, as the next checkpoint of the dispatch. */
  readonly save: () => Promise<Checkpoint>;
  /** Those of the paths that have changed since this began. */
  readonly moved: (apply: readonly StateChange[]) => Promise<readonly string[]>;
  /** Puts the staged files in place, each in one step, and removes the others. */
  readonly write: (apply: readonly StateChange[]) => Promise<void>;
  readonly close: () => Promise<void>;
};
