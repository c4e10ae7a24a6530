import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, nearest } from '../../src/domain/near.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });

describe('the distance between two words', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['merge', 'mrege', 1],
    ['status', 'staus', 1],
    ['status', 'sttaus', 1],
    ['a', 'b', 1],
  ])('from %j to %j is %i', (a, b, edits) => {
    expect(distance(a, b)).toBe(edits);
  });

  it('is nothing to itself, the same both ways, and at most the longer length', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const edits = distance(a, b);
        expect(edits === 0).toBe(a === b);
        expect(distance(b, a)).toBe(edits);
        expect(edits).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(edits).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });

  it('is at most one after one edit', () => {
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom('x', ''), fc.boolean(), (text, seed, put, swap) => {
        const at = text.length === 0 ? 0 : seed % text.length;
        const edited = swap
          ? text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2)
          : text.slice(0, at) + put + text.slice(at + 1);
        expect(distance(text, edited)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('what a person may have meant', () => {
  const commands = ['create', 'cleanup', 'list', 'logs', 'merge', 'status', 'wait'];

  it.each([
    ['mrege', ['merge']],
    ['STATUS', ['status']],
    ['lst', ['list']],
    ['clean', ['cleanup']],
    ['zzz', []],
    ['', []],
  ])('by %j is %j', (name, expected) => {
    expect(nearest(name, commands)).toEqual(expected);
  });

  it('puts fewer edits before more, and words that only contain it last', () => {
    expect(nearest('login', ['fix-login', 'logins', 'logan'])).toEqual(['logan', 'logins', 'fix-login']);
  });

  it('names each candidate once, and no more than were asked for', () => {
    expect(nearest('ab', ['abc', 'abc', 'abd', 'abe', 'abf'])).toEqual(['abc', 'abd', 'abe']);
    expect(nearest('ab', ['abc', 'abd'], 1)).toEqual(['abc']);
  });

  it('does not take a word for another with which it shares no letter', () => {
    expect(nearest('a', ['b'])).toEqual([]);
  });

  it('stays quick on names of absurd length', () => {
    const started = performance.now();
    nearest(
      'x'.repeat(100_000),
      Array.from({ length: 50 }, (_, n) => 'x'.repeat(100_000 + n)),
    );
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
