import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { impostorAt, isRegistrationOf } from '../../src/adapters/trash/identity.ts';
import { fingerprint, idsIn, mentionedIds } from '../../src/adapters/trash/mentioned.ts';
import { clutter, gitDirOf, nothingLeft, remains, removalScene } from '../support/removals.ts';
import { temporaryFolder } from '../support/repo.ts';

const a = 'a'.repeat(40);
const b = 'b'.repeat(64);

describe('the identity of a worktree', () => {
  const worktree = (pointer: string) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'git/worktrees/x'), { recursive: true });
    mkdirSync(join(folder, 'x'));
    writeFileSync(join(folder, 'x/.git'), pointer.replace('DIR', folder));
    return { path: join(folder, 'x'), gitDir: join(folder, 'git/worktrees/x'), folder };
  };

  it('is the registration that its .git file names, by an absolute or a relative path', () => {
    for (const pointer of ['gitdir: DIR/git/worktrees/x\n', 'gitdir: ../git/worktrees/x\n']) {
      const { path, gitDir } = worktree(pointer);
      expect(impostorAt(path, gitDir)).toBeUndefined();
    }
  });

  it('is read from where the worktree belongs, wherever it is', () => {
    const { path, gitDir, folder } = worktree('gitdir: ../git/worktrees/x\n');
    const elsewhere = join(folder, 'deep/er');
    mkdirSync(join(folder, 'deep'));
    execFileSync('mv', [path, elsewhere]);
    expect(impostorAt(elsewhere, gitDir)).toContain('its .git file names');
    expect(impostorAt(elsewhere, gitDir, path)).toBeUndefined();
  });

  it('is none where nothing is, and of nothing else', () => {
    const { path, gitDir, folder } = worktree('gitdir: DIR/git/worktrees/y\n');
    expect(impostorAt(path, gitDir)).toBe(`its .git file names ${folder}/git/worktrees/y`);
    expect(impostorAt(join(folder, 'nothing'), gitDir)).toBeUndefined();
    expect(impostorAt(join(path, '.git', 'below a file'), gitDir)).toBeUndefined();
    symlinkSync(path, join(folder, 'link'));
    expect(impostorAt(join(folder, 'link'), gitDir)).toBe('it is a symbolic link');
    rmSync(join(path, '.git'));
    expect(impostorAt(path, gitDir)).toBe('it has no .git file');
  });

  it('is what the registration says too', () => {
    const { path, gitDir } = worktree('');
    expect(isRegistrationOf(gitDir, path)).toBe(false);
    writeFileSync(join(gitDir, 'gitdir'), `${path}/.git\n`);
    expect(isRegistrationOf(gitDir, path)).toBe(true);
    expect(isRegistrationOf(gitDir, `${path}y`)).toBe(false);
  });
});

describe('what a git directory refers to', () => {
  const gitDir = () => {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries({
      HEAD: `${a}\n`,
      'logs/HEAD': `${'0'.repeat(40)} ${b} Ada <a@b> 1 +0000\tcommit: ${'c'.repeat(40)}\n`,
      'rebase-merge/git-rebase-todo': `pick ${'d'.repeat(40)} subject\n`,
      MERGE_AUTOSTASH: `${'e'.repeat(40)}\n`,
      index: `DIRC ${'1'.repeat(40)}`,
      'modules/lib/HEAD': '2'.repeat(40),
      'wt.json': '3'.repeat(40),
    })) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  };

  it('is in pseudo refs, reflogs and the state of operations, and not in index or submodules', () => {
    expect(mentionedIds(gitDir()).sort()).toEqual(
      ['0'.repeat(40), a, b, 'c'.repeat(40), 'd'.repeat(40), 'e'.repeat(40)].sort(),
    );
    expect(idsIn('/nowhere')).toEqual([]);
  });

  it('has another fingerprint once git has written anything, and the same when it was moved', () => {
    const folder = gitDir();
    const mark = fingerprint(folder);
    execFileSync('mv', [folder, `${folder}.moved`]);
    expect(fingerprint(`${folder}.moved`)).toBe(mark);
    writeFileSync(join(`${folder}.moved`, 'index'), 'DIRC other');
    expect(fingerprint(`${folder}.moved`)).not.toBe(mark);
    rmSync(`${folder}.moved`, { recursive: true });
  });
});

describe('the refs of an entry', () => {
  it('are HEAD, the index, and the ends of what only reflogs lead to', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    const abandoned = ['one', 'two', 'three'].map((name) => repo.commit(name, { [name]: name }, path));
    repo.gitIn(path, 'reset', '-q', '--hard', 'HEAD~3');
    writeFileSync(join(path, 'staged'), 'staged');
    repo.gitIn(path, 'add', '.');
    const [answer] = await scene.cleanup({ worktree: [path], force: true });
    const below = `refs/wt/trash/${answer?.trash}`;
    expect(repo.git('for-each-ref', '--format=%(refname) %(objecttype)', below).split('\n')).toEqual([
      `${below}/head commit`,
      `${below}/index tree`,
      `${below}/kept/0 commit`,
    ]);
    expect(repo.git('rev-parse', `${below}/kept/0`)).toBe(abandoned[2]);
    expect(repo.git('cat-file', '-p', `${below}/index:staged`)).toBe('staged');
    expect(repo.git('log', '--all', '--format=%s')).toContain('three'); // a tree among refs is no obstacle
  });

  it('do not touch the index that they are made from', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    clutter(scene.repo, path);
    const index = join(gitDirOf(scene.repo, path), 'index');
    const before = [readFileSync(index), statSync(index).mtimeMs];
    const hub = await scene.hub();
    const worktree = (await hub.git.worktrees()).find((each) => each.path === path);
    if (worktree === undefined) throw new Error('no worktree');
    const plan = await hub.trash.plan(worktree, { deletes_branch: false, parents_end: '/' });
    const writer = { id: 'test', child: () => {} };
    await hub.trash.keep(plan, writer);
    expect([readFileSync(index), statSync(index).mtimeMs]).toEqual(before);
    expect(await hub.trash.hasBegun(plan)).toBe(false);
    await hub.trash.discard(plan, writer);
    expect(remains(scene.repo)).toMatchObject(nothingLeft);
  });
});
