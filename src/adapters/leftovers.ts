import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folders in which wt keeps objects that nobody will see again; mkdtemp adds six characters. */
const scratch = /^wt-(?:probe|work|audit|trial|union)-[A-Za-z0-9]{6}$/;

const dayMs = 24 * 60 * 60 * 1000;

/** Removes the scratch folders of this user in the system's temporary folder that a wt which was killed has left. */
export function dropLeftovers(): void {
  const parent = tmpdir();
  for (const name of listing(parent)) {
    if (!scratch.test(name)) continue;
    const folder = join(parent, name);
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    const isOurs = stat?.isDirectory() === true && stat.uid === process.getuid?.();
    if (!isOurs || Date.now() - stat.mtimeMs < dayMs) continue;
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // the next time
    }
  }
}

function listing(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
