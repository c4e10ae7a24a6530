import { type BigIntStats, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { SeenFiles } from '../../application/ports/registrations.ts';
import { decodePath } from './ask.ts';

const gitLink = Buffer.from('.git');
const slash = Buffer.from('/');

const markOf = ({ ino, size, mtimeNs, ctimeNs }: BigIntStats) => `${ino} ${size} ${mtimeNs} ${ctimeNs}`;

/** Visits what is below a folder, each folder after what is in it. */
async function visit(
  folder: Buffer,
  act: (path: Buffer, kind: 'file' | 'folder') => void,
  isTop = true,
): Promise<void> {
  const entries = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
  await breathe();
  for (const entry of entries) {
    // In Node 20 the names of these entries are buffers, whatever their type says.
    const name = entry.name as unknown as Buffer;
    if (isTop && name.equals(gitLink)) continue; // the last to go: it says whose the folder is
    const path = Buffer.concat([folder, slash, name]);
    if (entry.isDirectory()) await visit(path, act, false);
    act(path, entry.isDirectory() ? 'folder' : 'file');
  }
}

/** The files below a folder, each with a mark that changes when somebody writes it. */
export async function seenIn(folder: string): Promise<SeenFiles> {
  const seen = new Map<string, string>();
  await visit(Buffer.from(folder), (path, kind) => {
    const stats = kind === 'file' ? lstatSync(path, { bigint: true, throwIfNoEntry: false }) : undefined;
    if (stats !== undefined) seen.set(path.toString('latin1'), markOf(stats));
  });
  return seen;
}

/** Deletes the files that are as they were seen, and the folders in which nothing is left; gives the others. */
export async function deleteSeen(folder: string, seen: SeenFiles): Promise<readonly string[]> {
  const left: string[] = [];
  const top = Buffer.from(folder);
  await visit(top, (path, kind) => {
    if (kind === 'folder') {
      try {
        rmdirSync(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
      }
      return;
    }
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return;
    if (seen.get(path.toString('latin1')) === markOf(stats)) unlinkSync(path);
    else left.push(decodePath(path.subarray(top.length + 1)));
  });
  return left;
}
