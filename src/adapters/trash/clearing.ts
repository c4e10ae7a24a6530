import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failures } from '../../domain/failure.ts';
import type { Repository } from '../../domain/repository.ts';
import type { TrashEntry } from '../../domain/trash.ts';
import { unwritable } from '../unwritable.ts';
import { impostorAt } from './identity.ts';
import { registrationOf } from './moves.ts';

const gitLink = Buffer.from('.git');

/** Deletes a worktree in its place: everything but `.git` first, since that says whose the folder is. */
export async function clearFolder(repository: Repository, entry: TrashEntry): Promise<void> {
  const { worktree_path: path } = entry;
  if (namesIn(path).length === 0) return; // it is done
  const impostor = impostorAt(path, registrationOf(repository, entry));
  if (impostor !== undefined) throw failures.notThisWorktree(path, impostor);
  try {
    for (const name of namesIn(path)) {
      if (name.equals(gitLink)) continue;
      const file = Buffer.concat([Buffer.from(`${path}/`), name]);
      await rm(file, { recursive: true, force: true, maxRetries: 3 });
    }
    rmSync(join(path, '.git'), { force: true });
  } catch (error) {
    throw unwritable(path, error);
  }
  try {
    rmdirSync(path);
  } catch {
    // a mount point
  }
}

function namesIn(path: string): Buffer[] {
  try {
    return readdirSync(path, { encoding: 'buffer' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
