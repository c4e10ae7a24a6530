import { copyFile, mkdir, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttributesOf, WorkPair, WorkSide } from '../../application/ports/git.ts';
import { failures } from '../../domain/failure.ts';
import type { MergeProbe } from '../../domain/merge-probe.ts';
import { isSha, type Sha } from '../../domain/object-id.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { type Ask, line, nothing } from './ask.ts';
import { attributesPlace } from './attributes.ts';
import { mergeTrees } from './merge-trees.ts';
import { forScratch, writingObjectsTo } from './object-place.ts';

const asOptions = (settings: readonly string[]) => settings.flatMap((setting) => ['-c', setting]);

/** A folder for objects and indexes that is gone afterwards, and the environment in which git uses it. */
async function withScratch<T>(
  commonDir: string,
  use: (folder: string, objects: Record<string, string>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'wt-work-'));
  try {
    // a linked worktree is no repository to git (2.39) while the folder for its objects does not exist
    await mkdir(join(folder, 'objects'));
    return await use(folder, writingObjectsTo(commonDir, [join(folder, 'objects')]));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Everything in a work tree, uncommitted and untracked files too, as a tree in a throw-away object folder: `use`
 * gets it with the environment in which git can read it. The worktree's own index is not touched.
 */
export const withWorkTree = <T>(
  ask: Ask,
  commonDir: string,
  worktree: Worktree,
  use: (tree: Sha, env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> =>
  withScratch(commonDir, async (folder, objects) =>
    use(await writeWorkTree(ask, worktree, undefined, join(folder, 'index'), objects), objects),
  );

/** What merging pairs would give of which a side counts with what is not committed yet. */
export async function probeWork(
  ask: Ask,
  commonDir: string,
  pairs: readonly WorkPair[],
  attributes: AttributesOf,
): Promise<readonly MergeProbe[]> {
  if (pairs.length === 0) return [];
  return withScratch(commonDir, async (folder, objects) => {
    const commits = new Map<string, Sha>();
    const commitOf = async ({ head, work }: WorkSide): Promise<Sha> => {
      if (work === undefined) return head;
      const { worktree, paths } = work;
      const known = commits.get(worktree.path);
      if (known !== undefined) return known;
      const index = join(folder, `index-${commits.size}`);
      const tree = await writeWorkTree(ask, worktree, paths, index, objects);
      const commit = await writeCommit(ask, tree, head, objects);
      commits.set(worktree.path, commit);
      return commit;
    };
    const committed = [];
    for (const { ours, theirs } of pairs)
      committed.push({ ours: await commitOf(ours), theirs: await commitOf(theirs) });
    const place = await attributesPlace(ask, commonDir, attributes, join(folder, 'attributes'));
    return mergeTrees(ask, committed, {
      cwd: place.cwd,
      env: { ...place.env, ...objects },
      settings: asOptions(forScratch),
    });
  });
}

/**
 * The tree of everything in a work tree, by a copy of its index. `paths` are those that differ, where they are known:
 * then git need not look at the others.
 */
export async function writeWorkTree(
  ask: Ask,
  { path, gitDir }: Worktree,
  paths: readonly string[] | undefined,
  index: string,
  objects: Readonly<Record<string, string>>,
): Promise<Sha> {
  if (gitDir !== undefined) await copyIndex(join(gitDir, 'index'), index);
  const env = { ...objects, GIT_INDEX_FILE: index };
  const settings = [...forScratch, 'core.safecrlf=false', 'core.fsmonitor=false', 'core.splitIndex=false'];
  const add = [...asOptions(settings), 'add', '--all'];
  // A path that is not UTF-8 was made readable, and git would not know it.
  const isKnown = paths !== undefined && !paths.some((each) => each.includes('\\x'));
  await ask({
    args: isKnown ? ['--literal-pathspecs', ...add, '--pathspec-from-file=-', '--pathspec-file-nul'] : add,
    cwd: path,
    env,
    parse: nothing,
    ...(isKnown ? { input: paths.join('\0') } : {}),
  });
  return ask({ args: [...asOptions(forScratch), 'write-tree'], cwd: path, env, parse: idOf });
}

/**
 * A copy of an index with the same age: git re-reads files that are as new as the index, which tell nothing by their
 * times. Gives what identifies the version that was copied; nothing where there is no index yet.
 */
export async function copyIndex(from: string, to: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(from);
    await copyFile(from, to);
    await utimes(to, Math.floor(mtimeMs / 1000), Math.floor(mtimeMs / 1000));
    return [ino, size, mtimeMs, ctimeMs].join(' ');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw failures.commandFailed(from, `cannot be read: ${(error as Error).message}`, { path: from });
  }
}

const writeCommit = (
  ask: Ask,
  tree: Sha,
  parent: Sha,
  objects: Readonly<Record<string, string>>,
): Promise<Sha> =>
  ask({
    args: ['commit-tree', tree, '-p', parent, '-m', 'work in progress'],
    env: {
      ...objects,
      GIT_AUTHOR_NAME: 'wt',
      GIT_AUTHOR_EMAIL: 'wt',
      GIT_COMMITTER_NAME: 'wt',
      GIT_COMMITTER_EMAIL: 'wt',
    },
    parse: idOf,
  });

/** A reply that is one object id. */
export const idOf = (reply: {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly exitCode: number;
}): Sha => {
  const id = line(reply);
  if (!isSha(id)) throw new Error(`no object id: ${JSON.stringify(id)}`);
  return id;
};
