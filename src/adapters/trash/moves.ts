import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { failures } from '../../domain/failure.ts';
import { removalLock } from '../../domain/removal.ts';
import type { Repository } from '../../domain/repository.ts';
import type { RemovalPlan, TrashEntry } from '../../domain/trash.ts';
import { unwritable } from '../unwritable.ts';
import { impostorAt, isRegistrationOf, readLine } from './identity.ts';
import { entryPlace } from './places.ts';
import { relinkSubmodules } from './submodules.ts';

export const registrationOf = ({ commonDir }: Repository, { registration }: TrashEntry): string =>
  join(commonDir, 'worktrees', registration);

/** Where the folder of an entry is; `undefined` for one that had been deleted before. */
export const folderOf = (repository: Repository, { id, place }: TrashEntry): string | undefined =>
  place === null ? undefined : resolve(entryPlace(repository, id).folder, place);

/** Whether an entry that has only a registration has its folder at its path: nobody saw that when it was removed. */
export const isHome = (repository: Repository, entry: TrashEntry): boolean =>
  entry.place === null &&
  existsSync(entry.worktree_path) &&
  impostorAt(entry.worktree_path, registrationOf(repository, entry)) === undefined;

/** The entry of a plan whose folder has been moved. */
export function moved(repository: Repository, { entry, places }: RemovalPlan): TrashEntry | undefined {
  const { folder, admin } = entryPlace(repository, entry.id);
  const place = places.find((each) => existsSync(resolve(folder, each)));
  if (place !== undefined) return { ...entry, place };
  return existsSync(admin) ? entry : undefined;
}

/**
 * Moves a worktree into the trash. The folder goes first, since that is what can fail; a lock keeps `git worktree
 * prune` from dropping the registration meanwhile.
 */
export function moveIn(repository: Repository, plan: RemovalPlan): TrashEntry {
  const { worktree_path: path, id } = plan.entry;
  const { admin } = entryPlace(repository, id);
  const gitDir = registrationOf(repository, plan.entry);
  const before = moved(repository, plan);
  const dropLock = () => rmSync(join(admin, 'locked'), { force: true });
  if (existsSync(admin)) {
    dropLock();
    return before ?? plan.entry;
  }
  if (before === undefined && !isRegistrationOf(gitDir, path))
    throw failures.notThisWorktree(path, 'git has it registered no longer');
  // Somebody may have unlocked and pruned it since it was begun.
  if (!isRegistrationOf(gitDir, path)) return before ?? plan.entry;
  try {
    writeFileSync(join(gitDir, 'locked'), removalLock(id));
    const entry = before ?? moveFolderIn(repository, plan, gitDir);
    renameSync(gitDir, admin);
    dropLock();
    return entry;
  } catch (error) {
    throw unwritable(gitDir, error);
  }
}

/** Takes the lock of a removal from a registration that stays. */
export function unlock(repository: Repository, entry: TrashEntry): void {
  const lock = join(registrationOf(repository, entry), 'locked');
  if (readLine(lock) === removalLock(entry.id)) rmSync(lock, { force: true });
}

function moveFolderIn(repository: Repository, { entry, places }: RemovalPlan, gitDir: string): TrashEntry {
  const { worktree_path: path, id } = entry;
  if (places.length === 0) return entry;
  const impostor = impostorAt(path, gitDir);
  if (impostor !== undefined) throw failures.notThisWorktree(path, impostor);
  const { folder } = entryPlace(repository, id);
  for (const [index, place] of places.entries()) {
    const target = resolve(folder, place);
    try {
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      renameSync(path, target);
    } catch (error) {
      dropPlace(place, folder);
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') throw failures.notThisWorktree(path, 'it went away just now');
      // A bind mount is another device though it has the same number.
      if (code === 'EXDEV' && index < places.length - 1) continue;
      throw failures.cannotSave(path, { what: `it cannot be renamed: ${message}`, code });
    }
    const changed = impostorAt(target, gitDir, path);
    if (changed === undefined) return { ...entry, place };
    renameSync(target, path);
    dropPlace(place, folder);
    throw failures.notThisWorktree(path, changed);
  }
  return entry;
}

/** Removes what was made for a folder outside its entry, once it is empty. */
export function dropPlace(place: string, entryFolder: string): void {
  if (!isAbsolute(place) || place.startsWith(entryFolder)) return;
  for (const folder of [dirname(place), dirname(dirname(place))]) {
    try {
      rmdirSync(folder);
    } catch {
      return; // other entries are there, or it is gone
    }
  }
}

/** Moves a worktree back: its folder, then the registration, under another name when its own was taken. */
export function moveOut(repository: Repository, entry: TrashEntry): void {
  const { worktree_path: path } = entry;
  const { admin } = entryPlace(repository, entry.id);
  const folder = folderOf(repository, entry);
  if (folder !== undefined && existsSync(folder)) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      renameSync(folder, path); // takes the place of an empty folder, and of nothing else
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code))
        throw failures.pathExists(path, 'something else is there now', undoHint(entry));
      throw unwritable(path, error);
    }
  }
  // A disk that is not mounted: nothing must be forgotten.
  if (folder !== undefined && !existsSync(path)) throw failures.fileNotFound(folder);
  if (!existsSync(admin)) return;
  try {
    const gitDir = freeName(registrationOf(repository, entry));
    if (folder !== undefined || isHome(repository, entry)) relink(path, gitDir);
    relinkSubmodules(admin, gitDir, path);
    mkdirSync(dirname(gitDir), { recursive: true });
    renameSync(admin, gitDir);
  } catch (error) {
    throw unwritable(admin, error);
  }
}

export const undoHint = ({ id }: TrashEntry): string => `move it away, then wt undo ${id}`;

/** The `.git` file of a worktree whose registration has another name now; git may have written a relative path. */
function relink(path: string, gitDir: string): void {
  const file = join(path, '.git');
  const pointer = readLine(file)?.replace(/^gitdir: /, '');
  if (pointer === undefined || resolve(path, pointer) === gitDir) return;
  writeFileSync(file, `gitdir: ${isAbsolute(pointer) ? gitDir : relative(path, gitDir)}\n`);
}

function freeName(gitDir: string): string {
  for (let count = 0; ; count++) {
    const candidate = count === 0 ? gitDir : `${gitDir}${count}`;
    if (!existsSync(candidate)) return candidate;
  }
}

/** Removes an emptied entry; what is still in it stays. */
export function dropEntry(repository: Repository, { id, place }: Pick<TrashEntry, 'id' | 'place'>): void {
  const { folder, file, draft, branchLog } = entryPlace(repository, id);
  for (const name of ['index', 'index.lock', 'survey.json']) rmSync(join(folder, name), { force: true });
  for (const each of [file, draft, branchLog]) rmSync(each, { force: true });
  rmSync(join(folder, 'attic'), { recursive: true, force: true });
  if (place !== null) dropPlace(resolve(folder, place), folder);
  try {
    for (const name of readdirSync(folder))
      if (name.endsWith('.wt-tmp')) rmSync(join(folder, name), { force: true });
    rmdirSync(folder);
  } catch {
    // gone already, or not empty
  }
}
