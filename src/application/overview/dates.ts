import { isFailure } from '../../domain/failure.ts';
import type { RefFacts } from '../../domain/ref-facts.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { Hub } from '../ports.ts';

/** When the worktrees' commits were made; git is asked again only for those that are no branch's tip. */
export async function commitDates(
  hub: Hub,
  worktrees: readonly Worktree[],
  refs: readonly RefFacts[],
): Promise<ReadonlyMap<Sha, Date>> {
  const dates = new Map(refs.map(({ sha, committedAt }) => [sha, committedAt]));
  const others = worktrees.flatMap(({ head }) => (head === undefined || dates.has(head) ? [] : [head]));
  if (others.length === 0) return dates;
  const found = await hub.git.commitDates(others).catch((error) => {
    if (!isFailure(error, 'git_failed')) throw error;
    return []; // a broken commit: its row shows that it could not be judged
  });
  for (const [index, head] of others.entries()) {
    const date = found[index];
    if (date !== undefined) dates.set(head, date);
  }
  return dates;
}
