import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Contender, landingOrder } from '../../src/domain/landing-order.ts';

const contender = (name: string, more: Partial<Contender> = {}): Contender => ({
  name,
  branch: name,
  target: 'main',
  base: 'main',
  conflictsWith: [],
  conflictsWithTarget: false,
  age: '',
  ...more,
});
const names = (contenders: readonly Contender[]) =>
  landingOrder(contenders).map(({ at }) => contenders[at]?.name);

describe('the order of landing', () => {
  it('takes the fewest conflicts first, and last what conflicts with the target itself', () => {
    const all = [
      contender('hub', { conflictsWith: [1, 2] }),
      contender('a', { conflictsWith: [0] }),
      contender('b', { conflictsWith: [0] }),
      contender('stuck', { conflictsWithTarget: true }),
      contender('free', { age: '2026-01-09' }),
    ];
    expect(landingOrder(all).map(({ at, why }) => [all[at]?.name, why])).toEqual([
      ['free', 'conflicts with none of the others'],
      ['a', 'conflicts with hub'],
      ['b', 'conflicts with hub'],
      ['hub', 'conflicts with a, b'],
      ['stuck', 'conflicts with main'],
    ]);
  });

  it('takes of equals what others are based on, then the oldest, then the first', () => {
    expect(
      names([
        contender('top', { base: 'middle', age: '2026-01-01' }),
        contender('middle', { base: 'bottom', age: '2026-01-02' }),
        contender('bottom', { age: '2026-01-03' }),
        contender('young', { age: '2026-01-05' }),
        contender('old', { age: '2026-01-04' }),
        contender('same', { age: '2026-01-04' }),
      ]),
    ).toEqual(['bottom', 'old', 'same', 'young', 'middle', 'top']);
  });

  it('takes what lands on the branch of another before that one, whatever it conflicts with', () => {
    expect(
      names([
        contender('a'),
        contender('onto a', { target: 'a', base: 'a', conflictsWith: [3] }),
        contender('b'),
        contender('c', { target: 'a', conflictsWith: [1] }),
      ]),
    ).toEqual(['c', 'onto a', 'a', 'b']);
  });

  it('is the whole of them once each, also where they are based on each other in a circle', () => {
    const any = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(fc.array(fc.record({ base: any, target: any, age: any }), { maxLength: 6 }), (specs) => {
        const all = specs.map(({ base, target, age }, at) =>
          contender(`b${at}`, {
            base: `b${base}`,
            target: target > 2 ? 'main' : `b${target}`,
            age: `${age}`,
          }),
        );
        expect([...landingOrder(all)].map(({ at }) => at).sort()).toEqual([...all.keys()]);
      }),
    );
  });
});
