import type { BranchName } from '../../domain/branch-name.ts';
import type { Changes } from '../../domain/changes.ts';
import type { ProcessIdentity } from '../../domain/process.ts';
import type { RefFacts } from '../../domain/ref-facts.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Worktree } from '../../domain/worktree.ts';

/** Questions to git. Each reads, and fails loudly when it cannot tell. */
export type Git = {
  /** All registered worktrees with their facts, the main one first, then by path; a bare hub is not among them. */
  readonly worktrees: () => Promise<readonly Worktree[]>;
  /** The commit a revision names, or `undefined`. */
  readonly commit: (revision: string) => Promise<Sha | undefined>;
  /** Local and remote-tracking branches, one process. */
  readonly refs: () => Promise<readonly RefFacts[]>;
  readonly changes: (worktree: string) => Promise<Changes>;
};
/** Called for each git child that writes, so that an intent can name it. */
export type OnChild = (child: ProcessIdentity) => void;

/** Changes to refs and registrations. */
export type GitEdits = {
  readonly fetch: (remote: string, signal: AbortSignal) => Promise<void>;
  /** Registers a worktree without checking out files; a new branch when `createBranch`. */
  readonly registerWorktree: (
    options: {
      readonly path: string;
      readonly branch: BranchName;
      readonly start: Sha;
      readonly createBranch: boolean;
    },
    onChild: OnChild,
  ) => Promise<{ readonly gitDir: string }>;
  /** Writes the files of HEAD into a registered worktree and runs the post-checkout hook. */
  readonly checkOut: (
    worktree: string,
    onChild: OnChild,
  ) => Promise<{ readonly warnings: readonly string[] }>;
  /** Refreshes a fresh index so that later statuses need not read the files again. */
  readonly settleIndex: (worktree: string, onChild: OnChild) => Promise<void>;
  /** Deletes a branch only while it stands at `at`; `false` when it moved or is gone. */
  readonly deleteBranch: (branch: string, at: Sha) => Promise<boolean>;
  /** Commits everything in a work tree, with the user's identity, hooks and signing; `undefined` when there was nothing. */
  readonly commitAll: (worktree: string, message: string) => Promise<Sha | undefined>;
  readonly push: (
    worktree: string,
    remote: string,
    source: string,
    target: string,
    signal: AbortSignal,
  ) => Promise<void>;
};
