import { type Divergence, openDivergenceCount, type Pair } from '../../domain/divergence.ts';
import { isFailure } from '../../domain/failure.ts';
import type { Ask } from './ask.ts';
import { readHistory } from './history.ts';

/**
 * How far each tip and its base have come apart, for any number of pairs in one process that reads no further back
 * than needed. `undefined` where git could not read the history.
 */
export async function readDivergence(
  ask: Ask,
  pairs: readonly Pair[],
): Promise<readonly (Divergence | undefined)[]> {
  const apart = pairs.filter(({ base, tip }) => base !== tip);
  const counted = apart.length === 0 ? [] : await count(ask, apart);
  const results = counted[Symbol.iterator]();
  return pairs.map(({ base, tip }) =>
    base === tip ? { ahead: 0, behind: 0, mergeBases: [tip], missing: [] } : results.next().value,
  );
}

async function count(ask: Ask, pairs: readonly Pair[]): Promise<readonly (Divergence | undefined)[]> {
  const counter = openDivergenceCount(pairs);
  const ids = new Set(pairs.flatMap(({ base, tip }) => [base, tip]));
  try {
    await readHistory(ask, ids, counter);
  } catch (error) {
    if (!isFailure(error, 'git_failed')) throw error;
    // One broken history must not hide the others.
    if (pairs.length === 1) return [undefined];
    const alone = await Promise.all(pairs.map((pair) => count(ask, [pair])));
    return alone.flat();
  }
  return counter.results();
}
