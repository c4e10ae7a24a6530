import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Repository } from '../../domain/repository.ts';
import { isInside } from '../folders.ts';

/** Where the parts of an entry are. */
export type EntryPlace = {
  readonly folder: string;
  readonly file: string;
  /** The record before anything was moved. */
  readonly draft: string;
  /** The registration's git directory. */
  readonly admin: string;
  /** The reflog of the branch that goes with the worktree. */
  readonly branchLog: string;
};

export const trashHome = ({ stateDir }: Pick<Repository, 'stateDir'>): string => join(stateDir, 'trash');

export function entryPlace(repository: Pick<Repository, 'stateDir'>, id: string): EntryPlace {
  const folder = join(trashHome(repository), id);
  return {
    folder,
    file: join(folder, 'entry.json'),
    draft: join(folder, 'draft.json'),
    admin: join(folder, 'admin'),
    branchLog: join(folder, 'branch-log'),
  };
}

/**
 * Where the folder of a worktree can be renamed to, the best first: into the entry, else beside the worktrees. None
 * when it is where another file system is mounted.
 */
export function placesFor(repository: Repository, path: string, id: string): string[] {
  const device = statSync(path).dev;
  const top = join(repository.parent, `${repository.name}-wt`);
  const besides = [...(isInside(top, dirname(path)) ? [top] : []), dirname(path)].filter(
    (folder) => statSync(folder).dev === device,
  );
  return [
    ...(statSync(repository.commonDir).dev === device ? ['worktree'] : []),
    ...new Set(besides.map((folder) => join(folder, '.wt-trash', id, 'worktree'))),
  ];
}

/** Why nothing can be taken out of a folder; `undefined` when it can. */
export function notWritable(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    if (!existsSync(folder)) return undefined;
    return `${folder} is not writable (${(error as NodeJS.ErrnoException).code})`;
  }
}
