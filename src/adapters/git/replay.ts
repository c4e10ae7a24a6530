import type { Range } from '../../application/ports/git.ts';
import type { Replayed } from '../../application/ports/landing.ts';
import type { Tip } from '../../domain/merge-plan.ts';
import type { RangeCommit } from '../../domain/range-commit.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { Ask } from './ask.ts';
import { commitTree } from './commit.ts';
import { type MergeTreePlace, mergeTrees } from './merge-trees.ts';
import { readRangeCommits } from './range-commits.ts';
import { readTrees } from './trees.ts';

export type ReplayPlace = {
  /** Where merge-tree runs, with the environment in which it reads and writes objects. */
  readonly merges: MergeTreePlace;
  /** The same for commits. */
  readonly objects: Readonly<Record<string, string>>;
  readonly commonDir: string;
  /** Where the target is checked out: its settings say who commits. */
  readonly checkout: Worktree | undefined;
  /** No commit of it will ever be kept. */
  readonly anonymous: boolean;
};

/** The commits of a range without merges, and without those whose patch the other side has, as git rebase picks them. */
async function replayable(
  ask: Ask,
  range: Range,
  env: Readonly<Record<string, string>>,
): Promise<readonly RangeCommit[]> {
  const picked = await ask({
    args: ['rev-list', '--no-merges', '--cherry-pick', '--right-only', `${range.since}...${range.tip}`],
    env,
    parse: ({ stdout }) => new Set(stdout.toString('latin1').split('\n')),
  });
  const commits = await readRangeCommits(ask, range, env);
  return commits.filter(({ commit }) => picked.has(commit));
}

async function isEmpty(
  ask: Ask,
  { commit, parents }: RangeCommit,
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const [tree, ...before] = await readTrees(ask, [commit, ...parents], env);
  return tree !== undefined && tree === before[0];
}

const unreadable = { kind: 'unknown', why: 'git could not read the tip of the target' } as const;

/**
 * Replays commits on a tip in memory, one after the other. git 2.39's merge-tree takes no `--merge-base`; a commit
 * that stands where the picked one's parent stood, with the tree of the tip, gives it that base.
 */
export async function replay(
  ask: Ask,
  head: Sha,
  onto: Tip,
  { merges, objects, commonDir, checkout, anonymous }: ReplayPlace,
): Promise<Replayed> {
  const commits = await replayable(ask, { since: onto.commit, tip: head }, objects);
  const cwd = checkout?.path ?? commonDir;
  const tree = onto.tree ?? (await readTrees(ask, [onto.commit], objects))[0];
  if (tree === undefined) return { kind: 'stuck', at: undefined, probe: unreadable };
  let tip = { commit: onto.commit, tree };
  for (const picked of commits) {
    const stand = await commitTree(
      ask,
      { tree: tip.tree, parents: picked.parents, message: 'where it was', checkout },
      { cwd, env: objects, anonymous: true },
    );
    const [probe] = await mergeTrees(ask, [{ ours: stand, theirs: picked.commit }], merges);
    if (probe?.kind !== 'clean')
      return { kind: 'stuck', at: picked, probe: probe ?? { kind: 'unknown', why: 'git gave no answer' } };
    // The target has the change already; a commit that was empty from the first stays, as git rebase keeps it.
    if (probe.tree === tip.tree && !(await isEmpty(ask, picked, objects))) continue;
    const { message, author } = picked;
    const commit = await commitTree(
      ask,
      { tree: probe.tree, parents: [tip.commit], message, author, checkout },
      { cwd, env: objects, anonymous },
    );
    tip = { commit, tree: probe.tree };
  }
  return { kind: 'replayed', tip };
}
