import type { Base } from './base.ts';
import type { Sha } from './sha.ts';
import type { Worktree } from './worktree.ts';

/** One side of a merge that is tried: a commit, or the work in a tree on top of one. */
export type TrialSide = {
  /** What history it has. */
  readonly head: Sha;
  /** What is merged: the head, or a commit on it that holds what is not committed yet. */
  readonly commit: Sha;
  /** The tree of that work; `undefined` where there is none. */
  readonly tree: Sha | undefined;
};

/** What tells a side from every other, and is the same each time: a synthetic commit's id says less than its tree. */
export const keyOf = ({ head, tree }: TrialSide): string => (tree === undefined ? head : `${head}+${tree}`);

/** A worktree as it is compared. */
export type Participant = {
  /** The branch, or the path. */
  readonly id: string;
  readonly worktree: Worktree;
  readonly side: TrialSide;
  readonly base: Pick<Base, 'branch' | 'sha'> | undefined;
};

/** A pair that is to be tried; `governing` is the commit whose attributes count. */
export type PlannedPair = {
  readonly a: string;
  readonly b: string;
  readonly ours: TrialSide;
  readonly theirs: TrialSide;
  readonly governing: Sha;
};

export type PlanOptions = {
  /** Only pairs that one of these is in; all when left out. */
  readonly selected?: ReadonlySet<Worktree> | undefined;
  /** Each against this alone, and not against each other. */
  readonly against?: { readonly ref: string; readonly sha: Sha } | undefined;
};

/** The id of each worktree, in their order: its branch unless another has that too. */
export function idsOf(worktrees: readonly Worktree[]): string[] {
  const isTaken = (branch: string) => worktrees.filter((other) => other.branch === branch).length > 1;
  return worktrees.map(({ branch, path }) => (branch === undefined || isTaken(branch) ? path : branch));
}

/** The pairs to try: each worktree against its base, then with those after it. */
export function planPairs(participants: readonly Participant[], options: PlanOptions): PlannedPair[] {
  const { selected, against } = options;
  const isWanted = ({ worktree }: Participant) => selected?.has(worktree) !== false;
  return participants.flatMap((one, index) => [
    ...(isWanted(one) ? againstBase(one, against) : []),
    ...(against !== undefined
      ? []
      : participants
          .slice(index + 1)
          .filter((other) => isWanted(one) || isWanted(other))
          .flatMap((other) => together(one, other))),
  ]);
}

function againstBase({ id, side, base }: Participant, against: PlanOptions['against']): PlannedPair[] {
  const target = against ?? (base === undefined ? undefined : { ref: base.branch, sha: base.sha });
  if (target === undefined || keyOf(side) === target.sha) return [];
  const ours = { head: target.sha, commit: target.sha, tree: undefined };
  return [{ a: id, b: `base:${target.ref}`, ours, theirs: side, governing: target.sha }];
}

function together(one: Participant, other: Participant): PlannedPair[] {
  if (keyOf(one.side) === keyOf(other.side)) return [];
  if (isBaseOf(one, other) || isBaseOf(other, one)) return [];
  const governing = one.base?.sha ?? other.base?.sha ?? one.side.head;
  return [{ a: one.id, b: other.id, ours: one.side, theirs: other.side, governing }];
}

/** Whether a worktree holds the other's base and nothing else: that pair is there already. */
const isBaseOf = ({ worktree, side }: Participant, { base }: Participant): boolean =>
  base !== undefined && side.tree === undefined && side.head === base.sha && worktree.branch === base.branch;
