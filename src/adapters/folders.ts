import { lstatSync, readdirSync, readFileSync, realpathSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Folders } from '../application/ports/machine.ts';
import { failures } from '../domain/failure.ts';
import { unwritable } from './unwritable.ts';

/** Whether `path` is `folder` or below it; both real paths. */
export const isInside = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);

/** The real path of what exists of a path, with the rest appended: a deleted folder still has a place. */
export function realOrResolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realOrResolved(parent), relative(parent, path));
  }
}

const impossible = () =>
  failures.usage('the path is too long for a file, or holds a NUL', 'choose another with --path <dir>');

/** What is at a path, links not followed; `undefined` for nothing. Throws `usage` for a name that no file can have. */
function look(path: string) {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined;
    if (['ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(code)) throw impossible();
    throw unwritable(path, error);
  }
}

const largestDigested = 4_000_000;

export function openFolders(): Folders {
  return {
    real: async (path) => {
      try {
        return realpathSync(path);
      } catch {
        return undefined;
      }
    },
    containing: async (folders, path, cwd, home) => {
      const expanded = path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
      const place = realOrResolved(resolve(cwd, expanded));
      return folders
        .filter((folder) => isInside(realOrResolved(folder), place))
        .sort((a, b) => b.length - a.length)[0];
    },
    place: async (path, cwd, home) => {
      const whole = resolve(cwd, path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path);
      const place = join(realOrResolved(dirname(whole)), basename(whole));
      if (place.split('/').some((name) => Buffer.byteLength(name) > 255)) throw impossible();
      look(place);
      let parent = dirname(place);
      while (look(parent) === undefined) parent = dirname(parent);
      return { path: place, parent, parentIsFolder: look(parent)?.isDirectory() === true };
    },
    kind: async (path) => {
      try {
        const stats = lstatSync(path);
        if (stats.isSymbolicLink()) return 'symlink';
        if (!stats.isDirectory()) return 'file';
        return readdirSync(path).length === 0 ? 'empty-folder' : 'folder';
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
        if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return 'absent';
        throw error;
      }
    },
    digest: async (path) => {
      try {
        const stats = lstatSync(path);
        if (!stats.isFile() || stats.size > largestDigested) return undefined;
        const kind = (stats.mode & 0o100) === 0 ? 'file' : 'executable';
        const bytes = readFileSync(path);
        // Loading node's crypto takes longer than comparing what most files hold.
        if (bytes.length < 10_000) return `${kind} ${bytes.toString('latin1')}`;
        const { createHash } = await import('node:crypto');
        return `${kind} ${createHash('sha256').update(bytes).digest('hex')}`;
      } catch {
        return undefined;
      }
    },
    born: async (path) => {
      try {
        const { birthtimeMs, mtimeMs } = statSync(path);
        return new Date(birthtimeMs > 0 ? birthtimeMs : mtimeMs);
      } catch {
        return undefined;
      }
    },
    remove: async (path) => {
      const { rm } = await import('node:fs/promises'); // not loaded for commands that only look
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
    pruneParents: async (path, stop) => {
      for (let parent = dirname(path); isInside(stop, parent) && parent !== stop; parent = dirname(parent)) {
        try {
          rmdirSync(parent);
        } catch {
          return; // not empty: somebody else's
        }
      }
    },
  };
}
