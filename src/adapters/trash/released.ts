import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TrashEntry } from '../../domain/trash.ts';
import { readState } from '../facts.ts';
import { namesIn } from '../listing.ts';
import { unwritable } from '../unwritable.ts';
import { dropPlace } from './moves.ts';

/** Where entries are that nobody can bring back any more, until they are deleted. */
export const releasedHome = (home: string): string => join(home, 'expired');

/** Takes an entry out of the trash in one step; `false` when it is not there. */
export function release(home: string, id: string): boolean {
  const target = join(releasedHome(home), id);
  try {
    mkdirSync(releasedHome(home), { recursive: true, mode: 0o700 });
    renameSync(join(home, id), target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw unwritable(target, error);
  }
}

/** Deletes what was released; gives the folders that could not be, with the reason. */
export async function sweepReleased(
  home: string,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly why: string }[]> {
  const left: { path: string; why: string }[] = [];
  for (const id of namesIn(releasedHome(home))) {
    if (signal.aborted) return left;
    const folder = join(releasedHome(home), id);
    try {
      const outside = outsideOf(folder);
      if (outside !== undefined) {
        await removeTree(outside);
        dropPlace(outside, folder);
      }
      await removeTree(folder);
    } catch (error) {
      left.push({ path: folder, why: reasonOf(folder, error) });
    }
  }
  try {
    rmdirSync(releasedHome(home));
  } catch {
    // none was there, or some are left
  }
  return left;
}

function reasonOf(folder: string, error: unknown): string {
  const { code, path = folder } = error as NodeJS.ErrnoException;
  const within = relative(folder, path);
  const what = within === '' || within.startsWith('..') ? 'not everything in it' : within;
  // node tries rmdir on a file that unlink may not remove, and tells of that.
  return `${what} cannot be deleted (${code === 'ENOTDIR' ? 'EPERM' : (code ?? String(error))})`;
}

export const released = (home: string): string[] =>
  namesIn(releasedHome(home)).map((id) => join(releasedHome(home), id));

/** The folder of a released entry where it is on another device, by what only wt makes it like. */
function outsideOf(folder: string): string | undefined {
  const place = readState(join(folder, 'entry.json'), TrashEntry, 1)?.place;
  if (place === undefined || place === null || !isAbsolute(place)) return undefined;
  return dirname(dirname(place)).endsWith('/.wt-trash') && existsSync(place) ? place : undefined;
}

/**
 * Removes a folder with everything in it, also what its owner has made read-only (Go's module cache is). Tries again by
 * itself: `maxRetries` of node 20 begins anew at every level, and a mount three folders deep took it a minute.
 */
async function removeTree(folder: string, triesLeft = 3): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (triesLeft === 0 || !['EACCES', 'EPERM', 'EBUSY', 'ENOTEMPTY'].includes(code)) throw error;
    if (['EACCES', 'EPERM'].includes(code)) makeWritable(folder);
    else await pause(100);
    await removeTree(folder, triesLeft - 1);
  }
}

function makeWritable(folder: string): void {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isDirectory()) return;
  if ((stats.mode & 0o700) !== 0o700 && stats.uid === process.geteuid?.())
    chmodSync(folder, stats.mode | 0o700);
  for (const item of readdirSync(folder, { withFileTypes: true }))
    if (item.isDirectory()) makeWritable(join(folder, item.name));
}
