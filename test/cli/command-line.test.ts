import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ErrorDocument } from '../../src/domain/answers/common.ts';
import { wt, wtBin } from '../support/bin.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

describe('the command line', () => {
  it('takes global flags before and after the command', async () => {
    const { path, root, env } = makeRepo();
    const before = await wt(root, env, ['-C', path, '--json', 'path', '^']);
    const after = await wt(root, env, ['path', '^', '--json', '-C', path]);
    expect(before.json()).toEqual({ path });
    expect(after.json()).toEqual({ path });
  });

  it('chains -C as git does', async () => {
    const { path, root, env } = makeRepo();
    expect((await wt(root, env, ['-C', root, '-C', 'jerry', 'path', '^'])).stdout).toBe(`${path}\n`);
  });

  it('answers with one JSON document on stdout also when it fails', async () => {
    const { path, env } = makeRepo();
    for (const args of [
      ['path', 'nope', '--json'],
      ['--json', 'frobnicate'],
      ['path', '--json', '--what'],
      ['--ndjson', 'path', 'nope'],
    ]) {
      const { stdout, stderr, json } = await wt(path, env, args);
      expect(ErrorDocument.parse(json())).toEqual(json());
      expect(stdout.endsWith('\n')).toBe(true);
      expect(stderr).toMatch(/^error: /m);
    }
  });

  it.each([
    [['frobnicate'], 2, 'unknown_command'],
    [['path', '--what'], 2, 'usage'],
    [['path', 'a', 'b'], 2, 'usage'],
    [['path', ''], 2, 'usage'],
    [['path', 'nope'], 5, 'worktree_not_found'],
    [['path'], 2, 'usage'],
    [['env'], 2, 'usage'],
    [['-C', '/nowhere-at-all', 'path'], 5, 'file_not_found'],
    [['shell-init', 'tcsh', '--json'], 2, 'usage'],
    [['exec', '^'], 2, 'usage'],
    [['exec', '--', 'true'], 2, 'usage'],
  ])('wt %j exits %i with %s', async (args, code, errorCode) => {
    const { path, env } = makeRepo();
    const ran = await wt(path, env, [...args.slice(0, 0), '--json', ...args]);
    expect([ran.code, (ran.json() as { error: { code: string } }).error.code]).toEqual([code, errorCode]);
  });

  it('names the command that was meant', async () => {
    const { path, env } = makeRepo();
    const { stderr, code } = await wt(path, env, ['shema']);
    expect(code).toBe(2);
    expect(stderr).toBe("error: unknown command 'shema'\nhint: did you mean wt schema?\n");
  });

  it('prints the help and exits 2 when it is called bare and piped', async () => {
    const { path, env } = makeRepo();
    const { stdout, code } = await wt(path, env, []);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^Usage: wt /);
  });

  it('prints help with exit 0 on request, also outside a repository', async () => {
    const folder = temporaryFolder();
    const { env } = makeRepo();
    for (const args of [['--help'], ['-h'], ['help'], ['help', 'path'], ['path', '--help']]) {
      const { code, stdout, stderr } = await wt(folder, env, args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Usage: wt /);
    }
  });

  it('says outside a repository that there is none', async () => {
    const folder = temporaryFolder();
    const { env } = makeRepo();
    const { code, stderr } = await wt(folder, { ...env, GIT_CEILING_DIRECTORIES: folder }, ['path']);
    expect(code).toBe(5);
    expect(stderr).toContain('is not inside a git repository');
  });

  it('says that the current directory has been deleted', async () => {
    const { path, env } = makeRepo();
    const gone = join(path, 'gone');
    mkdirSync(gone);
    const child = spawn(
      'sh',
      ['-c', `cd gone && rmdir ../gone && exec "$0" "$1" path --json`, process.execPath, wtBin],
      {
        cwd: path,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    rmSync(gone, { recursive: true, force: true });
    expect(code).toBe(5);
    expect(JSON.parse(out).error.code).toBe('cwd_deleted');
  });

  it('ignores GIT_DIR and its kin, as inside a git hook', async () => {
    const { path, root, env } = makeRepo();
    const other = makeRepo({ name: 'other' });
    const inHook = {
      ...env,
      GIT_DIR: join(other.path, '.git'),
      GIT_WORK_TREE: other.path,
      GIT_INDEX_FILE: '/nowhere',
    };
    expect((await wt(path, inHook, ['path', '^'])).stdout).toBe(`${path}\n`);
    expect((await wt(root, { ...inHook, GIT_CEILING_DIRECTORIES: root }, ['path'])).code).toBe(5);
  });

  it('passes on the exit code and the streams of exec', async () => {
    const { path, env } = makeRepo();
    const { code, stdout, stderr } = await wt(path, env, [
      '-q',
      'exec',
      '^',
      '--',
      'sh',
      '-c',
      'pwd; echo no >&2; exit 9',
    ]);
    expect([code, stdout, stderr]).toEqual([9, `${path}\n`, 'no\n']);
  });

  it('captures the output of exec with --json, and fails when the command failed', async () => {
    const { path, env } = makeRepo();
    const { code, json } = await wt(path, env, [
      '--json',
      'exec',
      '^',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 9',
    ]);
    expect(code).toBe(1);
    expect(json()).toMatchObject({
      worktree_path: path,
      exit_code: 9,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('says which command is not installed', async () => {
    const { path, env } = makeRepo();
    const { code, stderr } = await wt(path, env, ['exec', '^', '--', 'no-such-command-here']);
    expect(code).toBe(1);
    expect(stderr).toContain('no-such-command-here');
  });

  it('shows git commands with -v and nothing with -q', async () => {
    const { path, env } = makeRepo();
    expect((await wt(path, env, ['-v', 'path', '^'])).stderr).toContain('$ git rev-parse');
    expect((await wt(path, env, ['-q', 'path', '^'])).stderr).toBe('');
  });

  it('needs git 2.39 and says which it found', async () => {
    const { path, env, root } = makeRepo();
    const { writeFileSync, chmodSync } = await import('node:fs');
    const bin = join(root, 'oldgit');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'git'),
      '#!/bin/sh\n[ "$1" = version ] && { echo "git version 2.30.2"; exit 0; }\nexit 129\n',
    );
    chmodSync(join(bin, 'git'), 0o755);
    const old = await wt(path, { ...env, PATH: `${bin}:${env.PATH}` }, ['path', '--json']);
    expect(old.code).toBe(7);
    expect(old.json()).toMatchObject({ error: { code: 'git_too_old', details: { version: '2.30.2' } } });
    const none = await wt(path, { ...env, PATH: '/nonexistent' }, ['path', '--json']);
    expect([none.code, (none.json() as { error: { code: string } }).error.code]).toEqual([7, 'git_missing']);
  });
});
