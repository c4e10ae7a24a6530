import type { PathConflict } from '../../domain/answers/conflicts.ts';
import type { Comparison } from '../../domain/comparison.ts';
import type { ComparisonPlan } from '../../domain/comparison-plan.ts';
import type { MergeBases } from '../../domain/merge-bases.ts';
import type { MergeProbe, ProbePair } from '../../domain/merge-probe.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { RepositoryWatch } from './watch.ts';

/** Everything in a work tree, committed to nowhere: its HEAD as the parent, and a tree that says what it is. */
export type Snapshot = { readonly tree: Sha; readonly commit: Sha };

/** Merges that are tried in memory, and what is known of earlier ones. */
export type Trials = {
  readonly open: () => Promise<Trial>;
  readonly watch: () => Promise<RepositoryWatch>;
};

/** A place for objects that is gone once it is closed. */
export type Trial = {
  /** The tree of everything in a work tree, of which these paths differ from its HEAD. */
  readonly workTree: (worktree: Worktree, paths: readonly string[]) => Promise<Sha>;
  /** A commit for each tree on its parent, in one process. */
  readonly commits: (
    works: readonly { readonly tree: Sha; readonly parent: Sha }[],
  ) => Promise<readonly Sha[]>;
  /** In one process; of a history that cannot be read nothing is known. */
  readonly mergeBases: (tips: readonly Sha[]) => Promise<MergeBases>;
  /** In one process. */
  readonly compare: (plan: ComparisonPlan) => Promise<Comparison>;
  /** Begins what `probe` needs of a commit, beside whatever is asked of git meanwhile. */
  readonly prepare: (governing: Sha) => void;
  /** What merging the pairs gives under the attributes of a commit. */
  readonly probe: (pairs: readonly ProbePair[], governing: Sha) => Promise<readonly MergeProbe[]>;
  /** What is kept of merges that the attributes of this commit govern; `undefined` where ids do not decide. */
  readonly records: (governing: Sha) => Promise<TrialRecords | undefined>;
  /** Also keeps what the records were given; a repository that cannot be written to keeps nothing. */
  readonly close: () => Promise<void>;
};

/** The results of earlier merges, by what identifies their sides: a commit, or a commit and the tree of the work. */
export type TrialRecords = {
  /** The conflicts, none when it was clean; `undefined` where it is not known. */
  readonly find: (ours: string, theirs: string) => readonly PathConflict[] | undefined;
  /** Whether git alone decides: not where it asks programs of the user (merge drivers, filters). */
  readonly isGitAlone: boolean;
  readonly note: (ours: string, theirs: string, conflicts: readonly PathConflict[]) => void;
};
