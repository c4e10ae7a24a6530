import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { auditMerges } from '../../../src/application/merge-audit.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import { importCommits } from '../../support/imports.ts';
import { mergeScene } from '../../support/merges.ts';

type Files = Readonly<Record<string, string>>;
type Change = (files: Files) => Files;

const text = (mark: string) => Array.from({ length: 9 }, (_, at) => `${mark} ${at}\n`).join('');
const start: Files = Object.fromEntries(
  ['a', 'b', 'd/a', 'd/b', 'd/c', 'e/a'].map((path) => [path, text(path)]),
);

const without = (files: Files, path: string): Files =>
  Object.fromEntries(
    Object.entries(files).filter(
      ([other]) => other !== path && !other.startsWith(`${path}/`) && !path.startsWith(`${other}/`),
    ),
  );
const put = (files: Files, path: string, content: string): Files => ({
  ...without(files, path),
  [path]: content,
});

const path = fc.constantFrom(...Object.keys(start), 'd', 'new', 'e/new', 'd/new');
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(path, fc.nat(8), fc.constantFrom('x', 'y')).map(
    ([file, row, mark]): Change =>
      (files) => {
        const rows = files[file]?.split('\n');
        return rows === undefined ? files : put(files, file, rows.with(row % rows.length, mark).join('\n'));
      },
  ),
  path.map(
    (file): Change =>
      (files) =>
        without(files, file),
  ),
  fc.tuple(path, path).map(
    ([from, to]): Change =>
      (files) => {
        const content = files[from];
        return content === undefined ? files : put(without(files, from), to, content);
      },
  ),
  fc.constantFrom(['d', 'e'], ['d', 'moved'], ['e', 'd']).map(
    ([from, to]): Change =>
      (files) =>
        Object.entries(files).reduce(
          (all, [file, content]) =>
            file.startsWith(`${from}/`) ? put(without(all, file), `${to}${file.slice(1)}`, content) : all,
          files,
        ),
  ),
  fc.tuple(path, fc.constantFrom('one\n', 'two\n')).map(
    ([file, content]): Change =>
      (files) =>
        put(files, file, content),
  ),
);
const changes = fc.array(change, { minLength: 1, maxLength: 4 });
const after = (all: readonly Change[]): Files => all.reduce((files, each) => each(files), start);

it("names nothing in what git's own merge left, however its conflicts were committed", async () => {
  const made = mergeScene();
  const samples = fc.sample(fc.tuple(changes, changes), { numRuns: 15, seed: 7 });
  const commits = importCommits(made.repo, [
    { name: 'base', tree: start, parents: [] },
    ...samples.flatMap(([ours, theirs], at) => [
      { name: `ours${at}`, tree: after(ours), parents: ['base'] },
      { name: `theirs${at}`, tree: after(theirs), parents: ['base'] },
    ]),
  ]);
  const git = (...args: string[]) =>
    spawnSync('git', args, { cwd: made.repo.path, env: made.repo.env, encoding: 'utf8' }).status;
  const merges: string[] = [];
  let conflicts = 0;
  for (const at of samples.keys()) {
    made.repo.git('checkout', '-q', '--force', '--detach', commits.get(`ours${at}`) as string);
    const status = git('merge', '-q', '--no-ff', '-m', `Merge ${at}`, commits.get(`theirs${at}`) as string);
    if (status === 1) {
      conflicts++;
      made.repo.git('add', '-A');
      made.repo.git('commit', '-q', '-m', `Merge ${at}`);
    }
    if (status === 0 || status === 1) merges.push(made.repo.git('rev-parse', 'HEAD'));
    else git('reset', '--hard', '-q'); // git 2.39 can crash on renamed folders
  }
  const tree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  const tip = made.repo.git(
    'commit-tree',
    '-m',
    'tip',
    ...merges.flatMap((each) => ['-p', each]),
    tree,
  ) as Sha;
  const found = await auditMerges(await made.hub(), { tip, since: [commits.get('base') as Sha] });
  expect(conflicts).toBeGreaterThan(3);
  const touched = found.merges.filter(({ outside }) => outside.length > 0);
  expect(touched).toEqual([]);
  expect(found.merges.length).toBeGreaterThan(10);
});
