import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { Registrations } from '../../application/ports/registrations.ts';
import { type CreationRecord, creationLock } from '../../domain/creation-record.ts';
import { failures, isFailure } from '../../domain/failure.ts';
import { intentMarker } from '../../domain/intent.ts';
import { isSha } from '../../domain/object-id.ts';
import type { HubContext } from '../context.ts';
import { openFolders } from '../folders.ts';
import { unwritable } from '../unwritable.ts';
import { decodePath, line, nothing } from './ask.ts';
import { runPostCheckout, settleIndex, writeFiles } from './checkout.ts';
import { deleteBranch } from './edits.ts';
import { deleteSeen, seenIn } from './half-made.ts';
import { findStrangers } from './strangers.ts';

/** Makes and unmakes registrations of worktrees, by git where it writes and by hand where git would refuse. */
export function openRegistrations(context: HubContext): Registrations {
  const { ask, repository } = context;
  const folder = join(repository.commonDir, 'worktrees');
  const registrations = () =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];

  const find = (intentId: string) =>
    registrations().find((gitDir) => readLine(join(gitDir, 'locked')) === creationLock(intentId));

  const remove: Registrations['remove'] = async (creation) => {
    try {
      if (isOurs(creation) && readdirSync(creation.path).some((name) => name !== '.git')) {
        if (creation.git_dir !== null) unlock(creation.git_dir);
        return;
      }
      removeFolder(creation);
      if (creation.git_dir !== null) discard(creation.git_dir, repository.stateDir);
      for (const gitDir of registrations()) removeStub(gitDir);
      quietly(() => rmdirSync(folder));
    } catch (error) {
      throw unwritable(creation.path, error);
    }
    if (creation.makes_branch) await deleteBranch(ask, creation.branch, creation.start);
    await openFolders().pruneParents(creation.path, creation.stop);
  };

  const add: Registrations['add'] = async (creation, writer) => {
    const { path, branch, start, makes_branch: makesBranch } = creation;
    const once = () =>
      ask({
        args: [
          'worktree',
          'add',
          '--no-checkout',
          '--lock',
          `--reason=${creationLock(writer.id)}`,
          // From the object id and untracked: with a start point that is a remote branch git would write to the
          // shared config, and of many at once most fail there.
          ...(makesBranch ? ['--no-track', '-b', branch, '--', path, start] : ['--', path, branch]),
        ],
        // Sparse patterns are inherited from the work tree that git runs in.
        cwd: repository.current ?? repository.commonDir,
        access: 'write',
        onChild: writer.child,
        env: { [intentMarker(writer.id).name]: writer.id },
        parse: nothing,
      });
    await once().catch(async (error) => {
      const stderr = isFailure(error, 'git_failed') ? String(error.details.stderr) : '';
      if (makesBranch && /a branch named .* already exists/.test(stderr)) throw failures.branchExists(branch);
      // git stumbled over another registration that was being made or removed (seen once in 240 on 2.39.5).
      if (!/failed to read .*commondir/.test(stderr)) throw error;
      await remove({ ...creation, git_dir: find(writer.id) ?? null });
      await once();
    });
    const gitDir = linkOf(path) ?? '';
    const head = await headOf(context, gitDir, path);
    if (head === start) return gitDir;
    await remove({ ...creation, git_dir: gitDir }); // the branch stays where somebody has put it
    throw failures.branchMoved(branch, start, head);
  };

  return {
    add,
    find: async (intentId) => find(intentId),
    checkOut: (creation, writer, options) => writeFiles(ask, creation.path, writer, options),
    unlock: async (gitDir) => unlock(gitDir),
    runHook: ({ path, start }, writer, signal) =>
      runPostCheckout(ask, repository, { path, start }, writer, signal),
    settleIndex: (path, gitDir, signal) => settleIndex(ask, path, gitDir, signal),
    strangers: (creation, suspicion) =>
      isOurs(creation) ? findStrangers(context, creation, suspicion) : Promise.resolve([]),
    seen: async (creation) => (isOurs(creation) ? seenIn(creation.path) : new Map()),
    empty: async (creation, seen) => (isOurs(creation) ? deleteSeen(creation.path, seen) : []),
    remove,
  };
}

/** The commit at HEAD of a worktree that was just made: from the files of its branch, which cost no process. */
async function headOf({ ask, repository }: HubContext, gitDir: string, path: string): Promise<string> {
  const ref = readLine(join(gitDir, 'HEAD'))?.replace(/^ref: /, '') ?? '';
  const loose = ref.startsWith('refs/') ? readLine(join(repository.commonDir, ref)) : ref;
  if (loose !== undefined && isSha(loose)) return loose;
  return ask({ args: ['rev-parse', '--verify', 'HEAD'], cwd: path, parse: line }); // packed
}

const unlock = (gitDir: string): void => rmSync(join(gitDir, 'locked'), { force: true });

/** Where the `.git` file of a worktree points; `undefined` without one, `''` when it is not written yet. */
function linkOf(path: string): string | undefined {
  const text = readLine(join(path, '.git'));
  const target = text?.replace(/^gitdir: /, '');
  return target === undefined || target === '' ? target : resolve(path, target);
}

function readLine(file: string): string | undefined {
  try {
    return decodePath(readFileSync(file)).replace(/\n$/, '');
  } catch {
    return undefined;
  }
}

/** Whether the folder is the one that the creation made: linked to its registration, or made and not linked yet. */
function isOurs({ path, git_dir: gitDir }: CreationRecord): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isDirectory()) return false;
  const link = linkOf(path);
  if (link === undefined || link === '') return readdirSync(path).every((name) => name === '.git');
  return link === gitDir;
}

function removeFolder(creation: CreationRecord): void {
  if (!isOurs(creation)) return;
  rmSync(join(creation.path, '.git'), { force: true });
  if (!creation.found_empty) quietly(() => rmdirSync(creation.path));
}

/** Takes the registration out in one step, so that git never reads half of it. */
function discard(gitDir: string, stateDir: string): void {
  if (!existsSync(gitDir)) return;
  const aside = join(stateDir, 'cache', 'withdrawn');
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  rmSync(join(aside, 'git-dir'), { recursive: true, force: true });
  renameSync(gitDir, join(aside, 'git-dir'));
  rmSync(aside, { recursive: true, force: true });
}

const stubAgeMs = 100;

/** Removes a registration that a killed git had only begun: no more in it than an empty `locked`. git does not list it. */
function removeStub(gitDir: string): void {
  const stats = lstatSync(gitDir, { throwIfNoEntry: false });
  if (stats === undefined || Date.now() - stats.mtimeMs < stubAgeMs) return;
  const names = readdirSync(gitDir);
  if (names.some((name) => name !== 'locked') || (readLine(join(gitDir, 'locked')) ?? '') !== '') return;
  rmSync(gitDir, { recursive: true, force: true });
}

function quietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (isFailure(error)) throw error;
    // not empty, or gone: somebody else's
  }
}
