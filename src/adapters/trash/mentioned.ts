import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What git keeps in a worktree's git directory that names no object of this repository. */
const strange = new Set(['modules', 'lfs', 'locked', 'wt.json']);
const isIndex = (name: string) => /^(?:shared)?index/.test(name);

function filesOf(gitDir: string): string[] {
  const below = (folder: string): string[] => {
    let items: Dirent[];
    try {
      items = readdirSync(folder, { withFileTypes: true });
    } catch {
      return []; // git has just removed it
    }
    return items.flatMap((item) => {
      if (folder === gitDir && strange.has(item.name)) return [];
      const path = join(folder, item.name);
      return item.isDirectory() ? below(path) : item.isFile() ? [path] : [];
    });
  };
  return below(gitDir);
}

/** Every object id in pseudo refs, per-worktree refs, reflogs and the state of operations under way. */
export function mentionedIds(gitDir: string): string[] {
  return filesOf(gitDir)
    .filter((file) => !isIndex(relative(gitDir, file)))
    .flatMap(idsIn);
}

/** Every object id in a text file; none where there is no file. */
export function idsIn(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').match(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g) ?? [];
  } catch {
    return [];
  }
}

/** What differs once git has written anything to a worktree's git directory. */
export const fingerprint = (gitDir: string): string =>
  filesOf(gitDir)
    .map((file) => {
      const stats = statSync(file, { throwIfNoEntry: false });
      return `${relative(gitDir, file)} ${stats?.size} ${stats?.mtimeMs} ${stats?.ino}`;
    })
    .sort()
    .join('\n');
