import { describe, expect, it } from 'vitest';
import { planComparison } from '../../src/domain/comparison-plan.ts';
import { openMergeBases } from '../../src/domain/merge-bases.ts';
import type { Sha } from '../../src/domain/sha.ts';

/** Reads a history, the newest first, and plans the comparison of all pairs of tips; `x+` is work on top of x. */
function planOf(history: readonly (readonly [string, ...string[]])[], tips: readonly string[]) {
  const search = openMergeBases(tips.map((tip) => tip.replace('+', '') as Sha));
  for (const [id, ...parents] of history) search.read(id, parents);
  const sides = tips.map((tip) => ({ head: tip.replace('+', '') as Sha, commit: tip as Sha }));
  const found = search.results();
  const pairs = sides.flatMap((ours, at) =>
    sides.slice(at + 1).map((theirs) => ({ ours, theirs, bases: found.of(ours.head, theirs.head) ?? [] })),
  );
  const plan = planComparison(pairs, found.all);
  return plan && { ...plan, steps: plan.steps.map(({ commit, from }) => `${from} ${commit}`) };
}

describe('the plan of a comparison', () => {
  it('goes from each merge base to the next older one, and from the newest to each branch', () => {
    // main: m1 … m6, a and b from m2, c from m4, d from m5; the branches are newer than all of them.
    const history = [
      ...['a', 'b'].map((id) => [id, 'm2'] as const),
      ['c', 'm4'] as const,
      ['d', 'm5'] as const,
      ...[6, 5, 4, 3, 2].map((n) => [`m${n}`, `m${n - 1}`] as const),
      ['m1'] as const,
    ];
    expect(planOf(history, ['m6', 'd', 'a', 'c', 'b'])).toEqual({
      reference: 'm5',
      mergeBases: new Set(['m5', 'm4', 'm2']),
      steps: ['m5 m4', 'm4 m2', 'm5 m6', 'm5 d', 'm2 a', 'm4 c', 'm2 b'],
    });
  });

  it('keeps two lines apart that meet far back', () => {
    const history = [
      ['a', 'm3'] as const,
      ['x', 'r3'] as const,
      ['b', 'm2'] as const,
      ['y', 'r2'] as const,
      ['m3', 'm2'] as const,
      ['r3', 'r2'] as const,
      ['m2', 'root'] as const,
      ['r2', 'root'] as const,
      ['root'] as const,
    ];
    const plan = planOf(history, ['m3', 'r3', 'a', 'b', 'x', 'y']);
    expect(plan?.steps.slice(0, 4)).toEqual(['m3 r3', 'm3 m2', 'r3 r2', 'r2 root']);
  });

  it('counts work on top of a commit as its own, and equal tips as their own base', () => {
    expect(planOf([['a', 'm'], ['m']], ['a', 'a+', 'm'])).toEqual({
      reference: 'm',
      mergeBases: new Set(['m', 'a']),
      steps: ['m a', 'm a+'],
    });
  });

  it('is none where nothing has to do with anything', () => {
    expect(planOf([['a'], ['b']], ['a', 'b'])).toBe(undefined);
  });
});
