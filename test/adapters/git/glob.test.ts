import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { globMatcher } from '../../../src/domain/glob.ts';
import { makeRepo } from '../../support/repo.ts';

const atom = fc.constantFrom(
  'a',
  'b',
  'ab',
  '.x',
  '*',
  '?',
  '**',
  '[ab]',
  '[!a]',
  '[a-b]*',
  '\\*',
  '\\a',
  'a*',
  '*b',
);
const glob = fc
  .array(fc.array(atom, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.map((atoms) => atoms.join('')).join('/'))
  // git takes `a**/b` for `a` and `**/b`, against gitignore(5), since it looks at the rest after the plain beginning.
  .filter((pattern) => !/[^/]\*\*|\*\*[^/]/.test(pattern));

const paths = ['', 'a/', 'b/', 'a/b/', 'ab/a/', '.x/', 'b/ab/b/'].flatMap((folder) =>
  ['a1', 'b', 'abb', '.x', 'aab', '*'].map((name) => `${folder}${name}`),
);

it("matches what git's pathspecs match", () => {
  const repo = makeRepo({ empty: true });
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', args, { cwd: repo.path, env: repo.env, input, encoding: 'utf8' });
  const blob = git(['hash-object', '-w', '--stdin']).trim();
  git(['update-index', '--index-info'], paths.map((path) => `100644 ${blob} 0\t${path}\n`).join(''));
  const known = git(['ls-files', '-z']).split('\0').slice(0, -1);
  expect(known.length).toBeGreaterThan(30);
  fc.assert(
    fc.property(glob, (pattern) => {
      const found = git(['ls-files', '-z', '--', `:(glob)${pattern}`])
        .split('\0')
        .slice(0, -1);
      expect(known.filter(globMatcher([pattern])), pattern).toEqual(found);
    }),
    { numRuns: 150 },
  );
});
