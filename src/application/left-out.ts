import type { Tip } from '../domain/merge-plan.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import type { Target } from './landing-target.ts';
import type { Scratch } from './ports/landing.ts';

type Replay = {
  /** What a person calls the branch, and its commit. */
  readonly name: string;
  readonly head: Sha;
  /** What it was replayed on, and the tree that came of it. */
  readonly onto: Tip;
  readonly checkout: Target['checkout'];
  readonly tree: Sha;
};

/**
 * That a replay, which leaves merges out as git rebase does, came to another tree than a merge would: what somebody
 * changed in a merge commit itself is in no other commit.
 */
export async function leftOut(
  scratch: Pick<Scratch, 'range' | 'probe'>,
  { name, head, onto, checkout, tree }: Replay,
): Promise<readonly Warning[]> {
  const commits = await scratch.range({ since: onto.commit, tip: head });
  const merges = commits.filter(({ parents }) => parents.length > 1);
  if (merges.length === 0) return [];
  const attributes = { commit: onto.commit, checkout };
  const merged = await scratch.probe({ ours: onto.commit, theirs: head }, attributes);
  if (merged.kind === 'clean' && merged.tree === tree) return [];
  const ids = merges.map(({ commit }) => commit.slice(0, 10)).join(', ');
  const message = `a rebase leaves merges out, and without ${ids} the result is not what a merge of ${name} would be; it was ${head.slice(0, 10)} before`;
  return [{ code: 'merges_left_out', message }];
}
