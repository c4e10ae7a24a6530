import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Trash } from '../../application/ports/trash.ts';
import { failures } from '../../domain/failure.ts';
import { nextTrashId, TrashEntry } from '../../domain/trash.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { atomicWrite } from '../atomic-write.ts';
import type { HubContext } from '../context.ts';
import { readState } from '../facts.ts';
import { realOrResolved } from '../folders.ts';
import { nothing } from '../git/ask.ts';
import { dropRefs, keepRefs } from './kept-refs.ts';

/** The trash of a repository: renames on one device, so that removing is instant whatever the size. */
export function openTrash(context: HubContext): Trash {
  const { repository, ask, clock } = context;
  const home = join(repository.stateDir, 'trash');
  const entryFile = (id: string) => join(home, id, 'entry.json');

  return {
    impostor: async (worktree) =>
      worktree.gitDir === undefined ? 'git has no folder for it' : impostorAt(worktree.path, worktree.gitDir),
    prepare: async (worktree) => {
      mkdirSync(home, { recursive: true, mode: 0o700 });
      for (;;) {
        const id = nextTrashId(clock.now(), readdirSync(home));
        try {
          mkdirSync(join(home, id), { mode: 0o700 });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
          throw error;
        }
        return entryOf(worktree, id, join(home, id), clock.now());
      }
    },
    keep: (entry) => keepRefs(context, entry),
    moveIn: async (entry) => moveIn(entry),
    hasBegun: async ({ folder, admin }) => existsSync(admin) || (folder !== null && existsSync(folder)),
    record: async (entry) => atomicWrite(entryFile(entry.id), `${JSON.stringify(entry, null, 2)}\n`),
    moveOut: async (entry) => moveOut(entry),
    forget: async (entry) => {
      await dropRefs(context, entry);
      rmSync(join(home, entry.id), { recursive: true, force: true });
      if (entry.folder !== null && !entry.folder.startsWith(home))
        removeEmpty(dirname(entry.folder), dirname(dirname(entry.folder)));
    },
    restoreBranch: async (branch, at) => {
      const ref = `refs/heads/${branch}`;
      const standing = await ask({
        args: ['rev-parse', '--verify', '--quiet', ref],
        answers: [0, 1],
        parse: ({ stdout }) => stdout.toString('utf8').trim(),
      });
      if (standing !== '') return standing === at;
      // The empty old value means: only if it does not exist.
      await ask({
        args: ['update-ref', '-m', 'wt undo', ref, at, '0'.repeat(at.length)],
        access: 'write',
        parse: nothing,
      });
      return true;
    },
    list: async () => {
      let ids: string[];
      try {
        ids = readdirSync(home);
      } catch {
        return [];
      }
      return ids
        .flatMap((id) => readState(entryFile(id), TrashEntry, 1) ?? [])
        .sort((a, b) =>
          a.removed_at === b.removed_at ? b.id.localeCompare(a.id) : b.removed_at.localeCompare(a.removed_at),
        );
    },
  };
}

function entryOf(worktree: Worktree, id: string, folder: string, now: Date): TrashEntry {
  if (worktree.gitDir === undefined)
    throw failures.notThisWorktree(worktree.path, 'git has no folder for it');
  const isThere = existsSync(worktree.path);
  const sameDevice = !isThere || statSync(worktree.path).dev === statSync(folder).dev;
  const place = sameDevice
    ? join(folder, 'worktree')
    : join(dirname(worktree.path), '.wt-trash', id, 'worktree');
  return {
    version: 1,
    id,
    removed_at: now.toISOString(),
    worktree_path: worktree.path,
    git_dir: worktree.gitDir,
    folder: isThere ? place : null,
    admin: join(folder, 'admin'),
    branch: worktree.branch ?? null,
    head: worktree.head ?? null,
    branch_deleted: false,
  };
}

/** A linked worktree is a folder whose `.git` file names its registration; anything else there is not it. */
function impostorAt(path: string, gitDir: string): string | undefined {
  let stats: ReturnType<typeof lstatSync>;
  try {
    stats = lstatSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (stats.isSymbolicLink()) return 'it is a symbolic link';
  if (!stats.isDirectory()) return 'it is a file';
  let pointer: string;
  try {
    if (statSync(join(path, '.git')).isDirectory()) return 'it is a repository of its own';
    pointer = readFileSync(join(path, '.git'), 'utf8');
  } catch {
    return 'it has no .git file';
  }
  const target = resolve(path, pointer.replace(/^gitdir: /, '').replace(/\n$/, ''));
  return realOrResolved(target) === realOrResolved(gitDir) ? undefined : `its .git file names ${target}`;
}

/**
 * The folder goes first, under a lock that keeps `git worktree prune` from dropping the registration, and is
 * looked at once more where it is then: nobody can have put something else there in between.
 */
function moveIn(entry: TrashEntry): void {
  const { worktree_path: path, git_dir: gitDir, folder, admin, id } = entry;
  if (existsSync(gitDir)) writeFileSync(join(gitDir, 'locked'), `wt cleanup ${id}`);
  if (folder !== null && !existsSync(folder)) {
    const why = impostorAt(path, gitDir);
    if (why !== undefined) throw failures.notThisWorktree(path, why);
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    try {
      renameSync(path, folder);
    } catch (error) {
      throw failures.cannotSave(path, `it cannot be moved to the trash: ${(error as Error).message}`);
    }
    const changed = impostorAt(folder, gitDir);
    if (changed !== undefined) {
      renameSync(folder, path);
      throw failures.notThisWorktree(path, changed);
    }
  }
  if (!existsSync(admin)) renameSync(gitDir, admin);
}

function moveOut(entry: TrashEntry): void {
  const { worktree_path: path, git_dir: gitDir, folder, admin } = entry;
  if (folder !== null && existsSync(folder)) {
    if (existsSync(path) && readdirOrFile(path).length > 0)
      throw failures.pathExists(path, 'something else is there now');
    if (existsSync(path)) rmSync(path, { recursive: true });
    mkdirSync(dirname(path), { recursive: true });
  }
  if (existsSync(admin)) {
    const place = freeName(gitDir);
    // The pointer first: after the rename of the registration nothing tells its new name.
    if (folder !== null && existsSync(folder)) writeFileSync(join(folder, '.git'), `gitdir: ${place}\n`);
    rmSync(join(admin, 'locked'), { force: true });
    mkdirSync(dirname(place), { recursive: true });
    renameSync(admin, place);
  }
  if (folder !== null && existsSync(folder)) renameSync(folder, path);
}

function readdirOrFile(path: string): readonly string[] {
  return lstatSync(path).isDirectory() ? readdirSync(path) : [basename(path)];
}

// Another worktree may have taken the name of the registration meanwhile.
function freeName(gitDir: string): string {
  for (let count = 0; ; count++) {
    const candidate = count === 0 ? gitDir : `${gitDir}${count}`;
    if (!existsSync(candidate)) return candidate;
  }
}

function removeEmpty(...folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
    } catch {
      // gone already, or in use
    }
  }
}
