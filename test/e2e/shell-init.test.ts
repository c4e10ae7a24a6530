import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Shell, shellFunction, shells } from '../../src/domain/shell.ts';
import { wt, wtBin } from '../support/bin.ts';
import { removalScene } from '../support/removals.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

const installed = shells.filter((shell) => spawnSync(shell, ['-c', ':']).status === 0);
const missing = shells.filter((shell) => !installed.includes(shell));

/** A repository whose paths want quoting, with wt on the PATH as a link, as npm installs it. */
function scene() {
  const plain = makeRepo();
  const folder = join(plain.root, "it's a\nfolder $HOME");
  mkdirSync(folder);
  renameSync(plain.path, join(folder, 'jerry'));
  const path = join(folder, 'jerry');
  const moved = { ...plain, root: folder, path, git: (...args: string[]) => plain.gitIn(path, ...args) };
  const bin = temporaryFolder();
  symlinkSync(wtBin, join(bin, 'wt'));
  const tmp = temporaryFolder();
  const env = { ...plain.env, TMPDIR: tmp, PATH: [bin, plain.env.PATH].join(delimiter) };
  return { ...removalScene(moved), env, tmp };
}

describe(`the shell function (${[...installed, ...missing.map((shell) => `${shell} is not installed`)].join(', ')})`, () => {
  it.each(installed)('of %s goes to a worktree, to the main one, and nowhere when there is none', (shell) => {
    const { repo, add, env } = scene();
    const path = add('feat/x');
    const lines = runIn(shell, repo.path, env, [
      'wt cd feat/x; here',
      'wt cd; here',
      'wt cd nowhere; code; here',
      'wt cd a b; code',
    ]);
    expect(lines).toEqual([path, repo.path, expect.stringMatching(/^[15]$/), repo.path, '2']);
  });

  it.each(installed)(
    'of %s takes the user out of a worktree that goes, which no script in it can',
    (shell) => {
      const { repo, add, env, tmp } = scene();
      const path = add('feat/x');
      add('ahead', { work: 'a.txt' });
      const lines = runIn(shell, path, env, [
        "sh -c 'wt cleanup 2>/dev/null; echo $?'; here",
        'wt cleanup ahead 2>/dev/null; code; here',
        'wt cleanup >/dev/null; code; here',
      ]);
      expect(lines).toEqual(['4', path, '4', path, '0', repo.path]);
      expect(readdirSync(tmp)).toEqual([]);
    },
  );

  it.each(installed)('of %s is what wt shell-init prints, and needs no repository', async (shell) => {
    const { env } = scene();
    const ran = await wt('/', env, ['shell-init', shell]);
    expect([ran.code, ran.stdout]).toEqual([0, `${shellFunction(shell)}\n`]);
    const load =
      shell === 'fish' ? 'command wt shell-init fish | source' : `eval "$(wt shell-init ${shell})"`;
    execFileSync(shell, ['-c', `${load}; type wt`], { env, stdio: 'pipe' });
  });

  it('is chosen by $SHELL, and an unknown shell is a usage error', async () => {
    const { env } = scene();
    const ran = await wt('/', { ...env, SHELL: '/usr/bin/fish' }, ['shell-init']);
    expect(ran.stdout).toBe(`${shellFunction('fish')}\n`);
    expect(await wt('/', env, ['shell-init', 'tcsh'])).toMatchObject({ code: 2 });
  });
});

/** Runs lines in a shell that has the function; `here` and `code` print the directory and the last exit code. */
function runIn(shell: Shell, cwd: string, env: NodeJS.ProcessEnv, lines: readonly string[]): string[] {
  const isFish = shell === 'fish';
  const prelude = `${isFish ? '' : 'set -u'}\n${shellFunction(shell)}`;
  const script = lines
    .map((line) =>
      line
        .replaceAll(/\bhere\b/g, 'command pwd | command tr "\\n" "|"; echo')
        .replaceAll(/\bcode\b/g, isFish ? 'echo $status' : 'echo $?'),
    )
    .join('\n');
  const { stdout, stderr, status } = spawnSync(shell, ['-c', `${prelude}\n${script}`], {
    cwd,
    env,
    encoding: 'utf8',
  });
  if (status === null) throw new Error(stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\|$/, '').replaceAll('|', '\n'));
}
