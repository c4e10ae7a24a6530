import { describe, expect, it } from 'vitest';
import { openComparison } from '../../src/domain/comparison.ts';
import type { Sha } from '../../src/domain/sha.ts';

const modes: Readonly<Record<string, string>> = { d: '040000', x: '100755', l: '120000', s: '160000' };

/** `f1` is a file of content 1, `d1` a folder, `s1` a submodule, `''` nothing. */
const entry = (text: string) => ({
  mode: text === '' ? '000000' : (modes[text[0] ?? ''] ?? '100644'),
  id: text.slice(1),
});

type Tree = Readonly<Record<string, string>>;

/**
 * How two sides meet, from their trees and that of the merge base, all compared with a fourth tree; and the same
 * where the sides are compared with the merge base alone.
 */
function meeting(base: Tree, one: Tree, other: Tree, reference: Tree = base, ignoreCase = false) {
  const trees: Record<string, Tree> = { base, one, other, reference };
  const [star, chain] = [
    ['reference', 'reference', 'reference'] as const,
    ['reference', 'base', 'base'] as const,
  ].map((froms) => {
    const steps = ['base', 'one', 'other'].map((commit, at) => ({
      commit: commit as Sha,
      from: froms[at] as Sha,
    }));
    const plan = { reference: 'reference' as Sha, mergeBases: new Set(['base' as Sha]), steps };
    const comparison = openComparison(plan, { ignoreCase });
    for (const { commit, from } of steps) {
      const [earlier, later] = [trees[from] ?? {}, trees[commit] ?? {}];
      for (const path of new Set([...Object.keys(earlier), ...Object.keys(later)])) {
        const [before, after] = [earlier[path] ?? '', later[path] ?? ''];
        if (before !== after) comparison.note(commit, path, entry(before), entry(after));
      }
    }
    return comparison.meeting('base' as Sha, 'one' as Sha, 'other' as Sha);
  });
  expect(chain).toEqual(star);
  if (star === undefined) throw new TypeError('no meeting');
  return star;
}

const base = { a: 'f1', d: 'd1', 'd/a': 'f2', 'd/b': 'f3', s: 's1' };
const without = (...paths: string[]) =>
  Object.fromEntries(Object.entries(base).filter(([path]) => !paths.includes(path)));

describe('two sides of a merge', () => {
  it.each<[string, Tree, Tree, boolean]>([
    ['change the same file', { ...base, a: 'f7' }, { ...base, a: 'f8' }, true],
    [
      'change files of one folder',
      { ...base, d: 'd7', 'd/a': 'f7' },
      { ...base, d: 'd8', 'd/b': 'f8' },
      false,
    ],
    [
      'change one file alike and another differently',
      { ...base, a: 'f7', 'd/a': 'f8' },
      { ...base, a: 'f7', 'd/a': 'f9' },
      true,
    ],
    [
      'add one file alike and change another alike',
      { ...base, a: 'f7', n: 'f8' },
      { ...base, a: 'f7', n: 'f8' },
      true,
    ],
    ['change a file alike', { ...base, a: 'f7' }, { ...base, a: 'f7' }, false],
    ['add the same file: half of a rename perhaps', { ...base, n: 'f7' }, { ...base, n: 'f7' }, true],
    ['remove the same file: half of a rename perhaps', without('a'), without('a'), true],
    ['change its mode and its text', { ...base, a: 'x1' }, { ...base, a: 'f7' }, true],
    ['have a file here and a folder there', { ...base, n: 'f7' }, { ...base, n: 'd7', 'n/x': 'f8' }, true],
    [
      'add files to one new folder',
      { ...base, n: 'd7', 'n/x': 'f7' },
      { ...base, n: 'd8', 'n/y': 'f8' },
      false,
    ],
    ['rename a file that the other changes', { ...without('a'), n: 'f1' }, { ...base, a: 'f7' }, true],
    [
      'move a folder to which the other adds',
      { ...without('d', 'd/a', 'd/b'), e: 'd1', 'e/a': 'f2', 'e/b': 'f3' },
      { ...base, d: 'd8', 'd/deep': 'd9', 'd/deep/new': 'f9' },
      true,
    ],
    [
      'move a part of a folder to which the other adds',
      { ...without('d/a'), d: 'd7', 'e/a': 'f2' },
      { ...base, d: 'd8', 'd/new': 'f9' },
      false,
    ],
  ])('%s', (_, one, other, expected) => {
    expect(meeting(base, one, other).canConflict).toBe(expected);
    expect(meeting(base, other, one).canConflict).toBe(expected);
    // The same whatever they are all compared with.
    for (const reference of [{}, one, other, { d: 'f9', a: 'd9', 'a/x': 'f9' }])
      expect(meeting(base, one, other, reference).canConflict).toBe(expected);
  });

  it.each([
    [1, [0]],
    [33, [0, 31, 32]],
    [1024, [0, 1023]],
    [3001, [0, 64, 1023, 1024, 2999, 3000]],
  ])('meet in each of %i paths', (count, places) => {
    const all = (text: string) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, text]));
    const [before, here] = [all('f1'), all('f7')];
    expect(meeting(before, here, here).canConflict).toBe(false);
    for (const path of places.map((place) => `n${place}`)) {
      expect([path, meeting(before, here, { ...here, [path]: 'f8' }).canConflict]).toEqual([path, true]);
      expect([
        path,
        meeting(before, { ...before, [path]: 'f7' }, { ...before, [path]: 'f8' }, here).canConflict,
      ]).toEqual([path, true]);
    }
  });

  it('meet where the way to one of them passes what the other has', () => {
    const id = (name: string) => name as Sha;
    const steps = [
      { commit: id('later'), from: id('first') },
      { commit: id('other'), from: id('first') },
      { commit: id('one'), from: id('later') },
    ];
    const mergeBases = new Set([id('first'), id('later')]);
    const comparison = openComparison({ reference: id('first'), mergeBases, steps });
    comparison.note(id('later'), 'a', entry('f1'), entry('f2'));
    comparison.note(id('other'), 'a', entry('f1'), entry('f2'));
    comparison.note(id('one'), 'a', entry('f2'), entry('f3'));
    expect(comparison.meeting(id('first'), id('one'), id('other')).canConflict).toBe(true);
    expect(comparison.meeting(id('later'), id('one'), id('other')).canConflict).toBe(false);
  });

  it('meet in a submodule only when both change it', () => {
    expect(meeting(base, { ...base, s: 's2' }, { ...base, s: 's3' }).inSubmodule).toBe(true);
    expect(meeting(base, { ...base, s: 's2' }, { ...base, a: 'f9' }).inSubmodule).toBe(false);
  });

  it.each<[string, Tree, Tree, string[]]>([
    ['add one name in two spellings', { Read: 'f7' }, { READ: 'f8' }, ['READ add_add', 'Read add_add']],
    [
      'add it in two folders that are one',
      { N: 'd7', 'N/x': 'f7' },
      { n: 'd8', 'n/X': 'f8' },
      ['N/x add_add', 'n/X add_add'],
    ],
    [
      'add a file here and a folder there',
      { N: 'f7' },
      { n: 'd8', 'n/x': 'f8' },
      ['N location', 'n location'],
    ],
    ['add it in one spelling', { n: 'f7' }, { n: 'f8' }, []],
    [
      'add one name each, in folders of two spellings',
      { N: 'd7', 'N/x': 'f7' },
      { n: 'd8', 'n/y': 'f8' },
      [],
    ],
    ['spell anew, and change', { A: 'f1' }, { a: 'f9' }, []],
  ])('%s, where case does not count', (_, one, other, expected) => {
    const given = (side: Tree) => ({ ...('A' in side ? without('a') : base), ...side });
    const short = (reference?: Tree) =>
      meeting(base, given(one), given(other), reference, true).alike.map(
        ({ path, kind }) => `${path} ${kind}`,
      );
    expect(short()).toEqual(expected);
    for (const reference of [{}, one, given(other)]) expect(short(reference)).toEqual(expected);
    expect(meeting(base, given(one), given(other)).alike).toEqual([]);
  });
});
