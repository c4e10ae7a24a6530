import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Writer } from '../../application/ports/registrations.ts';
import type { Trash } from '../../application/ports/trash.ts';
import { failures } from '../../domain/failure.ts';
import { isSha, type Sha } from '../../domain/object-id.ts';
import { lastRemovedFirst, nextTrashId, TrashEntry } from '../../domain/trash.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { atomicWrite } from '../atomic-write.ts';
import type { HubContext } from '../context.ts';
import { readState } from '../facts.ts';
import { heldBranch } from '../git/operations.ts';
import { unwritable } from '../unwritable.ts';
import { branchLogOf, keepBranchLog, restoreBranch } from './branch.ts';
import { clearFolder } from './clearing.ts';
import { readLine } from './identity.ts';
import { dropRefs, keepRefs } from './kept-refs.ts';
import { isThere, lookAt, noRegistration } from './look.ts';
import { fingerprint, idsIn } from './mentioned.ts';
import { dropEntry, folderOf, isHome, moved, moveIn, moveOut, registrationOf, unlock } from './moves.ts';
import { entryPlace, placesFor, trashHome } from './places.ts';
import { release, released, sweepReleased } from './released.ts';
import { lookAgain, noteRemoval } from './turns.ts';

/** The trash of a repository: renames on one device, so that removing is instant whatever the size. */
export function openTrash(context: HubContext): Trash {
  const { repository, clock } = context;
  const home = trashHome(repository);
  const lastGiven = join(home, 'last');
  const place = (id: string) => entryPlace(repository, id);

  const keep = (entry: TrashEntry, gitDir: string, logs: boolean, writer: Writer) => {
    const log = logs && entry.branch !== null ? branchLogOf(context, entry.branch) : undefined;
    const more = log === undefined ? [] : idsIn(log);
    const { folder } = place(entry.id);
    return keepRefs(context, { id: entry.id, gitDir, head: entry.head, more, scratch: folder }, writer);
  };

  return {
    look: async (worktree, all) => lookAt(context, worktree, all),
    plan: async (worktree, options) => {
      if (worktree.gitDir === undefined) throw failures.notThisWorktree(worktree.path, noRegistration);
      try {
        mkdirSync(home, { recursive: true, mode: 0o700 });
        const id = nextTrashId(clock.now(), [...readdirSync(home), readGiven(lastGiven)]);
        writeFileSync(lastGiven, id); // an id of something that is back must not come to mean another
        const there = isThere(worktree.path);
        const places = there ? placesFor(repository, worktree.path, id) : [];
        const entry = entryOf(worktree, worktree.gitDir, id, clock.now());
        return { entry, places, stuck: there && places.length === 0, ...options };
      } catch (error) {
        throw unwritable(home, error);
      }
    },
    keep: async (plan, writer) => {
      const { entry } = plan;
      const gitDir = registrationOf(repository, entry);
      const mark = fingerprint(gitDir);
      const { folder, draft } = place(entry.id);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        if (plan.deletes_branch) keepBranchLog(context, entry);
      } catch (error) {
        throw unwritable(folder, error);
      }
      // Written now: when the disk is full nothing must have been moved yet.
      atomicWrite(draft, recordOf({ ...entry, place: plan.places[0] ?? null }));
      await keep(entry, gitDir, plan.deletes_branch, writer);
      return mark;
    },
    moveIn: async (plan, writer, mark) => {
      const entry = moveIn(repository, plan);
      const { admin } = place(entry.id);
      if (!existsSync(admin) || fingerprint(admin) === mark) return entry;
      // git wrote to it between the look and the rename, or a removal that was killed goes on.
      const head = await headOf(context, admin);
      const now = { ...entry, head: head ?? entry.head };
      await keep(now, admin, plan.deletes_branch, writer);
      return now;
    },
    hasBegun: async (plan) => moved(repository, plan) !== undefined,
    discard: async ({ entry, places }, writer) => {
      unlock(repository, entry);
      await dropRefs(context, entry.id, writer);
      for (const each of [null, ...places]) dropEntry(repository, { id: entry.id, place: each });
    },
    record: async (entry) => {
      const { file, draft } = place(entry.id);
      const text = recordOf(entry);
      try {
        if (existsSync(draft) && readFileSync(draft, 'utf8') === text) renameSync(draft, file);
        else atomicWrite(file, text);
        noteRemoval(repository, clock.now());
      } catch (error) {
        throw unwritable(file, error);
      }
    },
    list: async () => {
      let names: string[];
      try {
        names = readdirSync(home);
      } catch {
        return [];
      }
      return names.flatMap((id) => readState(place(id).file, TrashEntry, 1) ?? []).sort(lastRemovedFirst);
    },
    restoreBranch: (entry, writer) => restoreBranch(context, entry, writer),
    moveOut: async (entry) => moveOut(repository, entry),
    isComingBack: async (entry) => {
      const folder = folderOf(repository, entry);
      if (folder === undefined) return !existsSync(place(entry.id).admin);
      return !existsSync(folder) && isThere(entry.worktree_path);
    },
    missing: async (entry) => {
      const parts = [folderOf(repository, entry) ?? place(entry.id).admin, place(entry.id).admin];
      return parts.find((part) => !existsSync(part));
    },
    forget: async (entry, writer) => {
      await dropRefs(context, entry.id, writer);
      dropEntry(repository, entry);
    },
    isHome: async (entry) => isHome(repository, entry),
    has: async ({ id }) => existsSync(place(id).file),
    release: async ({ id }) => release(home, id),
    clear: async (entry) => clearFolder(repository, entry),
    dropRefs: ({ id }, writer) => dropRefs(context, id, writer),
    sweep: (signal) => sweepReleased(home, signal),
    released: async () => released(home),
    folder: async (entry) => folderOf(repository, entry),
    lookAgain: async (at) => lookAgain(repository, at),
  };
}

const recordOf = (entry: TrashEntry) => `${JSON.stringify(entry, null, 2)}\n`;

function readGiven(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const entryOf = (worktree: Worktree, gitDir: string, id: string, now: Date): TrashEntry => ({
  version: 1,
  id,
  removed_at: now.toISOString(),
  worktree_path: worktree.path,
  registration: basename(gitDir),
  place: null,
  branch: worktree.branch ?? null,
  head: worktree.head ?? null,
  held_branch: heldBranch(gitDir) ?? null,
});

/**
 * The commit at HEAD of a git directory that is in the trash. git would look for the branch where its `commondir`
 * points from there (2.39.5, whatever GIT_COMMON_DIR says).
 */
async function headOf({ ask }: HubContext, admin: string): Promise<Sha | undefined> {
  const head = readLine(join(admin, 'HEAD')) ?? '';
  if (!head.startsWith('ref: ')) return isSha(head) ? head : undefined;
  return ask({
    args: ['rev-parse', '--verify', '--quiet', head.slice('ref: '.length)],
    access: 'write',
    answers: [0, 1],
    parse: ({ stdout }) => {
      const id = stdout.toString('latin1').trim();
      return isSha(id) ? id : undefined;
    },
  });
}
