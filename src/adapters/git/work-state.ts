import { rm } from 'node:fs/promises';
import type { LeftOut } from '../../domain/checkpoint.ts';
import { isFailure } from '../../domain/failure.ts';
import type { Sha } from '../../domain/sha.ts';
import { type Ask, nothing } from './ask.ts';
import { copyIndex, idOf } from './snapshot.ts';
import { type WorkLimits, weigh, workLimits } from './weigh.ts';
import {
  readChanged,
  readHead,
  readListed,
  type WorkQuestion,
  withoutSideEffects,
  zeroEnded,
} from './work-questions.ts';

/** A work tree and its own git directory: named to git, so that a lost or foreign `.git` in it changes nothing. */
export type WorkPlace = { readonly path: string; readonly gitDir: string };

/** Everything in a work tree at one moment. */
export type WorkState = {
  /** `undefined` on a branch without commits. */
  readonly head: Sha | undefined;
  readonly headTree: Sha | undefined;
  readonly tree: Sha;
  readonly leftOut: readonly LeftOut[];
  /** Equal only when nothing that the state is made of has changed. */
  readonly signature: string;
};

/** The environment in which git works on that work tree with another index than its own. */
export const placeVariables = ({ path, gitDir }: WorkPlace, index: string): Record<string, string> => ({
  GIT_DIR: gitDir,
  GIT_WORK_TREE: path,
  GIT_INDEX_FILE: index,
});

export type ReadWork = {
  /** Where the temporary index is to be; it stays, with what git knows of the files. */
  readonly index: string;
  readonly within: WorkQuestion;
  readonly limits?: WorkLimits;
  /** The signature of a state that is known: an equal one is not read again. */
  readonly known?: string | undefined;
};

/**
 * Reads everything in a work tree as a tree: tracked changes, deletions, untracked files that git does not ignore.
 * Neither its index nor its files are touched, and no lock in it is taken; clean filters run, as in `git add`.
 * Conflicts are kept as the files have them, submodules as the commit they stand on. `undefined` for the known state.
 */
export async function readWork(
  ask: Ask,
  place: WorkPlace,
  options: ReadWork,
): Promise<WorkState | undefined> {
  try {
    return await readOnce(ask, place, options);
  } catch (error) {
    // Somebody who writes meanwhile makes git fail: a file that shrinks while it is read, one that became a folder.
    if (!isFailure(error, 'git_failed') || options.within.signal?.aborted === true) throw error;
    return readOnce(ask, place, options);
  }
}

async function readOnce(ask: Ask, place: WorkPlace, options: ReadWork): Promise<WorkState | undefined> {
  const { index, within, limits = workLimits } = options;
  await rm(index, { force: true });
  const indexKey = await copyIndex(`${place.gitDir}/index`, index);
  const at = {
    ...within,
    cwd: place.path,
    env: { ...within.env, GIT_OPTIONAL_LOCKS: '0', ...placeVariables(place, index) },
  };
  try {
    const [head, changed, listed] = await Promise.all([
      readHead(ask, at),
      readChanged(ask, at),
      readListed(ask, at),
    ]);
    const work = await weigh(place.path, changed, listed, limits);
    const signature = [head.commit, indexKey, ...work.looks].join('\0');
    if (signature === options.known) return undefined;
    const update = async (flags: readonly string[], paths: readonly string[]) => {
      if (paths.length === 0) return;
      const args = [...withoutSideEffects, 'update-index', ...flags, '-z', '--stdin'];
      await ask({ ...at, args, input: zeroEnded(paths), parse: nothing });
    };
    await update(['--no-assume-unchanged'], work.assumed);
    await update(['--no-skip-worktree'], work.skipped);
    await update(['--force-remove'], work.removed);
    await update(['--add', '--remove', '--replace'], work.present);
    // Blobs that a partial clone has not fetched are not asked for.
    const args = [...withoutSideEffects, 'write-tree', '--missing-ok'];
    const tree = await ask({ ...at, args, parse: idOf });
    return { head: head.commit, headTree: head.tree, tree, leftOut: work.leftOut, signature };
  } finally {
    await rm(`${index}.lock`, { force: true }); // of a git that was killed
  }
}
