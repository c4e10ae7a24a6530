import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { failures, isFailure } from '../../domain/failure.ts';
import type { Repository } from '../../domain/repository.ts';
import { type Ask, decodePath, line } from './ask.ts';
import { discoverArgs } from './questions.ts';

const oldest = [2, 39] as const;

/** Finds the repository of a directory: one git process. Throws `not_a_repository` and `git_too_old`. */
export async function discoverRepository(ask: Ask, cwd: string): Promise<Repository> {
  const found = await ask({
    args: discoverArgs,
    cwd,
    answers: [0, 128],
    parse: ({ stdout, stderr }) => {
      const parts = /^(true|false)\n(true|false)\n([\s\S]+?)\n\1\n([\s\S]+?)\n\1\n(?:([\s\S]+)\n)?$/.exec(
        decodePath(stdout),
      );
      return parts === null ? { stderr } : { parts };
    },
  }).catch(async (error: unknown) => {
    await requireGitVersion(ask, cwd); // an old git does not know the arguments
    throw error;
  });
  if (found.parts === undefined) {
    await requireGitVersion(ask, cwd);
    const stderr = (found.stderr ?? '').trim();
    if (stderr.includes('safe.directory')) throw failures.unsafeRepository(cwd, stderr);
    if (stderr.includes('safe.bareRepository')) throw failures.bareRefused(cwd, stderr);
    throw failures.notARepository(cwd, stderr);
  }
  const [, bareText, , commonDir = '', hooksDir = '', top] = found.parts;
  const bare = bareText === 'true' || isBare(commonDir);
  const main = bare ? undefined : await mainWorkTree(ask, commonDir);
  const home = main ?? commonDir;
  return {
    commonDir,
    main,
    bare,
    ignoreCase: ignoresCase(commonDir),
    name: basename(home).replace(/\.git$/, '') || basename(dirname(home)),
    parent: dirname(home),
    current: top,
    stateDir: join(commonDir, 'wt'),
    hooksDir,
  };
}

// Inside a linked worktree of a bare hub `--is-bare-repository` says false.
const isBare = (commonDir: string): boolean => /^\s*bare\s*=\s*true\s*$/im.test(configText(commonDir));

// Written by `git init` where the file system is like that.
const ignoresCase = (commonDir: string): boolean =>
  /^\s*ignorecase\s*=\s*true\s*$/im.test(configText(commonDir));

function configText(commonDir: string): string {
  try {
    return readFileSync(join(commonDir, 'config'), 'utf8');
  } catch {
    return '';
  }
}

/** `core.worktree` (a submodule, --separate-git-dir), else the parent of a folder named `.git`, else unknown. */
export async function mainWorkTree(ask: Ask, commonDir: string): Promise<string | undefined> {
  const mentions =
    /^\s*worktree\s*=/im.test(configText(commonDir)) || existsSync(join(commonDir, 'config.worktree'));
  if (mentions) {
    const configured = await ask({
      args: ['config', '--get', 'core.worktree'],
      cwd: commonDir,
      answers: [0, 1],
      parse: line,
    });
    if (configured !== '') return resolve(commonDir, configured);
  }
  return basename(commonDir) === '.git' ? dirname(commonDir) : undefined;
}

/** Throws `git_too_old` naming the version, or `git_missing`. */
export async function requireGitVersion(ask: Ask, cwd: string): Promise<string> {
  const version = await ask({ args: ['version'], cwd, parse: line }).catch((error) => {
    if (isFailure(error, 'git_failed')) throw failures.gitMissing();
    throw error;
  });
  const [, name = '', major = '0', minor = '0'] = /version ((\d+)\.(\d+)\S*)/.exec(version) ?? [];
  const isOld = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
  if (isOld) throw failures.gitTooOld(name === '' ? version : name);
  return name;
}
