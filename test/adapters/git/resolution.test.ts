import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Resolved, resolveByPolicy } from '../../../src/application/resolution.ts';
import { conflictPolicy } from '../../../src/domain/conflict-policy.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import { importCommits, type Tree } from '../../support/imports.ts';
import { type MergeScene, mergeScene } from '../../support/merges.ts';

const everything = conflictPolicy({ union: ['**'], auto: true });

type Sides = readonly [base: Tree, ours: Tree, theirs: Tree];

/** Merges each by policy; of what landed also the files, one character per byte, and their modes. */
async function resolveAll(sides: readonly Sides[], policy = everything, scene: MergeScene = mergeScene()) {
  const commits = importCommits(
    scene.repo,
    sides.flatMap(([base, ours, theirs], at) => [
      { name: `base${at}`, tree: base, parents: [] },
      { name: `ours${at}`, tree: ours, parents: [`base${at}`] },
      { name: `theirs${at}`, tree: theirs, parents: [`base${at}`] },
    ]),
  );
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: scene.repo.path, env: scene.repo.env, encoding: 'latin1' });
  const scratch = await (await scene.hub()).landings.openScratch({ keepable: true });
  const results: (Resolved & { files?: Record<string, string>; modes?: string })[] = [];
  try {
    for (const at of sides.keys()) {
      const objects = git('count-objects', '-v');
      const [ours, theirs] = [commits.get(`ours${at}`) as Sha, commits.get(`theirs${at}`) as Sha];
      const probe = await scratch.probe({ ours, theirs }, { commit: ours, checkout: undefined });
      const result = await resolveByPolicy(scratch, probe, policy);
      expect(git('count-objects', '-v')).toBe(objects);
      if (result.probe.kind !== 'clean') {
        results.push(result);
        continue;
      }
      const { tree } = result.probe;
      const [parents, message] = [[ours, theirs], `Merge ${at}`];
      const commit = await scratch.commit({ tree, parents, message, checkout: undefined });
      await scratch.keep(commit);
      const names = git('ls-tree', '-r', '-z', '--name-only', commit).split('\0').slice(0, -1);
      const files = Object.fromEntries(
        names.map((name) => [name, git('cat-file', 'blob', `${commit}:${name}`)]),
      );
      results.push({ ...result, files, modes: git('ls-tree', '-r', '--format=%(objectmode)', commit) });
    }
    git('fsck', '--strict');
    return results;
  } finally {
    await scratch.close();
  }
}

const resolved = ({ probe }: Resolved) =>
  probe.kind === 'clean' ? probe.resolved : probe.kind === 'conflicts' ? probe.conflicts : probe;
const log = (...rows: (string | number)[]) => rows.map((row) => `${row}\n`).join('');

describe('the conflicts of append-only files', () => {
  it('are resolved to a merge with the lines of both', async () => {
    const other = { 'src/a.py': log(1, 2, 3), 'b/c': 'kept\n' };
    const executable = (text: string) => ({ mode: '100755', text });
    const cases: [string, Sides, Record<string, string>][] = [
      ['appended', [{ l: log(1) }, { l: log(1, 'a') }, { l: log(1, 'b') }], { l: log(1, 'a', 'b') }],
      ['from nothing', [{ l: '' }, { l: log('a') }, { l: log('b') }], { l: log('a', 'b') }],
      ['added by both', [{}, { l: log('a') }, { l: log('b') }], { l: log('a', 'b') }],
      [
        'in two places close together',
        [{ l: log(1, 2, 3) }, { l: log(1, 'a', 2, 'b', 3) }, { l: log(1, 'c', 2, 'd', 3) }],
        { l: log(1, 'a', 'c', 2, 'b', 'd', 3) },
      ],
      [
        'without a newline at the end on one side',
        [{ l: '1\n2' }, { l: '1\n2\na' }, { l: '1\n2\nb\n' }],
        { l: '1\n2\na\nb\n' },
      ],
      ['without one anywhere', [{ l: '1' }, { l: '1\na' }, { l: '1\nb' }], { l: '1\na\nb' }],
      ['with CRLF', [{ l: '1\r\n' }, { l: '1\r\na\r\n' }, { l: '1\r\nb\r\n' }], { l: '1\r\na\r\nb\r\n' }],
      [
        'not UTF-8',
        [{ l: '\xe9\n' }, { l: '\xe9\n\xe8\n' }, { l: '\xe9\n\xff\n' }],
        { l: '\xe9\n\xe8\n\xff\n' },
      ],
      [
        'like conflict markers',
        [{ l: '' }, { l: `${'='.repeat(40)}\n<<<<<<< x\n` }, { l: `${'<'.repeat(50)} ours\n` }],
        { l: `${'='.repeat(40)}\n<<<<<<< x\n${'<'.repeat(50)} ours\n` },
      ],
      [
        'several, beside what git merges itself',
        [
          { ...other, x: log(1), 'd/y z': '' },
          { ...other, x: log(1, 2), 'd/y z': log('a'), n: 'new\n' },
          { ...other, 'src/a.py': log(1, 2, 4), x: log(1, 3), 'd/y z': log('b') },
        ],
        { 'b/c': 'kept\n', 'd/y z': log('a', 'b'), n: 'new\n', 'src/a.py': log(1, 2, 4), x: log(1, 2, 3) },
      ],
      [
        'executable',
        [{ l: executable(log(1)) }, { l: executable(log(1, 2)) }, { l: executable(log(1, 3)) }],
        { l: log(1, 2, 3) },
      ],
    ];
    const results = await resolveAll(cases.map(([, sides]) => sides));
    for (const [at, [name, , files]] of cases.entries()) {
      expect(results[at]?.files, name).toEqual(files);
      expect(results[at]?.escalations, name).toEqual([]);
    }
    expect(results.map(resolved)[9]).toEqual([
      { path: 'd/y z', kind: 'content', resolution: 'union' },
      { path: 'x', kind: 'content', resolution: 'union' },
    ]);
    expect(results[10]?.modes).toBe('100755\n');
  });

  it('are left to a person where lines were changed, or more than lines collides', async () => {
    const f = log(...Array(20).keys());
    const [a, b] = [f.replace('5\n', 'a\n'), f.replace('5\n', 'b\n')];
    const link = (text: string) => ({ mode: '120000', text });
    const submodule = (digit: string) => ({ mode: '160000', text: digit.repeat(40) });
    const executable = (text: string) => ({ mode: '100755', text });
    const lfs = (digit: string) => `version https://git-lfs.github.com/spec/v1\noid sha256:${digit}\n`;
    const cases: [string, Sides][] = [
      ['content', [{ f }, { f: a }, { f: b }]],
      ['content: one removed what the other appended to', [{ f: log(1) }, { f: '' }, { f: log(1, 2) }]],
      ['mode', [{}, { f }, { f: executable(f) }]],
      ['content and mode', [{ f: '' }, { f: log('a') }, { f: executable(log('b')) }]],
      ['modify_delete', [{ f }, { f: a }, {}]],
      ['delete_modify', [{ f }, {}, { f: a }]],
      ['rename (both)', [{ f }, { a: f }, { b: f }]],
      ['rename (and deletion)', [{ f }, { a: f }, {}]],
      ['binary', [{ b: '\0a\0' }, { b: '\0b\0' }, { b: '\0c\0' }]],
      ['submodule', [{ s: submodule('1') }, { s: submodule('2') }, { s: submodule('3') }]],
      ['file and folder', [{}, { p: 'file\n' }, { 'p/x': 'inside\n' }]],
      ['file and symlink', [{}, { p: 'file\n' }, { p: link('README.md') }]],
      ['two symlinks', [{}, { p: link('a') }, { p: link('b') }]],
      [
        'a new file in a renamed folder',
        [
          { 'd/a': f, 'd/b': log('b') },
          { 'e/a': f, 'e/b': log('b') },
          { 'd/a': f, 'd/b': log('b'), 'd/n': 'n' },
        ],
      ],
      ['Git LFS', [{}, { f: lfs('1') }, { f: lfs('2') }]],
      ['a name that is not UTF-8', [{}, { 'c\xe9': 'a\n' }, { 'c\xe9': 'b\n' }]],
    ];
    const results = await resolveAll(cases.map(([, sides]) => sides));
    for (const [at, [name]] of cases.entries()) {
      expect(results[at]?.probe, name).toMatchObject({ kind: 'conflicts' });
      expect(results[at]?.escalations.length, name).toBeGreaterThan(0);
    }
    const why = (at: number) => results[at]?.escalations[0]?.why;
    expect([0, 3, 14, 15].map(why)).toEqual([
      'both sides changed the same lines',
      'its sides are not the same kind of file',
      'it is kept in Git LFS',
      'its name is not UTF-8',
    ]);
  });

  it('keep the merge whole: beside one that is left to a person nothing lands', async () => {
    const policy = conflictPolicy({ union: ['**/*.log'], auto: true });
    const base = { 'a.log': log(1), 'uv.lock': log(1), 'z.txt': log(1) };
    const side = (mark: string) => ({ 'a.log': log(1, mark), 'uv.lock': log(mark), 'z.txt': log(1, mark) });
    const [mixed] = await resolveAll([[base, side('a'), side('b')]], policy);
    expect(mixed?.probe.kind).toBe('conflicts');
    expect(mixed && resolved(mixed)).toEqual([
      { path: 'a.log', kind: 'content', resolution: 'union' },
      { path: 'uv.lock', kind: 'content', resolution: null },
      { path: 'z.txt', kind: 'content', resolution: null },
    ]);
    expect(mixed?.escalations).toEqual([
      { path: 'uv.lock', why: expect.stringContaining('lock file') },
      { path: 'z.txt', why: undefined },
    ]);
  });

  it('are all left where nothing is to be resolved automatically', async () => {
    const policy = conflictPolicy({ union: ['**'], auto: false });
    const [off] = await resolveAll([[{ l: log(1) }, { l: log(1, 2) }, { l: log(1, 3) }]], policy);
    expect(off?.probe).toMatchObject({ kind: 'conflicts', conflicts: [{ path: 'l', resolution: null }] });
  });

  it('are resolved in a repository whose name git would have to quote', async () => {
    const scene = mergeScene({ name: 'a:b "c"\nd' });
    const [odd] = await resolveAll([[{ l: '' }, { l: log(1) }, { l: log(2) }]], everything, scene);
    expect(odd?.files).toEqual({ l: log(1, 2) });
  });

  it('can be resolved until the next probe only, in a bare repository too', async () => {
    const scene = mergeScene({
      base: { l: '', f: log(1) },
      branches: { a: { l: log(1) }, b: { l: log(2) } },
    });
    const bare = join(scene.repo.root, 'hub.git');
    scene.repo.git('clone', '-q', '--bare', '.', bare);
    const hub = await scene.hub(bare);
    const scratch = await hub.landings.openScratch({ keepable: false });
    try {
      const [ours, theirs] = ['a', 'b'].map((name) => scene.repo.git('rev-parse', name) as Sha) as [Sha, Sha];
      const attributes = { commit: ours, checkout: undefined };
      const probe = await scratch.probe({ ours, theirs }, attributes);
      // What is committed meanwhile does not go with the conflicts.
      const tree = scene.repo.git('rev-parse', 'a^{tree}') as Sha;
      const made = await scratch.commit({ tree, parents: [ours], message: 'x', checkout: undefined });
      expect((await resolveByPolicy(scratch, probe, everything)).probe.kind).toBe('clean');
      expect((await scratch.probe({ ours: made, theirs }, attributes)).kind).toBe('conflicts');
      await expect(resolveByPolicy(scratch, probe, everything)).rejects.toThrow(TypeError);
    } finally {
      await scratch.close();
    }
  });

  it('lose no line of either side in random files', async () => {
    const row = fc.constantFrom('a', 'b', '', 'c\r', '<<<<<<<', '=======', '{"x":1}');
    const rows = fc.array(row, { maxLength: 4 });
    const part = fc.record({ before: rows, ours: rows, theirs: rows });
    const samples = fc.sample(fc.tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.boolean()), {
      numRuns: 12,
      seed: 5,
    });
    const text = (found: readonly string[], isEnded: boolean) =>
      found.length === 0 ? '' : found.join('\n') + (isEnded ? '\n' : '');
    const sides = samples.map(([parts, isEnded]): Sides => {
      const of = (side: 'ours' | 'theirs') => parts.flatMap((each) => [...each.before, ...each[side]]);
      return [
        {
          l: text(
            parts.flatMap(({ before }) => before),
            true,
          ),
        },
        { l: text(of('ours'), isEnded) },
        { l: text(of('theirs'), true) },
      ];
    });
    const results = await resolveAll(sides);
    let unions = 0;
    for (const [at, { probe, files }] of results.entries()) {
      if (files === undefined || probe.kind !== 'clean' || probe.resolved === undefined) continue;
      unions++;
      const found = (files.l ?? '').split('\n');
      const [, ours, theirs] = sides[at] as Sides;
      for (const side of [ours, theirs]) {
        const wanted = String(side.l).replace(/\n$/, '').split('\n');
        let next = 0;
        for (const each of found) if (each === wanted[next]) next++;
        expect(next, JSON.stringify([sides[at], files.l])).toBe(wanted.length);
      }
    }
    expect(unions).toBeGreaterThan(3);
  });
});
