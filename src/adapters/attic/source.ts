import { join, relative, resolve } from 'node:path';
import type { Repository } from '../../domain/repository.ts';
import type { TrashEntry } from '../../domain/trash.ts';
import { isInside } from '../folders.ts';
import { folderOf, registrationOf } from '../trash/moves.ts';
import { entryPlace } from '../trash/places.ts';

/** A removed worktree and its git directory, where they are and where they belong. */
export type Source = {
  readonly entry: TrashEntry;
  /** `undefined` when its folder had been deleted before it was removed. */
  readonly folder: string | undefined;
  /** The registration's git directory. */
  readonly admin: string;
  /** Where that was: what is in the folder still points there. */
  readonly home: string;
};

/** An entry as it lies in the trash. */
export const inTrash = (repository: Repository, entry: TrashEntry): Source => ({
  entry,
  folder: folderOf(repository, entry),
  admin: entryPlace(repository, entry.id).admin,
  home: registrationOf(repository, entry),
});

/** A worktree that is still where it belongs. */
export function inPlace(repository: Repository, entry: TrashEntry): Source {
  const home = registrationOf(repository, entry);
  return { entry, folder: entry.worktree_path, admin: home, home };
}

/** Where something in the worktree's git directory is now, given where it was; another path stays as it is. */
export const whereNow = ({ admin, home }: Source, path: string): string =>
  isInside(home, path) ? join(admin, relative(home, path)) : path;

/** Where a path in the work tree was before it was removed. */
export const whereBefore = ({ entry, folder }: Source, path: string): string =>
  folder === undefined ? path : resolve(entry.worktree_path, relative(folder, path));
