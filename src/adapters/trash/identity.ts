import { lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { realOrResolved } from '../folders.ts';

/** Text of a small file without its last newline; `undefined` when it cannot be read. */
export function readLine(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/\n$/, '');
  } catch {
    return undefined;
  }
}

/**
 * Why what is in `folder` is not the worktree of a registration, or `undefined`. A linked worktree is a folder whose
 * `.git` file names its registration (from `home`, where it belongs, when git wrote a relative path).
 */
export function impostorAt(folder: string, gitDir: string, home = folder): string | undefined {
  let stats: ReturnType<typeof lstatSync>;
  try {
    stats = lstatSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    return `it cannot be looked at (${(error as NodeJS.ErrnoException).code})`;
  }
  if (stats.isSymbolicLink()) return 'it is a symbolic link';
  if (!stats.isDirectory()) return 'it is a file';
  if (statSync(join(folder, '.git'), { throwIfNoEntry: false })?.isDirectory())
    return 'it is a repository of its own';
  const pointer = readLine(join(folder, '.git'));
  if (pointer === undefined) return 'it has no .git file';
  const target = resolve(home, pointer.replace(/^gitdir: /, ''));
  return realOrResolved(target) === realOrResolved(gitDir) ? undefined : `its .git file names ${target}`;
}

/** Whether a git directory in `worktrees/` is the registration of the worktree at `path`. */
export function isRegistrationOf(gitDir: string, path: string): boolean {
  const gitFile = readLine(join(gitDir, 'gitdir'));
  return gitFile !== undefined && realOrResolved(dirname(resolve(gitDir, gitFile))) === realOrResolved(path);
}
