import type { FileChange } from '../../domain/answers/diff.ts';
import type { Changes } from '../../domain/changes.ts';
import type { MarkedPlace } from '../../domain/conflict-markers.ts';
import type { Divergence, Pair } from '../../domain/divergence.ts';
import type { PathHistory } from '../../domain/escalation.ts';
import type { MergeCommit, OutsideRecord } from '../../domain/merge-audit.ts';
import type { MergeProbe, ProbePair } from '../../domain/merge-probe.ts';
import type { Comparison, PathChange } from '../../domain/path-change.ts';
import type { ProcessIdentity } from '../../domain/process.ts';
import type { GitSetting } from '../../domain/push-guard.ts';
import type { RangeCommit } from '../../domain/range-commit.ts';
import type { RefFacts } from '../../domain/ref-facts.ts';
import type { Revert } from '../../domain/reverts.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { Writer } from './registrations.ts';

/** Questions to git. Each reads, and fails loudly when it cannot tell. */
export type Git = {
  /** All registered worktrees with their facts, the main one first, then by path; a bare hub is not among them. */
  readonly worktrees: () => Promise<readonly Worktree[]>;
  /** The commit a revision names, or `undefined`. */
  readonly commit: (revision: string) => Promise<Sha | undefined>;
  /** Local and remote-tracking branches, or those below the prefixes, one process. */
  readonly refs: (prefixes?: readonly string[]) => Promise<readonly RefFacts[]>;
  readonly changes: (worktree: string) => Promise<Changes>;
  /** Throws `identity_missing` when git would not know whom to name as author or committer of a commit there. */
  readonly requireIdentity: (worktree: string) => Promise<void>;
  /** What says where a push goes: URLs of the remotes, and the rewriting of URLs. */
  readonly pushSettings: () => Promise<readonly GitSetting[]>;
  /** How far tips and bases have come apart, one process; `undefined` where a history cannot be read. */
  readonly divergence: (pairs: readonly Pair[]) => Promise<readonly (Divergence | undefined)[]>;
  /** As `probe`, where a side may count with what is not committed in its worktree yet. */
  readonly probeWork: (
    pairs: readonly WorkPair[],
    attributes: AttributesOf,
  ) => Promise<readonly MergeProbe[]>;
  /** Lends everything in a work tree as a tree, with the environment in which git can read it; then it is gone. */
  readonly withWorkTree: <T>(
    worktree: Worktree,
    use: (tree: Sha, env: Readonly<Record<string, string>>) => Promise<T>,
  ) => Promise<T>;
  /** Why what is at a linked worktree's path is not that worktree; `undefined` when it is, or when nothing is there. */
  readonly strangerAt: (worktree: Worktree) => Promise<string | undefined>;
  /** The branch that an unfinished rebase or bisect of a worktree goes back to. */
  readonly heldBranch: (gitDir: string) => Promise<string | undefined>;
  readonly traces: (gitDir: string) => Promise<Traces>;
  /** Whether commits were made in a worktree since it was added; `undefined` where its reflog does not tell. */
  readonly hasWorked: (gitDir: string) => Promise<boolean | undefined>;
  /** When commits were made; `undefined` for one that git does not have. */
  readonly commitDates: (commits: readonly Sha[]) => Promise<readonly (Date | undefined)[]>;
  /** The trees of commits; `undefined` for a commit that git does not have. */
  readonly trees: (commits: readonly Sha[]) => Promise<readonly (Sha | undefined)[]>;
  /** The paths that each comparison changes, one process. */
  readonly changedPaths: (comparisons: readonly Comparison[]) => Promise<readonly (readonly PathChange[])[]>;
  /** The files that differ between a commit and a tree, with counts of lines. */
  readonly fileChanges: (comparison: TreeComparison) => Promise<readonly FileChange[]>;
  /** The same as patches, one process. */
  readonly patches: (comparisons: readonly Comparison[]) => Promise<readonly string[]>;
  /** What merging each pair in memory would give, in the order of the pairs; leaves nothing behind. */
  readonly probe: (pairs: readonly ProbePair[], attributes: AttributesOf) => Promise<readonly MergeProbe[]>;
  readonly remotes: () => Promise<readonly string[]>;
  /** The commits of a base that say that they take another back. */
  readonly reverts: (range: BaseSince) => Promise<readonly Revert[]>;
  readonly parents: (commits: readonly Sha[]) => Promise<readonly (readonly Sha[] | undefined)[]>;
  /** The commits of a range, the oldest first and none before its parents. */
  readonly rangeCommits: (range: Range) => Promise<readonly RangeCommit[]>;
  /** The commits of a range that a remote-tracking branch has. */
  readonly pushed: (range: Range) => Promise<readonly Sha[]>;
  /** The merge commits of a range, the oldest first. */
  readonly merges: (range: MergeRange) => Promise<readonly MergeCommit[]>;
  /** Merges of two parents against what git makes of those, in their order. */
  readonly compareMerges: (merges: readonly MergeCommit[]) => Promise<readonly ComparedMerge[]>;
  /** Which commits of one side touch some paths, one process. */
  readonly pathHistory: (question: PathHistoryQuestion) => Promise<PathHistory>;
  /** The paths that have the markers of a conflict in a commit. */
  readonly marked: (question: MarkerQuestion) => Promise<readonly string[]>;
  /** Where a range brings the markers of a conflict into a file that had none; one process where there are none. */
  readonly markersBrought: (range: Range) => Promise<readonly MarkedPlace[]>;
};
/** Some paths in a commit; `worktree` is the folder of any worktree. */
export type MarkerQuestion = {
  readonly worktree: string;
  readonly commit: Sha;
  readonly paths: readonly string[];
};
/** The history of a tip, without what these commits reach. */
export type MergeRange = { readonly tip: Sha; readonly since: readonly Sha[] };
/** What a merge commit has outside of its conflicts that git's own merge has not, or why that is not known. */
export type ComparedMerge =
  | { readonly kind: 'compared'; readonly outside: readonly OutsideRecord[] }
  | { readonly kind: 'unknown'; readonly why: string };
export type PathHistoryQuestion = {
  readonly tip: Sha;
  /** What this commit reaches does not count. */
  readonly without: Sha;
  readonly paths: readonly string[];
};
/** The commits that `tip` reaches and `since` does not. */
export type Range = { readonly since: Sha; readonly tip: Sha };
/** The history of a base, without what these commits reach. */
export type BaseSince = { readonly base: Sha; readonly since: readonly Sha[] };
export type TreeComparison = {
  readonly base: Sha;
  readonly tree: Sha;
  /** Pathspecs, relative to `cwd`; all when empty. */
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** A commit, or that with the changes to these paths in the worktree that stands on it. */
export type WorkSide = {
  readonly head: Sha;
  readonly work: { readonly worktree: Worktree; readonly paths: readonly string[] } | undefined;
};
export type WorkPair = { readonly ours: WorkSide; readonly theirs: WorkSide };

/** What a worktree's git folder tells about its past. */
export type Traces = { readonly madeAt: Date | undefined; readonly touchedAt: Date | undefined };

/** The commit whose `.gitattributes` govern a merge (the target's tip), and where it is checked out, if anywhere. */
export type AttributesOf = { readonly commit: Sha; readonly checkout: Worktree | undefined };

/** Called for each git child that writes, so that an intent can name it. */
export type OnChild = (child: ProcessIdentity) => void;

/** A merge to be begun in a worktree; `union` are the paths in conflict of which both sides are to be kept, by lines or by rows. */
export type MergeStart = {
  readonly worktree: string;
  readonly commit: Sha;
  readonly message: string;
  readonly union: readonly { readonly path: string; readonly by: 'union' | 'rows' }[];
};

/** Changes to refs and commits; making a worktree is `Registrations`. */
export type GitEdits = {
  /** Updates the remote-tracking branches of a remote. */
  readonly fetch: (remote: string, signal: AbortSignal) => Promise<void>;
  /** Deletes a branch only while it stands at `at` and is checked out nowhere; `false` when it was left or is gone. */
  readonly deleteBranch: (branch: string, at: Sha, writer?: Writer) => Promise<boolean>;
  /** Commits everything in a work tree, with the user's identity, hooks and signing; `undefined` when there was nothing. */
  readonly commitAll: (worktree: string, message: string) => Promise<Sha | undefined>;
  /**
   * Begins a merge of a commit into the branch of a worktree, and leaves its conflicts there for a person; `merged`
   * where there were none after all.
   */
  readonly startMerge: (merge: MergeStart) => Promise<'conflicts' | 'merged'>;
  /**
   * Pushes a branch to a branch of a remote (names without `refs/heads/`), from a worktree if there is one that has
   * it checked out; throws `push_rejected`.
   */
  readonly push: (
    worktree: string | undefined,
    remote: string,
    source: string,
    target: string,
    signal: AbortSignal,
  ) => Promise<void>;
};
