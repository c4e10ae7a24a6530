import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workLimits } from '../../src/adapters/git/weigh.ts';
import { parentsOf } from '../../src/domain/restore-plan.ts';
import { type CheckpointScene, checkpointScene, contents } from '../support/checkpoints.ts';

const cacheOf = ({ repo }: CheckpointScene) => {
  const folder = join(repo.path, '.git', 'wt', 'cache');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'git-version') : [];
};

describe('restoring a checkpoint', () => {
  it('brings the worktree back as it was, and the saved state brings that back', async () => {
    const scene = checkpointScene();
    const { path, write, git, repo } = scene;
    repo.commit('files', { 'a.txt': 'a\n', 'd/b.txt': 'b\n', run: 'r\n' }, path);
    write('a.txt', 'agent\n');
    write('new/untracked.txt', 'u\n');
    symlinkSync('a.txt', join(path, 'link'));
    const then = contents(path);
    const checkpoint = await scene.save();
    repo.commit('later', { 'a.txt': 'committed\n', 'd/b.txt': 'b2\n' }, path);
    rmSync(join(path, 'new'), { recursive: true });
    rmSync(join(path, 'link'));
    mkdirSync(join(path, 'link'));
    write('link/now a folder', 'x\n');
    write('extra', 'e\n');
    chmodSync(join(path, 'run'), 0o755);
    git('add', 'extra');
    const now = contents(path);
    const [index, head] = [readFileSync(join(scene.gitDir, 'index')), git('rev-parse', 'HEAD')];

    const restored = await scene.restore(checkpoint);
    expect(contents(path)).toEqual(then);
    expect(readFileSync(join(scene.gitDir, 'index')).equals(index)).toBe(true);
    expect(git('rev-parse', 'HEAD')).toBe(head);
    expect(git('status', '--porcelain').split('\n').sort()).toEqual([' M a.txt', ' M d/b.txt', 'AD extra']);
    const { saved } = restored;
    if (saved === undefined) throw new Error('nothing was saved');
    await scene.restore(saved);
    expect(contents(path)).toEqual(now);
    expect(cacheOf(scene)).toEqual([]);
  });

  it('touches nothing but what differs', async () => {
    const scene = checkpointScene();
    const { path, write, repo } = scene;
    repo.commit('files', { same: 's\n', other: 'o\n' }, path);
    write('other', '1\n');
    const checkpoint = await scene.save();
    write('other', '2\n');
    const before = statSync(join(path, 'same'), { bigint: true });
    await scene.restore(checkpoint);
    expect(statSync(join(path, 'same'), { bigint: true })).toMatchObject({
      ino: before.ino,
      ctimeNs: before.ctimeNs,
    });
    expect(await scene.restore(checkpoint)).toMatchObject({ files: [], saved: undefined });
  });

  it('refuses to overwrite what is saved nowhere: ignored files, and what was left out', async () => {
    const scene = checkpointScene();
    const { path, write, repo } = scene;
    repo.commit('rules', { '.gitignore': 'later\n' }, path);
    write('.gitignore', '\n');
    write('later/x', 'from the checkpoint\n');
    write('grown', 'small\n');
    const checkpoint = await scene.save();
    rmSync(join(path, 'later'), { recursive: true });
    write('.gitignore', 'later\n');
    write('later', 'ignored, and precious\n');
    const before = contents(path);
    const refused = await scene.restore(checkpoint);
    expect(refused).toMatchObject({ inTheWay: ['later'], saved: undefined });
    expect(contents(path)).toEqual(before);
    rmSync(join(path, 'later'));
    write('later/x', 'from the checkpoint\n'); // as after a restore that was cut short
    write('later/y', 'beside it\n');
    expect(await scene.restore(checkpoint)).toMatchObject({ inTheWay: [] });
    expect(contents(path)).toMatchObject({ 'later/y': 'file beside it\n', grown: 'file small\n' });
  });

  it('keeps what was too large for the checkpoint, and what the checkpoint would ignore', async () => {
    const scene = checkpointScene();
    const { path, write, git } = scene;
    write('.gitignore', 'cache/\n*.env\n');
    git('add', '.gitignore');
    write('big', 'x'.repeat(50));
    const checkpoint = await scene.save({ limits: { ...workLimits, fileBytes: 20 } });
    write('.gitignore', '\n');
    write('big', 'small now');
    write('cache/1', 'c\n');
    write('my.env', 'SECRET=1\n');
    write('extra', 'e\n');
    const { files, warnings } = await scene.restore(checkpoint);
    expect(files).toEqual([
      { path: '.gitignore', status: 'restored' },
      { path: 'big', status: 'kept' },
      { path: 'cache/1', status: 'kept' },
      { path: 'extra', status: 'removed' },
      { path: 'my.env', status: 'kept' },
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(['ignored_kept', 'left_out']);
    expect(contents(path)).toMatchObject({ big: 'file small now', 'cache/1': 'file c\n' });
  });

  it('does not follow links out of the worktree', async () => {
    const scene = checkpointScene();
    const { path, write, repo } = scene;
    const outside = join(repo.root, 'outside');
    mkdirSync(outside);
    write('d/file', 'in the checkpoint\n');
    const checkpoint = await scene.save();
    rmSync(join(path, 'd'), { recursive: true });
    symlinkSync(outside, join(path, 'd'));
    expect(await scene.restore(checkpoint, ['d/file'])).toMatchObject({ inTheWay: ['d'], saved: undefined });
    await scene.restore(checkpoint);
    expect(readdirSync(outside)).toEqual([]);
    expect(contents(path)).toMatchObject({ 'd/file': 'file in the checkpoint\n' });
  });

  it('runs the filters of the checkpoint, not those of the worktree', async () => {
    const scene = checkpointScene();
    const { path, write, repo } = scene;
    repo.git('config', 'filter.rot.clean', 'tr a-z b-za');
    repo.git('config', 'filter.rot.smudge', 'tr b-za a-z');
    write('.gitattributes', '*.rot filter=rot\n*.crlf text eol=crlf\n');
    write('secret.rot', 'plain\n');
    write('lines.crlf', 'one\r\ntwo\r\n');
    const then = contents(path);
    const checkpoint = await scene.save();
    expect(scene.held(checkpoint.tree)['secret.rot']).toBe('100644 qmbjo');
    rmSync(join(path, '.gitattributes'));
    write('secret.rot', 'other\n');
    rmSync(join(path, 'lines.crlf'));
    await scene.restore(checkpoint);
    expect(contents(path)).toEqual(then);
  });

  it('leaves submodules and repositories inside as they are', async () => {
    const scene = checkpointScene();
    const { path, write, repo, git } = scene;
    const inner = join(path, 'inner');
    execFileSync('git', ['init', '-q', inner], { env: repo.env });
    repo.commit('inner', { f: '1\n' }, inner);
    git('-c', 'advice.addEmbeddedRepo=false', 'add', 'inner');
    git('commit', '-q', '-m', 'a submodule');
    execFileSync('git', ['init', '-q', join(path, 'other')], { env: repo.env });
    write('file', '1\n');
    const checkpoint = await scene.save();
    expect(checkpoint.leftOut).toMatchObject([{ path: 'other/', why: 'repository' }]);
    repo.commit('more', { f: '2\n' }, inner);
    write('other/x', 'x\n');
    write('file', '2\n');
    const { files, warnings } = await scene.restore(checkpoint);
    expect(files).toEqual([
      { path: 'file', status: 'restored' },
      { path: 'inner', status: 'kept' },
    ]);
    expect(warnings).toMatchObject([{ code: 'submodule_kept' }]);
    expect(readFileSync(join(inner, 'f'), 'utf8')).toBe('2\n');
  });

  it('writes nothing below the repository when it only looks', async () => {
    const scene = checkpointScene();
    scene.write('a', '1\n');
    const checkpoint = await scene.save();
    scene.write('a', '2\n');
    const hub = await scene.hub();
    const look = () => [scene.repo.git('count-objects', '-v'), cacheOf(scene), contents(scene.path)];
    const before = look();
    const worktree = (await hub.git.worktrees()).find((each) => each.path === scene.path);
    if (worktree === undefined) throw new Error('no worktree');
    scene.commands.length = 0;
    const restoring = await hub.checkpoints.open(worktree, checkpoint, { isDry: true });
    expect(restoring.changes).toEqual([{ path: 'a', raw: 'a', kind: 'write' }]);
    await restoring.close();
    expect(look()).toEqual(before);
    expect(scene.commands).toHaveLength(6);
  });

  it('sees what changes between its look and its write', async () => {
    const scene = checkpointScene();
    scene.write('a', '1\n');
    const checkpoint = await scene.save();
    scene.write('a', '2\n');
    rmSync(join(scene.path, 'README.md'));
    const hub = await scene.hub();
    const worktree = (await hub.git.worktrees()).find((each) => each.path === scene.path);
    if (worktree === undefined) throw new Error('no worktree');
    const restoring = await hub.checkpoints.open(worktree, checkpoint, { isDry: false });
    expect(await restoring.moved(restoring.changes)).toEqual([]);
    scene.write('a', '3\n');
    scene.write('README.md', 'back, and different\n');
    expect(await restoring.moved(restoring.changes)).toEqual(['a', 'README.md']);
    await restoring.close();
  });
});

type Entry = { readonly kind: 'file' | 'program' | 'link'; readonly text: string };

const names = ['a', 'b', 'd', 'é\n"x', '-n', '.gitignore'];
const path = fc
  .array(fc.constantFrom(...names.slice(0, 5)), { minLength: 0, maxLength: 2 })
  .chain((folders) => fc.constantFrom(...names).map((name) => [...folders, name].join('/')));
const rules = fc.subarray(['a', 'b/', '*', '!d', '/d/a', '-n']).map((lines) => `${lines.join('\n')}\n`);
const entry: fc.Arbitrary<Entry> = fc.record({
  kind: fc.constantFrom('file', 'file', 'program', 'link'),
  text: fc.constantFrom('1\n', '2\n', '', 'no end', 'a', '..'),
});
const tree = fc.array(fc.tuple(path, entry, rules), { maxLength: 9 });
type Tree = typeof tree extends fc.Arbitrary<infer T> ? T : never;

/** Makes a folder hold exactly these files; what is in the way of a later one goes. */
function fill(folder: string, files: Tree): void {
  for (const name of readdirSync(folder)) {
    if (name !== '.git') rmSync(join(folder, name), { recursive: true });
  }
  for (const [file, { kind, text }, lines] of files) {
    const place = join(folder, file);
    for (const parent of parentsOf(file).reverse()) {
      const above = lstatSync(join(folder, parent), { throwIfNoEntry: false });
      if (above?.isDirectory() === false) rmSync(join(folder, parent));
    }
    rmSync(place, { recursive: true, force: true });
    mkdirSync(dirname(place), { recursive: true });
    if (file.endsWith('.gitignore')) writeFileSync(place, lines);
    else if (kind === 'link') symlinkSync(text === '' ? 'a' : text, place);
    else writeFileSync(place, text, { mode: kind === 'program' ? 0o755 : 0o644 });
  }
}

it('restores any state, also in a second try, and what was saved before is as if nothing had happened', async () => {
  const scene = checkpointScene();
  const { path: folder, git } = scene;
  let refused = 0;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(tree, tree, tree, fc.boolean(), fc.option(fc.nat(6)), async (...given) => {
      const [committed, then, now, isStaged, killedAfter] = given;
      git('checkout', '-q', '--force', '--detach', 'main');
      fill(folder, committed);
      git('add', '-A');
      git('commit', '-q', '--allow-empty', '-m', 'base');
      fill(folder, then);
      const checkpoint = await scene.save();
      const held = contents(folder);
      fill(folder, now);
      if (isStaged) git('add', '-A');
      const before = contents(folder);
      const { saved, inTheWay, apply } = await scene.restore(checkpoint, [], killedAfter ?? undefined);
      runs++;
      if (inTheWay.length > 0) refused++;
      if (saved === undefined) {
        expect(contents(folder)).toEqual(before);
        if (inTheWay.length === 0) expect(apply).toEqual([]);
        return;
      }
      const again = killedAfter === null ? undefined : await scene.restore(checkpoint);
      expect(again?.inTheWay ?? []).toEqual([]);
      const restored = contents(folder);
      for (const name of Object.keys(scene.held(checkpoint.tree))) {
        const raw = Buffer.from(name).toString('latin1');
        expect([name, restored[raw]]).toEqual([name, held[raw]]);
      }
      for (const state of [again?.saved, saved]) if (state !== undefined) await scene.restore(state);
      const after = contents(folder);
      expect(after).toMatchObject(before);
      // What came back to where the rules ignore it is in no checkpoint, and stays.
      const ignored = git('ls-files', '-z', '--others', '--ignored', '--exclude-standard').split('\0');
      const names = new Set(ignored.map((name) => Buffer.from(name).toString('latin1')));
      expect(Object.keys(after).filter((name) => !(name in before) && !names.has(name))).toEqual([]);
    }),
    {
      numRuns: Number(process.env.WT_RESTORE_RUNS ?? 6),
      ...(process.env.WT_RESTORE_SEED ? { seed: Number(process.env.WT_RESTORE_SEED) } : {}),
    },
  );
  expect(refused).toBeLessThan(runs);
});
