import { accessSync, constants, type Dirent, lstatSync, readdirSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { failures } from '../../domain/failure.ts';
import { decodePath } from '../git/ask.ts';

/** What looking at every file of a folder gives. */
export type Walked = {
  /** On the disk, in bytes; hard links count once. */
  readonly size: number;
  /** Folders below the top that have a `.git` of their own, as bytes from the top. */
  readonly repositories: readonly Buffer[];
  /** The first folder that cannot be read, or not be emptied; relative, for people. */
  readonly closed: { readonly path: string; readonly why: string } | undefined;
};

const dotGit = Buffer.from('.git');
const slash = Buffer.from('/');

/** Looks at every file below a folder, names that are not UTF-8 too. Throws `interrupted`. */
export async function walk(top: string, signal: AbortSignal): Promise<Walked> {
  const linked = new Set<string>();
  const repositories: Buffer[] = [];
  let closed: Walked['closed'];
  let size = 0;
  const root = Buffer.from(top);
  const pending: Buffer[] = [root];
  for (let count = 0, next = pending.pop(); next !== undefined; next = pending.pop(), count++) {
    if (count % 100 === 0) await breathe();
    if (signal.aborted) throw failures.interrupted(String(signal.reason));
    const names = listing(next);
    const shown = decodePath(next.subarray(root.length + 1)) || '.';
    if (!Array.isArray(names)) {
      closed ??= { path: shown, why: `cannot be read (${names.code})` };
      continue;
    }
    if (names.length > 0 && !isEmptiable(next)) closed ??= { path: shown, why: 'cannot be emptied' };
    for (const item of names) {
      const path = Buffer.concat([next, slash, item.name]);
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) continue;
      if (item.isDirectory()) pending.push(path);
      if (item.name.equals(dotGit) && next.length > root.length)
        repositories.push(next.subarray(root.length + 1));
      if (!item.isDirectory() && stats.nlink > 1) {
        const file = `${stats.dev} ${stats.ino}`;
        if (linked.has(file)) continue;
        linked.add(file);
      }
      size += stats.blocks * 512;
    }
  }
  return { size, repositories, closed };
}

function listing(folder: Buffer): Dirent<Buffer>[] | { readonly code: string } {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? 'unknown' };
  }
}

/** A folder of our own can be made writable; somebody else's cannot. */
function isEmptiable(folder: Buffer): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return lstatSync(folder, { throwIfNoEntry: false })?.uid === process.geteuid?.();
  }
}
