import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What a folder takes on disk, in bytes, hard links counted once; `undefined` where a part could not be read. */
export async function diskSize(folder: string): Promise<number | undefined> {
  const seen = new Set<string>();
  let bytes = 0;
  const pending = [folder];
  try {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const entry of await readdir(next, { withFileTypes: true })) {
        const path = join(next, entry.name);
        const stats = await lstat(path);
        if (entry.isDirectory()) pending.push(path);
        else if (stats.nlink > 1) {
          const file = `${stats.dev} ${stats.ino}`;
          if (seen.has(file)) continue;
          seen.add(file);
        }
        bytes += stats.blocks * 512;
      }
    }
    return bytes;
  } catch {
    return undefined;
  }
}
