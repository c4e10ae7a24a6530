import type { Failure } from '../../domain/failure.ts';
import type { LandingRecord } from '../../domain/landing-record.ts';
import type { Ancestry, Tip } from '../../domain/merge-plan.ts';
import type { MergeProbe, ProbePair } from '../../domain/merge-probe.ts';
import type { RangeCommit } from '../../domain/range-commit.ts';
import type { Escalation, UnionCandidate } from '../../domain/resolution.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Author } from '../../domain/squash.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { AttributesOf, Git, Range } from './git.ts';
import type { OpenIntent } from './state.ts';

/** A merge commit to be made. */
export type NewCommit = {
  readonly tree: Sha;
  readonly parents: readonly Sha[];
  readonly message: string;
  /** Who wrote it; who commits it when left out. */
  readonly author?: Author | undefined;
  /** Where the target is checked out: its settings say who commits, and whether commits are signed. */
  readonly checkout: Worktree | undefined;
};

/** A probe that found conflicts. */
export type ConflictProbe = Extract<MergeProbe, { readonly kind: 'conflicts' }>;

/** What became of conflicts that were to be resolved. */
export type Resolution = {
  /** Of the merge, when nothing of it is left to a person. */
  readonly tree: Sha | undefined;
  /** The paths that could be resolved. */
  readonly resolved: readonly string[];
  readonly refused: readonly Escalation[];
};

/**
 * Merges and commits that exist outside the repository: those after the first see what was made before. Nothing
 * of it reaches the repository unless it is kept.
 */
export type Scratch = {
  readonly probe: (pair: ProbePair, attributes: AttributesOf) => Promise<MergeProbe>;
  /** The commits that a tip lacks, the oldest first. */
  readonly range: (range: Range) => Promise<readonly RangeCommit[]>;
  /** What a head has, made anew on a tip commit by commit; merges are left out, and so is what the tip has already. */
  readonly replay: (head: Sha, onto: Tip, attributes: AttributesOf) => Promise<Replayed>;
  /** Puts the lines of both sides together, for the last probe and before the next. */
  readonly resolve: (probe: ConflictProbe, candidates: readonly UnionCandidate[]) => Promise<Resolution>;
  /** As of `git`, where the commits are only here. */
  readonly pathHistory: Git['pathHistory'];
  readonly ancestry: (tip: Sha, candidate: Sha) => Promise<Ancestry>;
  /** Throws `identity_missing`. */
  readonly commit: (commit: NewCommit) => Promise<Sha>;
  /** The dirty, untracked and ignored paths of the checkout that a landing would overwrite. */
  readonly overwritten: (landing: LandingRecord) => Promise<readonly string[]>;
  /** Moves what leads to a commit into the repository. */
  readonly keep: (commit: Sha) => Promise<void>;
  /** The folders of the objects that are not in the repository, the newest first. */
  readonly objects: () => readonly string[];
  readonly close: () => Promise<void>;
};

/** Where a replay led, or the commit that it could not make anew. */
export type Replayed =
  | { readonly kind: 'replayed'; readonly tip: { readonly commit: Sha; readonly tree: Sha } }
  | {
      readonly kind: 'stuck';
      readonly at: RangeCommit | undefined;
      readonly probe: Exclude<MergeProbe, { readonly kind: 'clean' }>;
    };

/** The branch of a remote that a local branch follows. */
export type Upstream = {
  readonly remote: string;
  /** Its name there, without `refs/heads/`. */
  readonly branch: string;
  /** What people call it: `origin/main`. */
  readonly name: string;
  /** Commits that the local branch has and it lacks; `undefined` when it is gone. */
  readonly ahead: number | undefined;
};

/** How an attempt to move a target ended; a refused one left everything as it was. */
export type Landed = { readonly kind: 'landed' } | { readonly kind: 'refused'; readonly failure: Failure };

/** What a landing that was cut short came to; `left` are paths that were changed since and were not put back. */
export type Settled =
  | { readonly kind: 'landed' }
  | { readonly kind: 'not-landed'; readonly left: readonly string[] };

/** Moves branches, with index and files where they are checked out. */
export type Landings = {
  /** `keepable: false` for a dry run: it writes nothing below the repository, and asks for no identity. */
  readonly openScratch: (options: { readonly keepable: boolean }) => Promise<Scratch>;
  /** Throws `operation_in_progress` while git is in the middle of something with a target, wherever that is. */
  readonly assertIdle: (target: string, worktrees: readonly Worktree[]) => Promise<void>;
  /** What git is in the middle of in a worktree: a merge, a rebase, a bisect. */
  readonly operation: (worktree: Worktree) => Promise<string | undefined>;
  /** Moves the target by compare-and-swap. What it throws left the landing unsettled. */
  readonly land: (landing: LandingRecord, intent: OpenIntent) => Promise<Landed>;
  /** Makes a landing whole that was cut short: forward when only the branch was left, else back. */
  readonly settle: (landing: LandingRecord, startedAt: Date) => Promise<Settled>;
  readonly upstream: (branch: string) => Promise<Upstream | undefined>;
};
