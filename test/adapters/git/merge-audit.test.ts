import { describe, expect, it } from 'vitest';
import { parseTreeDiffs } from '../../../src/adapters/git/merge-audit.ts';
import { auditMerges } from '../../../src/application/merge-audit.ts';
import { failures } from '../../../src/domain/failure.ts';
import { auditWarnings, lossesOf, MergeAudit } from '../../../src/domain/merge-audit.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import { importCommits, type NewCommit, type Tree } from '../../support/imports.ts';
import { mergeScene } from '../../support/merges.ts';

const log = (...rows: (string | number)[]) => rows.map((row) => `${row}\n`).join('');
const f = log(...Array(20).keys());
const [fOurs, fTheirs] = [f.replace('5\n', 'ours\n'), f.replace('5\n', 'theirs\n')];
const [top, end] = [f.replace('0\n', 'top\n'), f.replace('19\n', 'end\n')];
const both = top.replace('19\n', 'end\n');

type Made = { readonly base: Tree; readonly ours: Tree; readonly theirs: Tree; readonly merge: Tree };

/** A history in which each of these merges follows from a first commit of its own; the audit of each. */
async function audit(merges: readonly Made[]) {
  const made = mergeScene();
  const commits = importCommits(
    made.repo,
    merges.flatMap(({ base, ours, theirs, merge }, at): NewCommit[] => [
      { name: `base${at}`, tree: base, parents: [] },
      { name: `ours${at}`, tree: ours, parents: [`base${at}`] },
      { name: `theirs${at}`, tree: theirs, parents: [`base${at}`] },
      { name: `merge${at}`, tree: merge, parents: [`ours${at}`, `theirs${at}`] },
    ]),
  );
  const tip = made.repo.git(
    'commit-tree',
    '-m',
    'tip',
    ...merges.flatMap((_, at) => ['-p', commits.get(`merge${at}`) as string]),
    '4b825dc642cb6eb9a060e54bf8d69288fbee4904', // nothing is in it, so nothing was put back
  ) as Sha;
  const hub = await made.hub();
  const before = made.repo.git('count-objects', '-v');
  made.commands.length = 0;
  const found = await auditMerges(hub, { tip, since: [made.repo.git('rev-parse', 'main') as Sha] });
  expect(made.repo.git('count-objects', '-v')).toBe(before);
  expect(MergeAudit.parse(found)).toEqual(found);
  const byCommit = new Map(found.merges.map(({ commit, outside }) => [commit as string, outside]));
  return {
    made,
    commits,
    found,
    processes: made.commands.length,
    outside: merges.map((_, at) =>
      byCommit.get(commits.get(`merge${at}`) as string)?.map(({ path, change }) => `${change} ${path}`),
    ),
  };
}

describe('the audit of merges', () => {
  it('finds nothing in honest ones, whatever was in conflict and however it was resolved', async () => {
    const k = { kept: 'kept\n' };
    const d = { 'd/a': f, 'd/b': log('b') };
    const e = { 'e/a': f, 'e/b': log('b') };
    const link = (text: string) => ({ mode: '120000', text });
    const submodule = (digit: string) => ({ mode: '160000', text: digit.repeat(40) });
    const executable = { mode: '100755', text: f };
    const resolve = (name: string, sides: readonly [Tree, Tree, Tree], merges: readonly Tree[]) =>
      merges.map((merge) => ({
        name,
        made: {
          base: { ...k, ...sides[0] },
          ours: { ...k, ...sides[1], o: 'o\n' },
          theirs: { ...k, ...sides[2], t: 't\n' },
          merge: { ...k, o: 'o\n', t: 't\n', ...merge },
        },
      }));
    const cases = [
      ...resolve('none', [{ f }, { f: top }, { f: end }], [{ f: both }]),
      ...resolve(
        'content',
        [{ f }, { f: fOurs }, { f: fTheirs }],
        [{ f: fOurs }, { f: fTheirs }, { f: 'x' }, {}],
      ),
      ...resolve('add_add', [{}, { n: 'x' }, { n: 'y' }], [{ n: 'x' }, { n: 'xy' }]),
      ...resolve('mode', [{}, { f }, { f: executable }], [{ f }, { f: executable }]),
      ...resolve('modify_delete', [{ f }, { f: fOurs }, {}], [{ f: fOurs }, {}]),
      ...resolve('delete_modify', [{ f }, {}, { f: fOurs }], [{ f: fOurs }, {}]),
      ...resolve('binary', [{ b: '\0a' }, { b: '\0b' }, { b: '\0c' }], [{ b: '\0b' }, { b: '\0c' }]),
      ...resolve(
        'submodule',
        [{ s: submodule('1') }, { s: submodule('2') }, { s: submodule('3') }],
        [{ s: submodule('2') }, { s: submodule('3') }, {}],
      ),
      ...resolve('rename', [{ f }, { a: f }, { b: f }], [{ a: f }, { b: f }, { a: f, b: f }, { f }]),
      ...resolve('rename and deletion', [{ f }, { a: f }, {}], [{ a: f }, {}, { f }]),
      ...resolve(
        'file and folder',
        [{}, { p: 'file' }, { 'p/x': 'in', 'p/y/z': 'in' }],
        [{ p: 'file' }, { 'p/x': 'in', 'p/y/z': 'in' }, { 'p/x': 'in', 'p/y/z': 'changed' }],
      ),
      ...resolve(
        'changed file and folder',
        [{ p: f }, { p: fOurs }, { 'p/x': 'in' }],
        [{ p: fOurs }, { 'p/x': 'in' }],
      ),
      ...resolve(
        'file and symlink',
        [{}, { p: 'file' }, { p: link('kept') }],
        [{ p: 'file' }, { p: link('kept') }],
      ),
      ...resolve(
        'a new file in a renamed folder',
        [d, e, { ...d, 'd/n': 'new' }],
        [{ ...e, 'e/n': 'new' }, { ...e, 'd/n': 'new' }, e],
      ),
      ...resolve('a name that is not UTF-8', [{}, { 'c\xe9': 'x' }, { 'c\xe9': 'y' }], [{ 'c\xe9': 'z' }]),
    ];
    const { outside, processes, found } = await audit(cases.map(({ made }) => made));
    expect(cases.map(({ name }, at) => [name, outside[at]])).toEqual(cases.map(({ name }) => [name, []]));
    expect(found.unaudited).toMatchObject([{ subject: 'tip' }]);
    expect(auditWarnings(found)).toMatchObject([{ code: 'merge_not_audited' }]);
    expect(lossesOf(found)).toEqual([]);
    expect(processes).toBeLessThanOrEqual(6);
  });

  it('names every path that others changed, and what is lost', async () => {
    const many = Object.fromEntries(Array.from({ length: 135 }, (_, at) => [`m/${at}`, `${at}\n`]));
    const base = { ...many, c1: f, c2: f, g: f, 'old name': f, empty: '' };
    const ours = { ...base, c1: fOurs, c2: fOurs, g: top, mine: 'mine\n' };
    const theirs = { ...base, c1: fTheirs, c2: fTheirs, g: end, theirs: 'theirs\n', late: 'late\n' };
    const honest = { ...theirs, c1: fOurs, c2: 'resolved', g: both, mine: 'mine\n' };
    const without = (tree: Tree, ...paths: string[]): Tree =>
      Object.fromEntries(Object.entries(tree).filter(([path]) => !paths.includes(path)));
    const cases: [Tree, readonly string[]][] = [
      [honest, []],
      [
        without(honest, ...Object.keys(many)),
        Object.keys(many)
          .sort()
          .map((path) => `deleted ${path}`),
      ],
      // git merge -s ours
      [ours, ['reverted g', 'deleted late', 'deleted theirs']],
      [theirs, ['reverted g', 'deleted mine']],
      [{ ...honest, g: `${both}more\n` }, ['changed g']],
      [{ ...honest, sneaked: 'in\n' }, ['added sneaked']],
      [{ ...without(honest, 'late'), 'sub/late': 'late\n' }, ['moved late', 'added sub/late']],
      [{ ...without(honest, 'empty'), 'sub/empty': '' }, ['deleted empty', 'added sub/empty']],
      [{ ...honest, mine: { mode: '100755', text: 'mine\n' } }, ['changed mine']],
    ];
    const { outside, found } = await audit(cases.map(([merge]) => ({ base, ours, theirs, merge })));
    expect(outside.map((paths) => paths?.toSorted())).toEqual(
      cases.map(([, expected]) => expected.toSorted()),
    );
    expect(lossesOf(found).length).toBe(135 + 3 + 2 + 1);
    expect(failures.outsideChanges('feat/a', lossesOf(found).slice(0, 20))).toMatchObject({
      kind: 'refused',
      code: 'outside_changes',
      message: expect.stringMatching(/ of feat\/a takes? away what was not in conflict: m\/0, .* more$/),
      hint: expect.stringMatching(
        /^put them back \(git show --remerge-diff [0-9a-f]{10} .*--accept-outside$/,
      ),
    });
    const [warning] = auditWarnings(found);
    expect(warning).toMatchObject({ code: 'changed_outside_conflicts' });
  });

  it('no longer names what was put back', async () => {
    const made = mergeScene({ base: { f, g: f } });
    made.branch('feat/a', { g: top });
    const since = made.commit({ f: fTheirs, g: end, wiped: 'x\n', n: 'n\n' }) as Sha;
    const path = made.at('feat/a');
    made.repo.gitIn(path, 'merge', '-q', '-s', 'ours', '-m', "Merge branch 'main'", 'main');
    const hub = await made.hub();
    const paths = async () => {
      const tip = made.repo.git('rev-parse', 'feat/a') as Sha;
      const { merges } = await auditMerges(hub, { tip, since: [since] });
      return merges.map(({ subject, outside }) => [
        subject,
        outside.map(({ path, change }) => `${change} ${path}`),
      ]);
    };
    const subject = "Merge branch 'main'";
    expect(await paths()).toEqual([[subject, ['reverted f', 'reverted g', 'deleted n', 'deleted wiped']]]);
    made.commit({ wiped: 'again\n', f: fTheirs, g: 'something else\n' }, path);
    expect(await paths()).toEqual([[subject, ['reverted g', 'deleted n']]]);
    made.commit({ n: 'n\n', g: both }, path);
    expect(await paths()).toEqual([[subject, []]]);
  });

  it("heeds the attributes of each merge's first parent", async () => {
    const union = { '.gitattributes': '*.log merge=union\n' };
    const sides = {
      base: { 'a.log': log(1) },
      ours: { 'a.log': log(1, 'a') },
      theirs: { 'a.log': log(1, 'b') },
      merge: { 'a.log': log(1, 'a', 'b') },
    };
    const withUnion = {
      base: { ...sides.base, ...union },
      ours: { ...sides.ours, ...union },
      theirs: { ...sides.theirs, ...union },
    };
    const { outside } = await audit([
      sides,
      { ...withUnion, merge: { ...sides.merge, ...union } },
      // Without a conflict this is no resolution.
      { ...withUnion, merge: { ...sides.ours, ...union } },
      { ...sides, merge: sides.ours },
    ]);
    expect(outside).toEqual([[], [], ['reverted a.log'], []]);
  });

  it('says what it cannot judge, and leaves out what is in the base already', async () => {
    const made = mergeScene();
    const side = (name: string, ...parents: string[]) => ({ name, tree: { [name]: name }, parents });
    const commits = importCommits(made.repo, [
      side('a'),
      side('b'),
      side('unrelated', 'a', 'b'),
      side('c', 'a'),
      side('d', 'a'),
      side('e', 'a'),
      { name: 'octopus', tree: { a: 'a' }, parents: ['c', 'd', 'e'] },
      { name: 'tip', tree: { a: 'a' }, parents: ['octopus', 'unrelated'] },
    ]);
    const id = (name: string) => commits.get(name) as Sha;
    const hub = await made.hub();
    const { unaudited } = await auditMerges(hub, { tip: id('tip'), since: [] });
    expect(unaudited.toSorted((x, y) => (x.subject < y.subject ? -1 : 1))).toEqual([
      { commit: id('octopus'), subject: 'octopus', why: 'it has 3 parents' },
      { commit: id('unrelated'), subject: 'unrelated', why: 'its parents have no common history' },
    ]);
    const range = { tip: id('tip'), since: [id('octopus'), id('unrelated')] };
    expect(await auditMerges(hub, range)).toMatchObject({ merges: [{ commit: id('tip') }], unaudited: [] });
  });

  it('is remembered where that is asked for', async () => {
    const made = mergeScene({ base: { f } });
    made.branch('feat/a', { a: 'a\n' });
    const since = made.commit({ b: 'b\n' }) as Sha;
    made.repo.gitIn(made.at('feat/a'), 'merge', '-q', '-s', 'ours', '-m', 'Merge', 'main');
    const tip = made.repo.git('rev-parse', 'feat/a') as Sha;
    const hub = await made.hub();
    const count = async (remembered: boolean) => {
      made.commands.length = 0;
      const { merges } = await auditMerges(hub, { tip, since: [since], remembered });
      expect(merges).toMatchObject([{ outside: [{ path: 'b', change: 'deleted' }] }]);
      return made.commands.length;
    };
    const first = await count(true);
    expect(await count(true)).toBeLessThan(first);
    expect(await count(true)).toBe(1);
    expect(await count(false)).toBe(first);
  });
});

describe('the diffs of trees', () => {
  const [one, two] = ['1'.repeat(40), '2'.repeat(40)];
  const raw = `:100644 000000 ${one} ${two} D`;

  it('may be empty, and may have paths that look like anything', () => {
    const text = `${one} ${two}\n${one} ${one}\n${raw}\0${one} ${two}\n\0${raw}\0:a\0${two} ${one}\n`;
    expect(parseTreeDiffs(text, 4 - 1)).toEqual([
      [],
      [
        { path: `${one} ${two}\n`, status: 'D', raw },
        { path: ':a', status: 'D', raw },
      ],
      [],
    ]);
  });

  it('are refused when they are something else', () => {
    expect(() => parseTreeDiffs(`${one} ${two}\n`, 2)).toThrow('1 diffs instead of 2');
    expect(() => parseTreeDiffs(`${one} ${two}\n${raw}`, 1)).toThrow('no change');
  });
});
