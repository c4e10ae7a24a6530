import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gc, removeAndBringBack } from '../support/bring-back.ts';
import { gitDirOf, nothingLeft, remains, removalScene } from '../support/removals.ts';
import { makeRepo } from '../support/repo.ts';

describe('wt undo after git gc --prune=now brings back', () => {
  it('a detached HEAD on a commit that nothing else refers to', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    scene.repo.gitIn(path, 'switch', '-q', '--detach');
    scene.repo.commit('lonely', { 'lonely.txt': 'x\n' }, path);
    await removeAndBringBack(scene, path);
    expect(scene.repo.gitIn(path, 'log', '-1', '--format=%s')).toBe('lonely');
  });

  it('commits that only the reflog of HEAD refers to', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    const lost = ['one', 'two'].map((name) => {
      repo.gitIn(path, 'switch', '-q', '--detach', 'main');
      return repo.commit(name, { [`${name}.txt`]: `${name}\n` }, path);
    });
    repo.gitIn(path, 'switch', '-q', 'feat/x');
    await removeAndBringBack(scene, path);
    for (const id of lost) expect(repo.git('cat-file', '-t', id)).toBe('commit');
  });

  it('a merge with conflicts: all stages, MERGE_HEAD, a resolution that can be undone', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    repo.commit('ours', { 'README.md': 'ours\n', 'both.txt': 'ours\n' }, path);
    repo.gitIn(path, 'switch', '-q', '--detach', 'main');
    const theirs = repo.commit('theirs', { 'README.md': 'theirs\n', 'both.txt': 'theirs\n' }, path);
    repo.gitIn(path, 'switch', '-q', 'feat/x');
    expect(() => repo.gitIn(path, 'merge', theirs)).toThrow();
    writeFileSync(join(path, 'both.txt'), 'resolved\n');
    repo.gitIn(path, 'add', 'both.txt');
    await removeAndBringBack(scene, path);
    repo.gitIn(path, 'checkout', '-m', 'both.txt'); // from the resolve-undo of the index
    expect(readFileSync(join(path, 'both.txt'), 'utf8')).toContain('<<<<<<<');
    repo.gitIn(path, 'checkout', '--theirs', '.');
    repo.gitIn(path, 'add', '.');
    repo.gitIn(path, 'commit', '-q', '--no-edit');
    expect(repo.gitIn(path, 'rev-parse', 'HEAD^2')).toBe(theirs);
  });

  it('stages of a conflict, resolved or not, that are in no commit', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    const blob = (text: string) => {
      writeFileSync(join(repo.home, 'blob'), text);
      return repo.git('hash-object', '-w', join(repo.home, 'blob'));
    };
    const blobs = ['resolved.txt', 'open.txt'].flatMap((file) => {
      const stages = [1, 2, 3].map((stage) => blob(`${file} ${stage}\n`));
      const rows = stages.map((id, index) => `100644 ${id} ${index + 1}\t${file}\n`);
      execFileSync('git', ['update-index', '--index-info'], {
        cwd: path,
        env: repo.env,
        input: rows.join(''),
      });
      return stages;
    });
    writeFileSync(join(path, 'resolved.txt'), 'resolved\n');
    repo.gitIn(path, 'add', 'resolved.txt');
    await removeAndBringBack(scene, path);
    for (const id of blobs) expect(repo.git('cat-file', '-t', id)).toBe('blob');
    expect(repo.gitIn(path, 'ls-files', '--resolve-undo')).toContain(blobs[0]);
  });

  it('a rebase that stopped, which can then be continued or aborted', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    repo.commit('ours', { 'README.md': 'ours\n' }, path);
    repo.commit('more', { 'more.txt': 'x\n' }, path);
    const tip = repo.gitIn(path, 'rev-parse', 'HEAD');
    writeFileSync(join(path, 'README.md'), 'uncommitted\n');
    repo.commit('theirs', { 'README.md': 'theirs\n' });
    expect(() => repo.gitIn(path, 'rebase', '--autostash', 'main')).toThrow();
    await removeAndBringBack(scene, path);
    repo.gitIn(path, 'rebase', '--abort');
    expect(repo.gitIn(path, 'rev-parse', 'feat/x')).toBe(tip);
    expect(readFileSync(join(path, 'README.md'), 'utf8')).toBe('uncommitted\n');
  });

  it('a submodule with a commit that is nowhere else, also when the name of its git directory was taken', async () => {
    const repo = makeRepo();
    const library = makeRepo({ name: 'library' });
    const allow = ['-c', 'protocol.file.allow=always'];
    repo.git(...allow, 'submodule', '--quiet', 'add', library.path, 'deep/lib');
    repo.commit('submodule');
    const scene = removalScene(repo);
    const path = scene.add('feat/x');
    repo.gitIn(path, ...allow, 'submodule', '--quiet', 'update', '--init');
    const only = repo.commit('only here', { 'only.txt': 'x\n' }, join(path, 'deep/lib'));
    await removeAndBringBack(scene, path);

    await scene.cleanup({ worktree: [path], force: true });
    scene.add('fix/x');
    await scene.undo();
    expect(gitDirOf(repo, path)).toBe(join(repo.path, '.git/worktrees/x1'));
    expect(repo.gitIn(join(path, 'deep/lib'), 'rev-parse', 'HEAD')).toBe(only);
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe(' M deep/lib');
    expect(repo.git('worktree', 'list', '--porcelain')).not.toMatch(/prunable|locked/);
  });

  it('a worktree with a sparse index, per-worktree settings and refs, and a split index', async () => {
    const scene = removalScene();
    const { repo } = scene;
    repo.commit('folders', { 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' });
    const path = scene.add('feat/x');
    repo.gitIn(path, 'sparse-checkout', 'set', 'in');
    repo.gitIn(path, 'update-index', '--split-index');
    writeFileSync(join(path, 'in/c.txt'), 'c\n');
    repo.gitIn(path, 'add', '.');
    const blob = repo.gitIn(path, 'hash-object', '-w', '--stdin', '--path=x', '--', ...[]).trim();
    repo.gitIn(path, 'update-ref', 'refs/worktree/note', blob);
    await removeAndBringBack(scene, path);
    expect(repo.gitIn(path, 'cat-file', '-t', 'refs/worktree/note')).toBe('blob');
  });

  it('a worktree on a branch without any commit', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    scene.repo.gitIn(path, 'checkout', '-q', '--orphan', 'fresh');
    scene.repo.gitIn(path, 'rm', '-q', '-r', '--cached', '.');
    scene.repo.gitIn(path, 'add', 'README.md');
    const before = scene.repo.gitIn(path, 'status', '--porcelain', '--branch');
    await scene.cleanup({ worktree: [path], force: true });
    gc(scene.repo);
    await scene.undo();
    expect(scene.repo.gitIn(path, 'status', '--porcelain', '--branch')).toBe(before);
  });

  it('the registration of a worktree whose folder was deleted by hand', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    writeFileSync(join(path, 'staged.txt'), 'staged\n');
    repo.gitIn(path, 'add', '.');
    const staged = repo.gitIn(path, 'rev-parse', ':staged.txt');
    rmSync(path, { recursive: true });
    const [refused] = await scene.cleanup({ worktree: ['feat/x', 'feat/x'] });
    expect(refused?.error?.code).toBe('unmerged_commits');
    const [removed] = await scene.cleanup({ worktree: ['feat/x'], force: true });
    expect(removed).toMatchObject({ removed: true, worktree_path: path });
    expect(remains(repo).registrations).toEqual([]);
    gc(repo);
    await scene.undo();
    expect(repo.git('worktree', 'list', '--porcelain')).toContain(`worktree ${path}\n`);
    expect(repo.git('cat-file', '-p', staged)).toBe('staged');
    expect(remains(repo)).toMatchObject({ ...nothingLeft, registrations: ['x'] });
  });
});

/** The port as an object that can be spread: it is a proxy. */
