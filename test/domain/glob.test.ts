import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatcher } from '../../src/domain/glob.ts';

const matches = (glob: string, path: string) => globMatcher([glob])(path);
const name = fc.stringMatching(/^[a-z0-9._é -]{1,6}$/);
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));

describe('a glob', () => {
  it.each([
    ['a/b', ['a/b', 'a/b/c'], ['a/bc', 'x/a/b', 'a']],
    ['a/', ['a/b', 'a/b/c'], ['a', 'ab/c']],
    ['*.log', ['x.log', '.log'], ['a/x.log', 'x.logs', 'x.log/y']],
    ['**/*.log', ['x.log', 'a/x.log', 'a/b/x.log'], ['x.txt', 'x.log/y']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'ab/c']],
    ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['az', 'a/bz', 'a/z/b']],
    ['**', ['a', 'a/b'], ['']],
    ['a**b', ['ab', 'axxb'], ['a/b']],
    ['a?c', ['abc', 'a c', 'aéc'], ['a/c', 'ac', 'abbc']],
    ['[a-c]x', ['ax', 'cx'], ['dx', 'x', '/x']],
    ['[!a-c]x', ['dx'], ['ax', 'x']],
    ['[]-]x', [']x', '-x'], ['ax']],
    ['[[:digit:]]*', ['1', '12/3', '1a'].filter((each) => !each.includes('/')), ['a1', '1/2']],
    ['a\\*b', ['a*b'], ['axb']],
    ['a[1].md', ['a1.md', 'a[1].md'], ['a2.md']],
    ['a[b', ['a[b', 'a[b/c'], ['ab']],
  ])('%s', (glob, those, others) => {
    expect(those.filter((each) => !matches(glob, each))).toEqual([]);
    expect(others.filter((each) => matches(glob, each))).toEqual([]);
  });

  it('that is a plain path stands for that path and all below it', () => {
    fc.assert(
      fc.property(path, name, (plain, below) => {
        expect(matches(plain, plain)).toBe(true);
        expect(matches(plain, `${plain}/${below}`)).toBe(true);
        expect(matches(plain, `${plain}${below}`)).toBe(false);
      }),
    );
  });

  it('reaches any depth with a double star', () => {
    fc.assert(
      fc.property(path, name, (folder, last) => {
        expect(matches(`**/${last}`, `${folder}/${last}`)).toBe(true);
        expect(matches(`${folder}/**/${last}`, `${folder}/x/y/${last}`)).toBe(true);
        expect(matches(`${folder}/**`, `${folder}/${last}`)).toBe(true);
      }),
    );
  });

  it('of many stars takes no time on a long path', () => {
    expect(matches(`${'*a'.repeat(60)}b`, 'a'.repeat(4000))).toBe(false);
    expect(matches(`${'**/a/'.repeat(60)}b`, 'a/'.repeat(4000))).toBe(false);
  });

  it('is one of several, and none matches nothing', () => {
    expect(globMatcher(['a', '**/b'])('x/b')).toBe(true);
    expect(globMatcher([])('a')).toBe(false);
  });
});
