import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { MergeProbe, ProbePair } from '../../../src/domain/merge-probe.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import type { Worktree } from '../../../src/domain/worktree.ts';
import { importCommits, type Tree } from '../../support/imports.ts';
import { type Edits, type MergeScene, mergeScene } from '../../support/merges.ts';

const lines = (...changed: [number, string][]) =>
  Array.from(
    { length: 20 },
    (_, at) => `${changed.find(([line]) => line === at)?.[1] ?? `line ${at}`}\n`,
  ).join('');

const tip = ({ repo }: MergeScene, revision: string) => repo.git('rev-parse', revision) as Sha;
const pairOf = (scene: MergeScene, ours: string, theirs: string): ProbePair => ({
  ours: tip(scene, ours),
  theirs: tip(scene, theirs),
});

const f = lines();
const [fOurs, fTheirs] = [lines([5, 'x']), lines([5, 'y'])];
const d = { 'd/a': f, 'd/b': lines([0, 'other']) };
const e = { 'e/a': f, 'e/b': lines([0, 'other']) };
const link = (text: string) => ({ mode: '120000', text });
const submodule = (digit: string) => ({ mode: '160000', text: digit.repeat(40) });
const odd = Buffer.from([0x63, 0xe9]).toString('latin1');

const cases: [string, Tree, Tree, Tree, unknown][] = [
  ['nothing', { f }, { f: fOurs }, { f: lines([15, 'y']) }, 'clean'],
  ['content', { f }, { f: fOurs }, { f: fTheirs }, [['f', 'content']]],
  ['add_add', {}, { n: 'x' }, { n: 'y' }, [['n', 'add_add']]],
  ['mode', {}, { n: 'x' }, { n: { mode: '100755', text: 'x' } }, [['n', 'mode']]],
  ['modify_delete', { f }, { f: fOurs }, {}, [['f', 'modify_delete']]],
  ['delete_modify', { f }, {}, { f: fOurs }, [['f', 'delete_modify']]],
  ['binary', { b: '\0a\0' }, { b: '\0b\0' }, { b: '\0c\0' }, [['b', 'binary']]],
  ['submodule', { s: submodule('1') }, { s: submodule('2') }, { s: submodule('3') }, [['s', 'submodule']]],
  [
    'rename (both, differently)',
    { f },
    { a: f },
    { b: f },
    [
      ['a', 'rename'],
      ['b', 'rename'],
      ['f', 'rename'],
    ],
  ],
  ['rename (against a deletion)', { f }, { a: f }, {}, [['a', 'rename']]],
  ['rename (changed too, against a deletion)', { f }, {}, { a: fOurs }, [['a', 'rename']]],
  ['location (file and folder)', {}, { p: 'file' }, { 'p/x': 'inside' }, [['p', 'location']]],
  ['location (changed file and folder)', { p: f }, { p: fOurs }, { 'p/x': 'inside' }, [['p', 'location']]],
  ['location (file and symlink)', {}, { p: 'file' }, { p: link('README.md') }, [['p', 'location']]],
  ['location (a new file in a renamed folder)', d, e, { ...d, 'd/n': 'new' }, [['e/n', 'location']]],
  [
    'names with spaces, quotes and newlines',
    { 'a "b"\nc': f },
    { 'a "b"\nc': fOurs },
    { 'a "b"\nc': fTheirs },
    [['a "b"\nc', 'content']],
  ],
  ['names that are not UTF-8', {}, { [odd]: 'x' }, { [odd]: 'y' }, [['c\\xE9', 'add_add']]],
];

describe('conflicts as git finds them', () => {
  let probes: readonly MergeProbe[] = [];
  beforeAll(async () => {
    const scene = mergeScene();
    const commits = importCommits(
      scene.repo,
      cases.flatMap(([, base, ours, theirs], index) => [
        { name: `base${index}`, tree: base, parents: [] },
        { name: `ours${index}`, tree: ours, parents: [`base${index}`] },
        { name: `theirs${index}`, tree: theirs, parents: [`base${index}`] },
      ]),
    );
    const pairs = cases.map((_, index) => ({
      ours: commits.get(`ours${index}`) as Sha,
      theirs: commits.get(`theirs${index}`) as Sha,
    }));
    const hub = await scene.hub();
    probes = await hub.git.probe(pairs, { commit: tip(scene, 'main'), checkout: undefined });
  });

  it.each(cases.map(([name, , , , expected], index) => ({ name, expected, index })))(
    'are $name',
    ({ expected, index }) => {
      const probe = probes[index];
      expect(
        probe?.kind === 'conflicts' ? probe.conflicts.map(({ path, kind }) => [path, kind]) : probe?.kind,
      ).toEqual(expected);
    },
  );
});

describe('a batch of probes', () => {
  const scene = () => {
    const made = mergeScene({ base: { f: lines() } });
    made.branch('feat/a', { f: lines([5, 'a']) });
    made.branch('feat/b', { f: lines([5, 'b']) });
    made.branch('feat/c', { c: 'c' });
    made.repo.git('checkout', '-q', '--orphan', 'orphan');
    made.repo.git('commit', '-q', '-m', 'orphan');
    made.repo.git('checkout', '-q', 'main');
    return made;
  };
  const kinds = async (made: MergeScene, pairs: readonly ProbePair[]) => {
    const probes = await (await made.hub()).git.probe(pairs, {
      commit: tip(made, 'main'),
      checkout: undefined,
    });
    return probes.map(({ kind }) => kind);
  };

  it('is one process', async () => {
    const made = scene();
    const pairs = [
      pairOf(made, 'feat/a', 'feat/b'),
      pairOf(made, 'feat/a', 'feat/c'),
      pairOf(made, 'main', 'feat/a'),
    ];
    const hub = await made.hub();
    const [main] = await hub.git.worktrees();
    made.commands.length = 0;
    const probes = await hub.git.probe(pairs, { commit: tip(made, 'main'), checkout: main });
    expect(probes.map(({ kind }) => kind)).toEqual(['conflicts', 'clean', 'clean']);
    expect(made.commands).toHaveLength(1);
    expect(await hub.git.probe([], { commit: tip(made, 'main'), checkout: main })).toEqual([]);
  });

  it('goes on after pairs without a common history and ids that do not exist', async () => {
    const made = scene();
    const good = pairOf(made, 'feat/a', 'feat/c');
    const orphan = pairOf(made, 'feat/a', 'orphan');
    const missing = { ours: good.ours, theirs: '1'.repeat(40) as Sha };
    expect(await kinds(made, [orphan, good, missing, missing, good, orphan])).toEqual([
      'unrelated',
      'clean',
      'unknown',
      'unknown',
      'clean',
      'unrelated',
    ]);
  });

  it('finds the pair on which git crashes', async () => {
    const made = scene();
    const good = pairOf(made, 'feat/a', 'feat/c');
    const bad = pairOf(made, 'feat/b', 'feat/c');
    // A git that dies on one pair and loses what it has not written out.
    const bin = join(made.repo.root, 'bin');
    mkdirSync(bin);
    const real = made.repo.git('--exec-path');
    writeFileSync(
      join(bin, 'git'),
      `#!/bin/bash\ncase "$*" in *merge-tree*) input=$(cat); case "$input" in *${bad.ours}*) kill -ABRT $$;; esac; printf '%s\\n' "$input" | exec ${real}/git "$@";; *) exec ${real}/git "$@";; esac\n`,
      { mode: 0o755 },
    );
    made.env.PATH = `${bin}:${made.env.PATH}`;
    expect(await kinds(made, [good, good, good, bad, good])).toEqual([
      'clean',
      'clean',
      'clean',
      'unknown',
      'clean',
    ]);
  });

  it('leaves nothing in the repository or in the temporary folder', async () => {
    const made = scene();
    const before = made.repo.git('count-objects', '-v');
    const temporary = join(made.repo.root, 'tmp'); // other tests probe at the same time
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    await kinds(made, [pairOf(made, 'feat/a', 'feat/b'), pairOf(made, 'feat/a', 'feat/c')]);
    expect(made.repo.git('count-objects', '-v')).toBe(before);
    expect(readdirSync(temporary)).toEqual([]);
    vi.unstubAllEnvs();
  });
});

describe('the attributes that govern a probe', () => {
  const union = { '.gitattributes': '*.log merge=union\n', 'sub/.gitattributes': '*.txt merge=union\n' };
  const sides = (mark: string) => ({ 'a.log': `base\n${mark}\n`, 'sub/a.txt': `base\n${mark}\n` });
  const scene = (attributes: Edits) => {
    const made = mergeScene({ base: { 'a.log': 'base\n', 'sub/a.txt': 'base\n' } });
    made.branch('feat/a', sides('theirs'));
    made.commit(sides('ours'));
    made.commit(attributes);
    return made;
  };
  const probe = async (made: MergeScene, checkout: Worktree | undefined) => {
    const pair = pairOf(made, 'main', 'feat/a');
    const [answer] = await (await made.hub()).git.probe([pair], { commit: pair.ours, checkout });
    return answer?.kind;
  };

  it("are the target's, where it is checked out", async () => {
    const made = scene(union);
    const [main] = await (await made.hub()).git.worktrees();
    expect(await probe(made, main)).toBe('clean');
  });

  it("are the target's, where it is checked out nowhere", async () => {
    expect(await probe(scene(union), undefined)).toBe('clean');
    expect(await probe(scene({}), undefined)).toBe('conflicts');
  });

  it('are not those of a checkout that stands elsewhere', async () => {
    const made = scene(union);
    const hub = await made.hub();
    const branch = (await hub.git.worktrees()).find(({ isMain }) => !isMain);
    expect(await probe(made, branch)).toBe('clean');
  });

  it('are found although a sparse checkout lacks their files', async () => {
    const made = scene(union);
    made.repo.git('sparse-checkout', 'set', '--no-cone', '/README.md');
    const [main] = await (await made.hub()).git.worktrees();
    expect(await probe(made, main)).toBe('clean');
  });

  it('are found from a bare repository', async () => {
    const made = scene(union);
    const pair = pairOf(made, 'main', 'feat/a');
    const bare = join(made.repo.root, 'hub.git');
    made.repo.git('clone', '-q', '--bare', made.repo.path, bare);
    const [answer] = await (await made.hub(bare)).git.probe([pair], {
      commit: pair.ours,
      checkout: undefined,
    });
    expect(answer?.kind).toBe('clean');
  });
});
