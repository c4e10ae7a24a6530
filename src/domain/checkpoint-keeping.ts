import { type Checkpoint, type CheckpointKind, startNumber } from './checkpoint.ts';
import type { Sha } from './sha.ts';

/** What is known of a worktree when it may be saved. */
export type SeenState = {
  readonly head: Sha | undefined;
  readonly headTree: Sha | undefined;
  readonly tree: Sha;
};

/**
 * Whether a state is not saved already: as the last checkpoint, or as the commit that the run began with. What is all
 * committed when a run begins or ends has a branch that holds it.
 */
export function isWorthSaving(
  kind: CheckpointKind,
  { head, headTree, tree }: SeenState,
  last: Pick<Checkpoint, 'head' | 'tree'> | undefined,
  start: string | null,
): boolean {
  if (last !== undefined && last.tree === tree && last.head === head) return false;
  const isDirty = tree !== headTree;
  return isDirty || (kind === 'run' && (last !== undefined || head !== start));
}

/** The number after all that are there; the last is never dropped, so that none comes twice. */
export const nextNumber = (numbers: readonly number[]): number => Math.max(startNumber, ...numbers) + 1;

/** How many checkpoints a dispatch keeps, and how many of those are just the latest. */
export const mostCheckpoints = 20;
const mostLatest = 5;

/**
 * The numbers to drop so that at most `most` are left: never the first, the latest or one of `kept`; of the others
 * again and again the one that is closest between its neighbours, so that what is left is spread evenly.
 */
export function superfluous(
  numbers: readonly number[],
  { most = mostCheckpoints, kept = new Set() }: { most?: number; kept?: ReadonlySet<number> } = {},
): number[] {
  const left = [...numbers].sort((a, b) => a - b);
  const latest = new Set(left.slice(-Math.min(mostLatest, Math.max(1, most - 1))));
  const dropped: number[] = [];
  while (left.length > most) {
    let tightest: { readonly at: number; readonly gap: number } | undefined;
    for (let at = 1; at < left.length - 1; at++) {
      const number = left[at] ?? 0;
      if (latest.has(number) || kept.has(number)) continue;
      const gap = (left[at + 1] ?? 0) - (left[at - 1] ?? 0);
      if (tightest === undefined || gap < tightest.gap) tightest = { at, gap };
    }
    if (tightest === undefined) break;
    dropped.push(...left.splice(tightest.at, 1));
  }
  return dropped;
}
