import { existsSync, lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Registered } from '../../application/ports/clinic.ts';
import type { Repository } from '../../domain/repository.ts';
import { realOrResolved } from '../folders.ts';
import { heldBranch } from '../git/operations.ts';
import { listing } from '../listing.ts';
import { impostorAt, readLine } from '../trash/identity.ts';

/** Every registration of a worktree, also those that git does not list. */
export function readRegistered(repository: Repository): Registered[] {
  const { commonDir } = repository;
  const home = join(commonDir, 'worktrees');
  const read = listing(home)
    .filter((item) => item.isDirectory())
    .map(({ name }) => {
      const gitDir = join(home, name);
      const gitFile = readLine(join(gitDir, 'gitdir'));
      return { name, gitDir, path: gitFile === undefined ? undefined : dirname(resolve(gitDir, gitFile)) };
    });
  const isLost = read.some(({ path }) => path !== undefined && !existsSync(path));
  const found = isLost ? foldersThatPointAt(repository, read) : new Map<string, string[]>();
  return read.map(({ name, gitDir, path }): Registered => {
    const isThere = path !== undefined && lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    const impostor = isThere ? impostorAt(path, gitDir) : undefined;
    const head = readLine(join(gitDir, 'HEAD')) ?? '';
    return {
      name,
      gitDir,
      path,
      locked: readLine(join(gitDir, 'locked')),
      isThere,
      impostor,
      isLeftBehind: impostor !== undefined && isLeftBehind(path ?? '', name),
      elsewhere: isThere ? [] : (found.get(realOrResolved(gitDir)) ?? []),
      branch: heldBranch(gitDir) ?? /^ref: refs\/heads\/(.*)$/.exec(head)?.[1],
      isPlaceBare: path !== undefined && !isThere && isBare(repository, path),
    };
  });
}

function isLeftBehind(path: string, name: string): boolean {
  const pointer = readLine(join(path, '.git'))?.replace(/^gitdir: /, '');
  if (pointer === undefined) return false;
  const target = resolve(path, pointer);
  return target.endsWith(`/worktrees/${name}`) && !existsSync(target);
}

/** Whether the innermost folder that is left of a path is empty and not one of the repository's surroundings. */
function isBare({ parent }: Repository, path: string): boolean {
  let folder = dirname(path);
  while (!existsSync(folder)) folder = dirname(folder);
  if (realOrResolved(folder).startsWith(realOrResolved(parent))) return false;
  return folder === dirname(folder) || listing(folder).length === 0;
}

const mostFolders = 3_000;
const deepest = 5;

/** Looks for moved worktrees near where worktrees are: folders whose `.git` file names a registration of ours. */
function foldersThatPointAt(
  { parent, name }: Repository,
  all: readonly { readonly path: string | undefined }[],
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const seen = new Set<string>();
  const top = join(parent, `${name}-wt`);
  const starts = [
    [top, deepest],
    ...all.flatMap(({ path }) =>
      path === undefined
        ? []
        : [
            [dirname(path), 2],
            [dirname(dirname(path)), 2],
          ],
    ),
    [parent, 1],
  ] as [string, number][];
  const visit = (folder: string, depth: number) => {
    const items = seen.size < mostFolders ? listing(folder) : [];
    for (const item of items) {
      const path = join(folder, item.name);
      if (!item.isDirectory() || item.name === 'node_modules' || item.name.startsWith('.')) continue;
      const link = join(path, '.git');
      const stats = lstatSync(link, { throwIfNoEntry: false });
      if (stats === undefined && depth > 1) visit(path, depth - 1);
      if (stats === undefined || !stats.isFile() || seen.has(path)) continue;
      seen.add(path);
      const target = resolve(path, readLine(link)?.replace(/^gitdir: /, '') ?? '');
      const key = realOrResolved(target);
      found.set(key, [...(found.get(key) ?? []), path]);
    }
  };
  for (const [folder, depth] of starts) visit(folder, depth);
  return found;
}
