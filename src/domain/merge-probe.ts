import type { Conflict } from './conflict.ts';
import type { Sha } from './sha.ts';

/** Two commits to merge: the target's side is ours, the branch's theirs. */
export type ProbePair = { readonly ours: Sha; readonly theirs: Sha };

/** One of the up to three versions of a path with a conflict: 1 of the merge base, 2 ours, 3 theirs. */
export type MergeStage = {
  /** Octal. */
  readonly mode: string;
  readonly id: string;
  readonly stage: number;
  /** Without the suffix by which git parts two things of one name. */
  readonly path: string;
};

/** What git wrote of a merge with conflicts, beside what it left to a person. */
export type ConflictedMerge = {
  /** The whole merge, with conflict markers in its files. */
  readonly tree: Sha;
  readonly stages: readonly MergeStage[];
  /** Every conflict that git tells of, with all paths that it names, those of renames and folders too. */
  readonly records: readonly { readonly type: string; readonly paths: readonly string[] }[];
};

/** What merging two commits in memory would give. A probe that failed is `unknown`, never clean. */
export type MergeProbe =
  /** `resolved` are the conflicts that the policy resolved to make the tree. */
  | { readonly kind: 'clean'; readonly tree: Sha; readonly resolved?: readonly Conflict[] }
  | {
      readonly kind: 'conflicts';
      readonly conflicts: readonly Conflict[];
      /** Known where git was asked just now, and not where it is remembered. */
      readonly merged?: ConflictedMerge;
    }
  | { readonly kind: 'unrelated' }
  | { readonly kind: 'unknown'; readonly why: string };
