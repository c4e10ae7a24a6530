import { type Dirent, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { isInside } from '../folders.ts';
import { readLine } from './identity.ts';

/**
 * Points the submodules of a worktree at their git directories, which are inside its own: git writes relative paths,
 * and that directory may have come back under another name. `admin` is where it is now, `gitDir` where it will be.
 */
export function relinkSubmodules(admin: string, gitDir: string, path: string): void {
  for (const module of gitDirectoriesBelow(join(admin, 'modules'))) {
    const place = join(gitDir, relative(admin, module));
    const workTree = /^\s*worktree\s*=\s*(.+?)\s*$/m.exec(readLine(join(module, 'config')) ?? '')?.[1];
    if (workTree === undefined) continue;
    const checkout = resolve(place, workTree);
    const file = join(checkout, '.git');
    if (!isInside(path, checkout) || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue;
    const pointer = readLine(file)?.replace(/^gitdir: /, '') ?? '';
    if (resolve(checkout, pointer) !== place) writeFileSync(file, `gitdir: ${relative(checkout, place)}\n`);
  }
}

/** Git directories of submodules and of theirs; a submodule's name may hold slashes. */
export function gitDirectoriesBelow(folder: string): string[] {
  let items: Dirent[];
  try {
    items = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  if (items.some(({ name }) => name === 'HEAD') && items.some(({ name }) => name === 'config'))
    return [folder, ...gitDirectoriesBelow(join(folder, 'modules'))];
  return items.flatMap((item) => (item.isDirectory() ? gitDirectoriesBelow(join(folder, item.name)) : []));
}
