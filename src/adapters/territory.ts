import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { FoundCheckout, Territory } from '../application/ports/territory.ts';
import { isWithin } from '../domain/tool-guard.ts';
import { readLine } from './trash/identity.ts';

/** As many links as Linux follows. */
const mostLinks = 40;
/** What is below this is another thing for each process that looks; `/dev/fd` leads there. */
const ofProcesses = '/proc';

export const openTerritory = (home: string): Territory => ({
  leadsTo: async (path, cwd) => leadsTo(resolve(cwd, expanded(path.trim(), home))),
  checkoutOf: async (path) => checkoutOf(path),
});

const expanded = (path: string, home: string) =>
  path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;

function leadsTo(path: string): string | undefined {
  if (path.includes('\0')) return undefined;
  const rest = path.split('/').filter((name) => name !== '');
  let place = '/';
  let links = 0;
  let isThere = true;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '.') continue;
    if (name === '..') {
      place = dirname(place); // of a link's target; the path itself has none
      continue;
    }
    const next = join(place, name);
    if (isWithin(ofProcesses, next)) return undefined;
    try {
      const target = isThere && lstatSync(next).isSymbolicLink() ? readlinkSync(next) : undefined;
      if (target === undefined) {
        place = next;
        continue;
      }
      if (++links > mostLinks) return undefined;
      rest.unshift(...target.split('/').filter((part) => part !== ''));
      if (target.startsWith('/')) place = '/';
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return undefined;
      isThere = false;
      place = next;
    }
  }
  return spelled(place);
}

/** A path without links as its file system spells it: some do not tell upper from lower case. */
function spelled(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(spelled(parent), path.slice(parent.length));
  }
}

function checkoutOf(path: string): FoundCheckout | undefined {
  let outer: FoundCheckout | undefined;
  for (let folder = path; ; folder = dirname(folder)) {
    const found = checkoutAt(folder);
    if (found !== undefined && !found.isSubmodule) return found;
    outer ??= found;
    if (folder === dirname(folder)) return outer;
  }
}

function checkoutAt(folder: string): (FoundCheckout & { readonly isSubmodule: boolean }) | undefined {
  const entry = join(folder, '.git');
  const isFolder = isFolderAt(entry);
  const pointer = isFolder ? entry : readLine(entry)?.replace(/^gitdir: /, '');
  if (pointer === undefined) return undefined;
  const gitDir = resolve(folder, pointer);
  const head = readLine(join(gitDir, 'HEAD'));
  if (head === undefined) return undefined;
  const shared = readLine(join(gitDir, 'commondir'));
  const commonDir = realOr(shared === undefined ? gitDir : resolve(gitDir, shared));
  const branch = /^ref: refs\/heads\/(.+)$/.exec(head)?.[1];
  const isMain = shared === undefined;
  return { path: folder, branch, isMain, commonDir, isSubmodule: isMain && !isFolder };
}

function isFolderAt(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

const realOr = (path: string): string => {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
};
