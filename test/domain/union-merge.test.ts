import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  markerSize,
  unionOf,
  type Versions,
  whyNoUnion,
  withLineEnds,
} from '../../src/domain/union-merge.ts';

const line = fc.stringMatching(/^[a-d<=>|]{0,3}$/).map((text) => `${text}\n`);
const lines = fc.array(line, { maxLength: 4 });
const hunk = fc.record({ before: lines, ours: lines, theirs: lines });
const size = 33;

/** What `git merge-file --diff3` prints for hunks to which each side added lines. */
const printed = (hunks: readonly { before: string[]; ours: string[]; theirs: string[] }[], eol = '\n') =>
  hunks
    .map(({ before, ours, theirs }) =>
      [
        ...before,
        `${'<'.repeat(size)} ours${eol}`,
        ...ours,
        `${'|'.repeat(size)} base${eol}${'='.repeat(size)}${eol}`,
        ...theirs,
        `${'>'.repeat(size)} theirs${eol}`,
      ].join(''),
    )
    .join('');

const isWithin = (some: readonly string[], all: readonly string[]) => {
  let at = 0;
  for (const each of all) if (each === some[at]) at++;
  return at === some.length;
};
const linesOf = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((each) => `${each}\n`);
const plain: Versions = { base: '', ours: 'x\n', theirs: 'y\n' };

describe('the union of two sides', () => {
  it('has all lines of both in their order, and no line that neither has', () => {
    fc.assert(
      fc.property(fc.array(hunk, { maxLength: 4 }), (hunks) => {
        const union = unionOf(printed(hunks), size, plain);
        const found = union.kind === 'text' ? linesOf(union.text) : [];
        const ours = hunks.flatMap((each) => [...each.before, ...each.ours]);
        const theirs = hunks.flatMap((each) => [...each.before, ...each.theirs]);
        expect(union.kind).toBe('text');
        expect(isWithin(ours, found)).toBe(true);
        expect(isWithin(theirs, found)).toBe(true);
        const longest = hunks.flatMap((each) => [...each.before, ...each.ours, ...each.theirs]).length;
        expect(found.length).toBeLessThanOrEqual(longest);
      }),
    );
  });

  it('has once what both added at the beginning or the end', () => {
    const union = unionOf(
      printed([{ before: [], ours: ['a\n', 'b\n', 'z\n'], theirs: ['a\n', 'c\n', 'z\n'] }]),
      size,
      plain,
    );
    expect(union).toEqual({ kind: 'text', text: 'a\nb\nc\nz\n' });
  });

  it('is none where a line of the base is in conflict', () => {
    const text = printed([{ before: [], ours: ['a\n'], theirs: ['b\n'] }]).replace(
      `${'='.repeat(size)}\n`,
      `old\n${'='.repeat(size)}\n`,
    );
    expect(unionOf(text, size, plain)).toEqual({ kind: 'no', why: 'both sides changed the same lines' });
  });

  it('is read from CRLF files too', () => {
    const text = printed([{ before: ['x\r\n'], ours: ['a\r\n'], theirs: ['b\r\n'] }], '\r\n');
    expect(unionOf(text, size, plain)).toEqual({ kind: 'text', text: 'x\r\na\r\nb\r\n' });
  });

  it('ends as the sides do', () => {
    const text = printed([{ before: [], ours: ['a\n'], theirs: ['b\n'] }]);
    expect(unionOf(text, size, { base: '', ours: 'a', theirs: 'b' })).toMatchObject({ text: 'a\nb' });
    expect(unionOf(text, size, { base: '', ours: 'a\n', theirs: 'b' })).toMatchObject({ text: 'a\nb\n' });
  });

  it('needs an answer that is whole', () => {
    expect(() => unionOf(`${'<'.repeat(size)} ours\na\n`, size, plain)).toThrow('without its end');
  });
});

it('gives the last line an end in the style of the one before', () => {
  expect(withLineEnds({ base: '', ours: 'a\r\nb', theirs: 'a\nb' })).toEqual({
    base: '',
    ours: 'a\r\nb\r\n',
    theirs: 'a\nb\n',
  });
});

it('chooses markers that no line can be taken for', () => {
  fc.assert(
    fc.property(fc.constantFrom('<', '|', '=', '>'), fc.nat(200), (character, length) => {
      const run = character.repeat(length);
      const found = markerSize({ base: `a\n${run} x\n`, ours: run, theirs: '' });
      expect(`${run}`.startsWith(character.repeat(found ?? 0))).toBe(false);
    }),
  );
  expect(markerSize({ base: '='.repeat(1000), ours: '', theirs: '' })).toBeUndefined();
});

it('refuses what is no list of lines', () => {
  expect(whyNoUnion({ ...plain, ours: 'a\0b\n' })).toMatchObject({ kind: 'no' });
  expect(whyNoUnion({ ...plain, theirs: 'version https://git-lfs.github.com/spec/v1\n' })).toMatchObject({
    kind: 'no',
  });
  expect(whyNoUnion(plain)).toBeUndefined();
});
