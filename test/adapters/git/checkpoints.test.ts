import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAsk } from '../../../src/adapters/git/ask.ts';
import { workLimits } from '../../../src/adapters/git/weigh.ts';
import { readWork } from '../../../src/adapters/git/work-state.ts';
import { type CheckpointScene, checkpointScene, dispatchId } from '../../support/checkpoints.ts';
import { makeRepo, repoAt, temporaryFolder } from '../../support/repo.ts';

const indexOf = ({ gitDir }: CheckpointScene) => ({
  bytes: readFileSync(join(gitDir, 'index'), 'base64'),
  writtenAt: statSync(join(gitDir, 'index')).mtimeMs,
});
const odd = Buffer.from([0x63, 0xe9]); // no UTF-8

describe('the state of a worktree', () => {
  it('is every file with its mode: changed, staged, deleted, untracked, whatever it is called', async () => {
    const scene = checkpointScene();
    const { repo, path, write, git } = scene;
    repo.commit(
      'files',
      { 'a.txt': 'a\n', 'gone.txt': 'x\n', 'd/e.txt': 'e\n', '.gitignore': '*.log\n', run: '1\n', f: 'f\n' },
      path,
    );
    write('a.txt', 'changed\n');
    write('staged.txt', 's\n');
    git('add', 'staged.txt');
    write('staged.txt', 'changed since\n');
    rmSync(join(path, 'gone.txt'));
    git('rm', '-q', '--cached', 'f');
    chmodSync(join(path, 'run'), 0o755);
    write('ignored.log', 'no\n');
    write('new\nline/ü "quoted"', 'u\n');
    write('-n', 'dash\n');
    writeFileSync(Buffer.concat([Buffer.from(`${path}/`), odd]), 'odd\n');
    symlinkSync('../elsewhere', join(path, 'link'));
    rmSync(join(path, 'd'), { recursive: true });
    write('d', 'a file now\n');
    write('intended', 'i\n');
    git('add', '-N', 'intended');
    const before = indexOf(scene);
    const { tree, head } = await scene.save();
    expect(head).toBe(git('rev-parse', 'HEAD'));
    expect(scene.held(tree)).toEqual({
      '-n': '100644 dash',
      '.gitignore': '100644 *.log',
      'README.md': '100644 # Jerry',
      'a.txt': '100644 changed',
      'c\ufffd': '100644 odd',
      d: '100644 a file now',
      f: '100644 f',
      intended: '100644 i',
      link: '120000 ../elsewhere',
      'new\nline/ü "quoted"': '100644 u',
      run: '100755 1',
      'staged.txt': '100644 changed since',
    });
    expect(indexOf(scene)).toEqual(before);
    expect(git('status', '--porcelain', 'staged.txt')).toBe('AM staged.txt');
  });

  it('does not follow a folder that has become a link', async () => {
    const scene = checkpointScene();
    const { repo, path, write } = scene;
    repo.commit('files', { 'd/x': 'same\n' }, path);
    rmSync(join(path, 'd'), { recursive: true });
    mkdirSync(join(repo.root, 'outside'));
    writeFileSync(join(repo.root, 'outside', 'x'), 'same\n');
    symlinkSync(join(repo.root, 'outside'), join(path, 'd'));
    write('README.md', 'r\n');
    expect(scene.held((await scene.save()).tree)).toEqual({
      d: `120000 ${join(repo.root, 'outside')}`,
      'README.md': '100644 r',
    });
  });

  it('sees files at which git was told not to look', async () => {
    const scene = checkpointScene();
    const { repo, path, write, git } = scene;
    repo.commit('files', { assumed: '1\n', skipped: '1\n', absent: '1\n' }, path);
    git('update-index', '--assume-unchanged', 'assumed');
    git('update-index', '--skip-worktree', 'skipped', 'absent');
    write('assumed', '2\n');
    write('skipped', '2\n');
    rmSync(join(path, 'absent'));
    const before = indexOf(scene);
    expect(scene.held((await scene.save()).tree)).toMatchObject({
      assumed: '100644 2',
      skipped: '100644 2',
      absent: '100644 1', // not there because it was not wanted, as in a sparse checkout
    });
    expect(indexOf(scene)).toEqual(before);
  });

  it('holds conflicts as the files have them, and leaves the merge alone', async () => {
    const scene = checkpointScene();
    const { repo, path, write, git } = scene;
    repo.commit('files', { both: '1\n', deleted: '1\n' }, path);
    git('checkout', '-q', '-b', 'other');
    repo.commit('theirs', { both: '3\n', deleted: '3\n' }, path);
    git('checkout', '-q', 'work');
    rmSync(join(path, 'deleted'));
    repo.commit('ours', { both: '2\n' }, path);
    expect(() => git('merge', 'other')).toThrow();
    rmSync(join(path, 'deleted'));
    write('resolved', 'half\n');
    const before = [indexOf(scene), git('ls-files', '--unmerged')];
    const { tree } = await scene.save();
    expect(scene.held(tree).both).toMatch(/^100644 <<<<<<< HEAD\n2\n=======\n3\n>>>>>>> other$/);
    expect(Object.keys(scene.held(tree))).toEqual(['README.md', 'both', 'resolved']);
    expect([indexOf(scene), git('ls-files', '--unmerged')]).toEqual(before);
    expect(existsSync(join(scene.gitDir, 'MERGE_HEAD'))).toBe(true);
  });

  it('leaves out what is too large, cannot be read or is a repository of its own, and says so', async () => {
    const scene = checkpointScene();
    const { path, write, repo } = scene;
    repo.commit('files', { tracked: 'small\n' }, path);
    write('tracked', 'x'.repeat(2000));
    write('big', 'x'.repeat(2000));
    write('fits', 'x'.repeat(900));
    write('too much', 'x'.repeat(901));
    execFileSync('git', ['init', '-q', join(path, 'inner')], { env: repo.env });
    write('inner/file', 'i\n');
    const limits = { ...workLimits, fileBytes: 1000, totalBytes: 1000 };
    const { tree, leftOut } = await scene.save({ limits });
    expect(leftOut.map(({ path: name, why }) => `${why} ${name}`).sort()).toEqual([
      'repository inner/',
      'too-large big',
      'too-large too much',
      'too-large tracked',
    ]);
    expect(scene.held(tree).tracked).toBe('100644 small'); // as it was committed
    expect(Object.keys(scene.held(tree))).toEqual(['README.md', 'fits', 'tracked']);
    expect((await scene.list()).at(-1)?.leftOut).toEqual(leftOut);
    await expect(scene.read({ limits: { ...workLimits, paths: 3 } })).rejects.toMatchObject({
      message: expect.stringContaining('more than 3'),
    });
  });

  it('is read once more when a file changes its kind while git reads, and the next time when it does so again', async () => {
    const scene = checkpointScene();
    const { repo, path, write } = scene;
    write('shrinks', 'x\n');
    const ask = openAsk({ cwd: path, variables: repo.env });
    let updates = 0;
    const racing: typeof ask = (question) => {
      if (question.args.includes('--add')) {
        updates++;
        rmSync(join(path, 'shrinks'), { recursive: true, force: true });
        if (updates === 1) mkdirSync(join(path, 'shrinks')); // git dies of that
        if (updates === 2) write('vanished', 'x\n');
      }
      return ask(question);
    };
    const index = join(repo.root, 'racing-index');
    const place = { path, gitDir: scene.gitDir };
    write('vanished', 'x\n');
    const state = await readWork(racing, place, { index, within: {} });
    expect(updates).toBe(2);
    expect(Object.keys(scene.held(state?.tree ?? ''))).toEqual(['README.md', 'vanished']);
    const vanishing: typeof ask = (question) => {
      if (question.args.includes('--add')) rmSync(join(path, 'vanished'), { force: true });
      return ask(question);
    };
    const later = await readWork(vanishing, place, { index, within: {} });
    expect(Object.keys(scene.held(later?.tree ?? ''))).toEqual(['README.md']);
  });

  it('is known again without another look when nothing has changed', async () => {
    const scene = checkpointScene();
    const { write, git } = scene;
    write('new', '1\n');
    const first = await scene.read();
    const known = first?.signature ?? '';
    scene.commands.length = 0;
    expect(await scene.read({ known })).toBeUndefined();
    expect(scene.commands).toHaveLength(3);
    write('new', '2\n');
    const second = await scene.read({ known });
    expect(second?.tree).not.toBe(first?.tree);
    git('add', 'new');
    const staged = await scene.read({ known: second?.signature ?? '' });
    expect(staged?.tree).toBe(second?.tree);
    git('commit', '-q', '-m', 'made');
    const committed = await scene.read({ known: staged?.signature ?? '' });
    expect(committed).toMatchObject({ tree: second?.tree, headTree: second?.tree });
  });

  it('needs no branch with commits, no sha1, no work tree of a main worktree, and no .git in the worktree', async () => {
    const empty = makeRepo({ empty: true });
    const unborn = checkpointScene({ linked: false, repo: empty });
    unborn.write('first', '1\n');
    expect(await unborn.save()).toMatchObject({ head: undefined, number: 1 });
    expect(unborn.git('rev-list', '--count', `refs/wt/checkpoints/${dispatchId}/1`)).toBe('1');

    const root = temporaryFolder();
    const repo = repoAt(root);
    mkdirSync(repo.home);
    execFileSync('git', ['init', '-q', '-b', 'main', '--object-format=sha256', repo.path], { env: repo.env });
    repo.commit('first', { a: '1\n' });
    const bare = join(root, 'hub.git');
    execFileSync('git', ['clone', '-q', '--bare', repo.path, bare], { env: repo.env });
    const long = checkpointScene({
      repo: { ...repo, path: bare, git: (...args) => repo.gitIn(bare, ...args) },
    });
    long.write('b', '2\n');
    const saved = await long.save();
    expect(saved.commit).toHaveLength(64);
    expect(long.held(saved.tree)).toEqual({ a: '100644 1', b: '100644 2' });
    renameSync(join(long.path, '.git'), join(root, 'lost'));
    long.write('c', '3\n');
    expect(Object.keys(await long.read().then((state) => repoHeld(bare, state?.tree)))).toEqual([
      'a',
      'b',
      'c',
    ]);
    function repoHeld(cwd: string, tree = '') {
      const names = repo.gitIn(cwd, 'ls-tree', '-r', '--name-only', tree).split('\n');
      return Object.fromEntries(names.map((name) => [name, '']));
    }
  });
});

describe('a checkpoint', () => {
  it('runs no hooks, writes no reflog, signs nothing and needs no identity; a failing filter fails it', async () => {
    const sealed = makeRepo();
    const { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL, ...nobody } =
      sealed.env;
    const scene = checkpointScene({ repo: { ...sealed, env: nobody } });
    const { repo, gitDir, write, git } = scene;
    const told = join(repo.root, 'hooks-ran');
    for (const hook of ['post-index-change', 'reference-transaction', 'pre-commit']) {
      const file = join(repo.path, '.git', 'hooks', hook);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, `#!/bin/sh\necho ${hook} >> '${told}'\n`, { mode: 0o755 });
    }
    for (const [key, value] of [
      ['core.logAllRefUpdates', 'always'],
      ['commit.gpgSign', 'true'],
      ['user.useConfigOnly', 'true'],
      ['core.fsmonitor', `echo fsmonitor >> '${told}'; false`],
      ['core.splitIndex', 'true'],
      ['core.untrackedCache', 'true'],
      ['filter.upper.clean', 'tr a-z A-Z'],
      ['filter.upper.required', 'true'],
    ] as const)
      repo.git('config', key, value);
    git('update-index', '--split-index');
    rmSync(told, { force: true }); // git itself tells the hooks
    write('.gitattributes', '*.up filter=upper\n');
    write('word.up', 'word\n');
    const before = indexOf(scene);
    const { tree, commit } = await scene.save();
    expect(scene.held(tree)['word.up']).toBe('100644 WORD');
    expect(existsSync(told)).toBe(false);
    expect(indexOf(scene)).toEqual(before);
    expect(existsSync(join(repo.path, '.git/logs/refs/wt'))).toBe(false);
    expect(git('log', '-1', '--format=%an %cn %G?', commit)).toBe('wt wt N');
    repo.git('config', 'filter.upper.clean', 'false');
    write('word.up', 'other\n');
    await expect(scene.save()).rejects.toMatchObject({ code: 'git_failed' });
    expect(existsSync(join(gitDir, 'index.lock'))).toBe(false);
  });

  it('keeps commits that were reset away, and survives a collection of garbage', async () => {
    const scene = checkpointScene();
    const { repo, path, git, write } = scene;
    const lost = repo.commit('to be lost', { lost: '1\n' }, path);
    write('untracked', 'u\n');
    const saved = await scene.save();
    git('reset', '-q', '--hard', 'HEAD~1');
    rmSync(join(path, 'untracked'), { force: true });
    git('reflog', 'expire', '--expire=now', '--all');
    git('gc', '-q', '--prune=now');
    expect(git('cat-file', '-t', lost)).toBe('commit');
    expect((await scene.list()).map(({ commit }) => commit)).toEqual([saved.commit]);
    expect(scene.held(saved.tree)).toEqual({
      'README.md': '100644 # Jerry',
      lost: '100644 1',
      untracked: '100644 u',
    });
  });

  it('is taken while somebody else holds the index lock', async () => {
    const scene = checkpointScene();
    writeFileSync(join(scene.gitDir, 'index.lock'), '');
    scene.write('new', '1\n');
    expect(scene.held((await scene.save()).tree).new).toBe('100644 1');
  });

  it('is one of twenty at most; what else is below those refs is left alone', async () => {
    const scene = checkpointScene();
    const { repo, git, write } = scene;
    const refs = `refs/wt/checkpoints/${dispatchId}`;
    git('update-ref', `${refs}/mine`, 'HEAD');
    git('update-ref', `${refs}/77`, 'HEAD'); // not made by wt
    write('n', '1\n');
    const { commit } = await scene.save();
    const input = Array.from({ length: 21 }, (_, at) => `create ${refs}/${at + 2} ${commit}\n`).join('');
    execFileSync('git', ['update-ref', '--stdin'], { cwd: repo.path, env: repo.env, input });
    write('n', '23\n');
    await scene.save();
    const numbers = (await scene.list()).map(({ number }) => number);
    expect(numbers).toHaveLength(20);
    expect([numbers[0], ...numbers.slice(-5)]).toEqual([1, 19, 20, 21, 22, 23]);
    for (const other of ['mine', '77'])
      expect(git('rev-parse', `${refs}/${other}`)).toBe(git('rev-parse', 'HEAD'));
    expect((await scene.list()).at(-1)?.tree).toBe(git('rev-parse', `${refs}/23^{tree}`));
  });
});
