import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDivergenceCount, type Pair } from '../../src/domain/divergence.ts';
import type { Sha } from '../../src/domain/sha.ts';

const id = (index: number) => String(index).padStart(40, '0') as Sha;

/** A random history: commit n has up to three parents among the commits before it, or none. */
const history = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 14 })
  .map((choices) =>
    choices.map((parents, index) => (index === 0 ? [] : [...new Set(parents.map((p) => p % index))])),
  );

function reach(parents: readonly (readonly number[])[], tip: number): Set<number> {
  const seen = new Set<number>();
  const pending = [tip];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...(parents[next] ?? []));
  }
  return seen;
}

const without = (some: ReadonlySet<number>, others: ReadonlySet<number>) =>
  [...some].filter((each) => !others.has(each));

const pairOf = ([base, tip]: readonly [number, number], size: number): Pair => ({
  base: id(base % size),
  tip: id(tip % size),
});

const indexOf = (sha: Sha) => Number(sha);

describe('counting divergence', () => {
  it('gives what reachability says, in any order to the end, and children first as soon as it is settled', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 5 }),
        fc.option(fc.infiniteStream(fc.nat())),
        (parents, picks, order) => {
          const pairs = picks.map((pick) => pairOf(pick, parents.length));
          const counter = openDivergenceCount(pairs);
          const needed = pairs.flatMap(({ base, tip }) => [
            ...reach(parents, indexOf(base)),
            ...reach(parents, indexOf(tip)),
          ]);
          const stream = [...new Set(needed)]
            .map((commit) => ({ commit, rank: order === null ? -commit : order.next().value }))
            .sort((a, b) => a.rank - b.rank);
          for (const { commit } of stream) {
            if (order === null && counter.isSettled()) break;
            counter.read(id(commit), (parents[commit] ?? []).map(id));
          }
          const expected = pairs.map(({ base, tip }) => {
            const ours = reach(parents, indexOf(base));
            const theirs = reach(parents, indexOf(tip));
            return { ahead: without(theirs, ours).length, behind: without(ours, theirs).length };
          });
          const results = counter.results();
          expect(results.map((r) => r && { ahead: r.ahead, behind: r.behind })).toEqual(expected);
          for (const [index, { base, tip }] of pairs.entries()) {
            const ours = reach(parents, indexOf(base));
            const theirs = reach(parents, indexOf(tip));
            const common = [...ours].filter((each) => theirs.has(each));
            const best = common.filter(
              (each) => !common.some((other) => other !== each && reach(parents, other).has(each)),
            );
            const found = results[index]?.mergeBases.map(indexOf) ?? [];
            expect(found).toEqual(expect.arrayContaining(best));
            expect(common).toEqual(expect.arrayContaining(found));
            expect(results[index]?.missing?.map(indexOf).sort()).toEqual(without(ours, theirs).sort());
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is settled without the shared past', () => {
    const counter = openDivergenceCount([{ base: id(10), tip: id(11) }]);
    counter.read(id(11), [id(9)]);
    expect(counter.isSettled()).toBe(false);
    counter.read(id(10), [id(9)]);
    expect(counter.isSettled()).toBe(true);
    expect(counter.results()).toEqual([{ ahead: 1, behind: 1, mergeBases: [id(9)], missing: [id(10)] }]);
  });

  it('knows nothing of a pair whose commit never came', () => {
    const counter = openDivergenceCount([
      { base: id(1), tip: id(7) },
      { base: id(1), tip: id(2) },
    ]);
    counter.read(id(2), [id(1)]);
    counter.read(id(1), []);
    expect(counter.results()).toEqual([undefined, { ahead: 1, behind: 0, mergeBases: [id(1)], missing: [] }]);
  });

  it('finds no merge base of unrelated histories', () => {
    const counter = openDivergenceCount([{ base: id(1), tip: id(2) }]);
    counter.read(id(1), []);
    counter.read(id(2), []);
    expect(counter.results()).toEqual([{ ahead: 1, behind: 1, mergeBases: [], missing: [id(1)] }]);
  });
});
