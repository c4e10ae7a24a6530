import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { answerOf, create, errorOf, traces, withOrigin } from '../support/creations.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

describe('the base of wt create', () => {
  /** A repository whose `origin` is a bare clone of it, one commit ahead of main. */
  it('is fetched first with --fetch, and nothing is made when that fails', async () => {
    const { repo, origin, ahead } = withOrigin();
    const other = join(repo.root, 'home', 'other');
    repo.gitIn(repo.home, 'clone', '-q', origin, other);
    const newest = repo.commit('newest', { 'c.txt': 'c\n' }, other);
    repo.gitIn(other, 'push', '-q', 'origin', 'HEAD:main');
    expect(answerOf(await create(repo, 'x', '--no-provision', '--base', 'origin/main'))).toMatchObject({
      base_sha: ahead,
    });
    expect(
      answerOf(await create(repo, 'y', '--no-provision', '--base', 'origin/main', '--fetch')),
    ).toMatchObject({
      base_sha: newest,
    });
    rmSync(origin, { recursive: true });
    const before = traces(repo);
    const offline = await create(repo, 'z', '--no-provision', '--fetch');
    expect([offline.code, errorOf(offline).code]).toEqual([1, 'git_failed']);
    expect(traces(repo)).toEqual(before);
    const alone = makeRepo();
    expect(errorOf(await create(alone, 'z', '--fetch'))).toMatchObject({ code: 'usage' });
  });

  it('is fetched again when a worktree that is just being added trips git up', async () => {
    const { repo, ahead } = withOrigin();
    const real = execFileSync('sh', ['-c', 'command -v git'], { env: repo.env, encoding: 'utf8' }).trim();
    const once = join(repo.home, 'once');
    const shim = join(repo.home, 'git');
    const fail = `touch '${once}'; echo 'fatal: bad object worktrees/y/HEAD' >&2; exit 1`;
    writeFileSync(
      shim,
      `#!/bin/sh\ncase "$1" in fetch) [ -e '${once}' ] || { ${fail}; };; esac\nexec '${real}' "$@"\n`,
    );
    chmodSync(shim, 0o755);
    const env = { ...repo.env, PATH: `${repo.home}:${repo.env.PATH}` };
    const args = ['create', 'x', '--no-provision', '--base', 'origin/main', '--fetch', '--json'];
    expect(answerOf(await wt(repo.path, env, args))).toMatchObject({ base_sha: ahead, error: null });
    expect(existsSync(once)).toBe(true);
  });

  it('is the configured one, and a --fetch that is only configured may fail', async () => {
    const { repo, origin } = withOrigin();
    repo.write('.wt.yaml', 'base: release\ncreate:\n  fetch: true\n');
    repo.git('branch', 'release');
    rmSync(origin, { recursive: true });
    const answer = answerOf(await create(repo, 'x', '--no-provision'));
    expect(answer).toMatchObject({ base: 'release', base_ref: 'release', error: null });
    expect(answer.warnings).toMatchObject([{ code: 'fetch_failed' }]);
  });

  it('is the default branch also from a detached HEAD and from another branch', async () => {
    const repo = makeRepo();
    repo.git('checkout', '-q', '--detach');
    repo.commit('detached');
    expect(answerOf(await create(repo, 'x', '--no-provision'))).toMatchObject({
      base: 'main',
      base_sha: repo.git('rev-parse', 'main'),
    });
    repo.git('checkout', '-q', '-b', 'feature');
    expect(answerOf(await create(repo, 'y', '--no-provision'))).toMatchObject({ base: 'main' });
    expect(answerOf(await create(repo, 'z', '--no-provision', '--base', 'HEAD'))).toMatchObject({
      base: 'feature',
    });
  });
});

describe('wt create --existing', () => {
  it('gives the base itself no base', async () => {
    const repo = makeRepo();
    repo.git('checkout', '-q', '-b', 'elsewhere');
    expect(answerOf(await create(repo, 'main', '--existing', '--no-provision'))).toMatchObject({
      branch: 'main',
      base: null,
      base_ref: 'main',
    });
  });
});

describe('what wt create refuses', () => {
  it('allows a name in any script', async () => {
    const repo = makeRepo();
    expect(answerOf(await create(repo, 'größe-δ', '--no-provision'))).toMatchObject({
      branch: 'größe-δ',
      worktree_path: join(repo.root, 'jerry-wt/größe-δ'),
    });
    expect(repo.gitIn(join(repo.root, 'jerry-wt/größe-δ'), 'status', '--porcelain')).toBe('');
  });

  it('names that differ only in case where the file system does not tell them apart', async () => {
    const repo = makeRepo();
    repo.git('config', 'core.ignorecase', 'true');
    repo.git('branch', 'Fix-Login');
    expect(errorOf(await create(repo, 'fix-login'))).toMatchObject({ code: 'branch_exists' });
  });

  it('a worktree whose folder was deleted by hand, with the command that clears it', async () => {
    const repo = makeRepo();
    const { worktree_path: path } = answerOf(await create(repo, 'x', '--no-provision'));
    rmSync(path ?? '', { recursive: true });
    const ran = await create(repo, 'x', '--no-provision');
    expect(errorOf(ran)).toMatchObject({
      code: 'worktree_exists',
      hint: expect.stringContaining('worktree prune'),
    });
  });

  it('a place that cannot be written, and takes the branch back', async () => {
    const repo = makeRepo();
    const before = traces(repo);
    const ran = await create(repo, 'x', '--path', '/proc/self/x/y');
    expect([ran.code, errorOf(ran).code]).toEqual([1, 'git_failed']);
    expect(traces(repo)).toEqual(before);
  });
});

describe('wt create in unusual places', () => {
  it('uses an empty folder that is there, and leaves it when it fails', async () => {
    const repo = makeRepo();
    mkdirSync(join(repo.root, 'empty'));
    repo.commit('filtered', { '.gitattributes': '*.bin filter=broken\n', 'a.bin': 'a\n' });
    repo.git('config', 'filter.broken.smudge', 'exit 1');
    repo.git('config', 'filter.broken.required', 'true');
    const before = traces(repo);
    const ran = await create(repo, 'x', '--path', '../empty');
    expect([ran.code, errorOf(ran).code]).toEqual([1, 'git_failed']);
    expect(traces(repo)).toEqual(before);
    repo.git('config', '--unset', 'filter.broken.required');
    expect(answerOf(await create(repo, 'x', '--path', '../empty', '--no-provision')).error).toBeNull();
  });

  it('leaves nothing when a file cannot be written', async () => {
    const repo = makeRepo();
    repo.commit('big', { 'a/big.txt': 'x'.repeat(3_000_000), 'b.txt': 'b\n' });
    const before = traces(repo);
    const { stdout } = await new Promise<{ stdout: string }>((resolve) => {
      const limited = `ulimit -f 2000; trap '' XFSZ; exec "$0" "$@"`;
      const ran = wt(repo.path, repo.env, ['create', 'x', '--json'], { through: ['sh', '-c', limited] });
      void ran.then(resolve);
    });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'git_failed' } });
    expect(traces(repo)).toEqual(before);
  });

  it('puts a worktree behind a symbolic link, by its real path', async () => {
    const repo = makeRepo();
    mkdirSync(join(repo.root, 'home/real'));
    symlinkSync('home/real', join(repo.root, 'link'));
    expect(answerOf(await create(repo, 'x', '--path', '../link/deep/x', '--no-provision'))).toMatchObject({
      worktree_path: join(repo.root, 'home/real/deep/x'),
      error: null,
    });
  });

  it('keeps spaces, quotes and newlines of paths', async () => {
    const repo = makeRepo({ name: 'je "r" r\ny' });
    const answer = answerOf(await create(repo, 'x'));
    expect(answer.worktree_path).toBe(join(repo.root, 'je "r" r\ny-wt/x'));
    expect(repo.gitIn(answer.worktree_path ?? '', 'status', '--porcelain')).toBe('');
    expect(errorOf(await create(repo, 'x'))).toMatchObject({ code: 'worktree_exists' });
  });

  it('works on another file system', async () => {
    const repo = makeRepo();
    const other = realpathSync(mkdtempSync('/dev/shm/wt-test-'));
    try {
      const answer = answerOf(await create(repo, 'x', '--path', join(other, 'deep/x')));
      expect(answer).toMatchObject({ worktree_path: join(other, 'deep/x'), error: null });
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('works in a submodule, a shallow clone and a separate git folder', async () => {
    const repo = makeRepo();
    repo.commit('second');
    const outer = join(repo.root, 'outer');
    repo.gitIn(repo.root, 'init', '-q', '-b', 'main', outer);
    repo.gitIn(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.path, 'sub');
    expect(answerOf(await wt(join(outer, 'sub'), repo.env, ['create', 'x', '--json']))).toMatchObject({
      worktree_path: join(outer, 'sub-wt/x'),
      error: null,
    });
    const shallow = join(repo.root, 'shallow');
    repo.gitIn(repo.root, 'clone', '-q', '--depth', '1', `file://${repo.path}`, shallow);
    expect(answerOf(await wt(shallow, repo.env, ['create', 'x', '--json']))).toMatchObject({
      error: null,
      base: 'main',
    });
    const apart = join(repo.root, 'apart');
    repo.gitIn(repo.root, 'clone', '-q', '--separate-git-dir', join(repo.root, 'git'), repo.path, apart);
    expect(answerOf(await wt(apart, repo.env, ['create', 'x', '--json']))).toMatchObject({ error: null });
  });

  it('inherits a sparse checkout as git does', async () => {
    const repo = makeRepo();
    repo.commit('two folders', { 'a/a.txt': 'a\n', 'b/b.txt': 'b\n' });
    repo.git('sparse-checkout', 'set', 'a');
    const { worktree_path: path = '' } = answerOf(await create(repo, 'x'));
    expect([existsSync(join(path ?? '', 'a/a.txt')), existsSync(join(path ?? '', 'b/b.txt'))]).toEqual([
      true,
      false,
    ]);
    expect(repo.gitIn(path ?? '', 'status', '--porcelain')).toBe('');
  });

  it('ignores GIT_DIR and its kin, as inside a hook', async () => {
    const repo = makeRepo();
    const other = makeRepo();
    const env = {
      ...repo.env,
      GIT_DIR: join(other.path, '.git'),
      GIT_WORK_TREE: other.path,
      GIT_INDEX_FILE: join(other.path, '.git/index'),
      GIT_PREFIX: 'x/',
    };
    expect(answerOf(await wt(repo.path, env, ['create', 'x', '--json']))).toMatchObject({
      worktree_path: join(repo.root, 'jerry-wt/x'),
      error: null,
    });
    expect(other.git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  it('needs no identity', async () => {
    const repo = makeRepo();
    repo.git('config', 'user.useConfigOnly', 'true');
    const { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL, ...env } = repo.env;
    expect(answerOf(await wt(repo.path, env, ['create', 'x', '--json'])).error).toBeNull();
  });

  it('says so when the current directory has been deleted', async () => {
    const repo = makeRepo();
    const gone = temporaryFolder();
    const script = `cd "${gone}" && rmdir "${gone}" && exec "$0" "$@"`;
    const ran = await wt(repo.path, repo.env, ['create', 'x', '--json'], { through: ['sh', '-c', script] });
    expect([ran.code, errorOf(ran).code]).toEqual([5, 'cwd_deleted']);
    expect(existsSync(join(repo.root, 'jerry-wt'))).toBe(false);
  });

  it('works with SHA-256 object ids', async () => {
    const repo = makeRepo();
    const path = join(repo.root, 'sha256');
    execFileSync('git', ['init', '-q', '-b', 'main', '--object-format=sha256', path], { env: repo.env });
    const head = repo.commit('first', { 'a.txt': 'a\n' }, path);
    expect(head).toHaveLength(64);
    expect(answerOf(await wt(path, repo.env, ['create', 'x', '--json']))).toMatchObject({
      base_sha: head,
      error: null,
    });
  });
});
