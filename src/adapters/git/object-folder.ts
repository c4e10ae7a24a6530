import { chmod, copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Moves objects into a repository, as git does with what it receives: names are contents, so one that is there
 * already is the same. A pack's index comes last, since git looks for packs by it.
 */
export async function moveObjects(from: string, commonDir: string): Promise<void> {
  const last = (name: string) => (name.endsWith('.idx') ? 1 : 0);
  for (const fan of await listing(from)) {
    if (!/^(?:[0-9a-f]{2}|pack)$/.test(fan)) continue;
    const target = join(commonDir, 'objects', fan);
    if ((await mkdir(target, { recursive: true })) !== undefined) {
      // as core.sharedRepository wants it, whatever the umask
      await chmod(target, (await stat(join(from, fan))).mode);
    }
    const present = new Set(await listing(target));
    const names = (await listing(join(from, fan))).sort((a, b) => last(a) - last(b));
    for (const name of names) {
      if (!present.has(name) && !name.startsWith('tmp_')) await move(join(from, fan, name), target, name);
    }
  }
  await rm(from, { recursive: true, force: true, maxRetries: 3 });
}

async function move(file: string, folder: string, name: string): Promise<void> {
  try {
    await rename(file, join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    // git removes a file of this name when a copy was cut short
    const copy = join(folder, `tmp_obj_${name.slice(0, 12)}_${process.pid}`);
    await copyFile(file, copy);
    await rename(copy, join(folder, name));
  }
}

async function listing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
