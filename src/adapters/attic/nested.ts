import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Obstacle } from '../../domain/failure.ts';
import { isFailure } from '../../domain/failure.ts';
import { isSha, type Sha } from '../../domain/object-id.ts';
import { type Ask, decodePath, line } from '../git/ask.ts';
import { readLine } from '../trash/identity.ts';
import { gitDirectoriesBelow } from '../trash/submodules.ts';
import { type Source, whereBefore, whereNow } from './source.ts';

/** A repository inside a work tree: a submodule, or any other. */
export type Nested = {
  /** From the top of the work tree, as bytes; `undefined` for a submodule that has no work tree. */
  readonly path: Buffer | undefined;
  readonly name: string;
  readonly gitDir: string;
  readonly workTree: string | undefined;
};

/** The repositories inside a work tree, and the git directories of submodules that have none at the moment. */
export function nestedIn(source: Source, paths: readonly Buffer[]): Nested[] {
  const { folder, admin } = source;
  const found = paths.map((path): Nested => {
    const name = decodePath(path);
    const workTree = join(folder ?? '', name);
    return { path, name, workTree, gitDir: gitDirOf(source, workTree) };
  });
  const known = new Set(found.map(({ gitDir }) => gitDir));
  const modules = gitDirectoriesBelow(join(admin, 'modules')).filter((gitDir) => !known.has(gitDir));
  return [
    ...found,
    ...modules.map((gitDir) => ({
      path: undefined,
      name: gitDir.slice(join(admin, 'modules').length + 1),
      gitDir,
      workTree: undefined,
    })),
  ];
}

function gitDirOf(source: Source, workTree: string): string {
  const own = join(workTree, '.git');
  if (statSync(own, { throwIfNoEntry: false })?.isDirectory() === true) return own;
  const pointer = readLine(own)?.replace(/^gitdir: /, '') ?? '';
  return whereNow(source, resolve(whereBefore(source, workTree), pointer));
}

/** git in that repository, whatever its own files say about where it is. */
const within = ({ gitDir, workTree }: Nested) => ({
  cwd: workTree ?? gitDir,
  env: { GIT_DIR: gitDir, GIT_WORK_TREE: workTree ?? gitDir },
});

const harmless = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];

/** What of a nested repository would be lost with its folder: refs of the outer one cannot hold it. */
export async function lossOf(ask: Ask, nested: Nested, signal: AbortSignal): Promise<Obstacle | undefined> {
  const { name, workTree, gitDir } = nested;
  if (name.includes('\\x')) return { what: `${name} is a repository whose path is not UTF-8` };
  if (!existsSync(gitDir)) return { what: `${name} is a repository whose git directory is not there` };
  try {
    const [only] = await ask({
      ...within(nested),
      args: [...harmless, 'rev-list', '--all', '--reflog', '--max-count=1', '--not', '--remotes'],
      signal,
      parse: (reply) => line(reply).split('\n').filter(Boolean),
    });
    if (only !== undefined) return { what: `the repository ${name} has commits that are on no remote` };
    if (workTree === undefined) return undefined;
    const isDirty = await ask({
      ...within(nested),
      args: [...harmless, 'status', '--porcelain', '--ignore-submodules=all'],
      signal,
      parse: ({ stdout }) => stdout.length > 0,
    });
    return isDirty ? { what: `the repository ${name} has uncommitted changes` } : undefined;
  } catch (error) {
    if (!isFailure(error, 'git_failed')) throw error;
    return { what: `what the repository ${name} holds could not be determined: ${error.message}` };
  }
}

/** The commit that is checked out in a nested repository; `undefined` for one without. */
export const headOfNested = (ask: Ask, nested: Nested): Promise<Sha | undefined> =>
  ask({
    ...within(nested),
    args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'],
    answers: [0, 1, 128],
    parse: (reply) => {
      const id = line(reply);
      return isSha(id) ? id : undefined;
    },
  });
