import { copyFileSync, existsSync, lstatSync, mkdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { isSha, type Sha } from '../../domain/object-id.ts';
import { type Ask, line, nothing, type Question } from '../git/ask.ts';
import { withoutSideEffects } from '../git/work-questions.ts';
import { headOfNested, type Nested } from './nested.ts';
import type { Source } from './source.ts';

/** What every question of one saving shares: on whose behalf git writes, and what ends it. */
export type Within = Pick<Question<unknown>, 'env' | 'access' | 'onChild' | 'signal'>;

export const treeOf = (reply: { readonly stdout: Buffer }): Sha => {
  const id = reply.stdout.toString('latin1').trim();
  if (!isSha(id)) throw new Error('no object id');
  return id;
};

const settings = [...withoutSideEffects, '-c', 'add.ignoreErrors=false'];

/** A copy of the index that git may write to, in `folder`; gives the environment in which git works with it. */
export function copiedIndex(source: Source, commonDir: string, folder: string): Record<string, string> {
  const { admin } = source;
  const index = join(admin, 'index');
  const copy = join(folder, 'index');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const file of [copy, `${copy}.lock`]) rmSync(file, { force: true });
  if (existsSync(index)) {
    copyFileSync(index, copy);
    // With the same age: git re-reads files that are as new as the index, which tell nothing by their times.
    const seconds = Math.floor(statSync(index).mtimeMs / 1000);
    utimesSync(copy, seconds, seconds);
  }
  return {
    GIT_DIR: admin,
    GIT_COMMON_DIR: commonDir,
    GIT_WORK_TREE: source.folder ?? folder,
    GIT_INDEX_FILE: copy,
  };
}

/** An entry of the index as `ls-files -v` shows it: its letter, and its path with one character per byte. */
export type IndexEntry = { readonly letter: string; readonly path: string };

export const listIndex = (ask: Ask, within: Within): Promise<IndexEntry[]> =>
  ask({
    ...within,
    args: [...settings, 'ls-files', '-v', '-z'],
    parse: ({ stdout }) =>
      stdout
        .toString('latin1')
        .split('\0')
        .filter(Boolean)
        .map((row) => ({ letter: row.slice(0, 1), path: row.slice(2) })),
  });

/** Entries of which git would not look at the file: `assume-unchanged` is a small letter, `skip-worktree` an S. */
const hidden = {
  '--no-assume-unchanged': (letter: string) => letter !== letter.toUpperCase(),
  '--no-skip-worktree': (letter: string) => letter.toUpperCase() === 'S',
} as const;

/**
 * Everything in a work tree, untracked files that git does not ignore too, as a tree. The index is the copy that
 * `within` names; nested repositories are their HEADs.
 */
export async function writeWorkTree(
  ask: Ask,
  source: Source & { readonly folder: string },
  nested: readonly Nested[],
  entries: readonly IndexEntry[],
  within: Within,
): Promise<Sha> {
  const { folder } = source;
  const at = { ...within, cwd: folder };
  for (const [flag, isHidden] of Object.entries(hidden)) {
    const paths = entries.filter(({ letter, path }) => isHidden(letter) && isThere(folder, path));
    if (paths.length === 0) continue;
    const input = Buffer.from(paths.map(({ path }) => `${path}\0`).join(''), 'latin1');
    await ask({ ...at, args: [...settings, 'update-index', flag, '-z', '--stdin'], input, parse: nothing });
  }
  const inner = nested.flatMap(({ path }) => (path === undefined ? [] : [path.toString('latin1')]));
  const specs = ['.', ...inner.map((path) => `:(top,exclude,literal)${path}`)];
  await ask({
    ...at,
    args: [...settings, 'add', '--all', '--sparse', '--pathspec-from-file=-', '--pathspec-file-nul'],
    input: Buffer.from(specs.map((spec) => `${spec}\0`).join(''), 'latin1'),
    parse: nothing,
  });
  for (const each of nested) {
    const head = each.path === undefined ? undefined : await headOfNested(ask, each);
    if (head === undefined) continue;
    const link = ['update-index', '--add', '--cacheinfo', `160000,${head},${each.name}`];
    await ask({ ...at, args: [...settings, ...link], parse: nothing });
  }
  return ask({ ...at, args: [...settings, 'write-tree'], parse: treeOf });
}

const isThere = (folder: string, path: string): boolean =>
  lstatSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]), {
    throwIfNoEntry: false,
  }) !== undefined;

/** A reply that is one object id or nothing. */
export const perhapsId = (reply: {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly exitCode: number;
}) => {
  const id = line(reply);
  return isSha(id) ? id : undefined;
};
