import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AttributesOf } from '../../application/ports/git.ts';
import { driverName } from '../../domain/rows/driver.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Ask } from './ask.ts';

/** Where a merge has to run for the attributes of a commit to govern it. */
export type AttributesPlace = { readonly cwd: string; readonly env: Readonly<Record<string, string>> };

/**
 * merge-tree (2.39) reads `.gitattributes` from the work tree it runs in, not from the commits. So it runs in the
 * checkout of the commit; without one, in a folder that holds the commit's `.gitattributes` files and nothing else,
 * where cwd and GIT_WORK_TREE are both needed; so too where git would run wt's own merge driver.
 */
export async function attributesPlace(
  ask: Ask,
  commonDir: string,
  { commit, checkout }: AttributesOf,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<AttributesPlace> {
  const isWhole = checkout?.head === commit && checkout.prunable === undefined && !isSparse(checkout.gitDir);
  if (isWhole && !hasDriver(commonDir)) return { cwd: checkout.path, env: {} };
  mkdirSync(folder, { recursive: true });
  const files = await ask({
    args: [...treeArgs, emptyTree(commit), commit, '--', ':(glob)**/.gitattributes'],
    env: { ...env, GIT_LITERAL_PATHSPECS: '0' },
    // One character per byte, so that a path that is not UTF-8 stays itself.
    parse: ({ stdout }) => attributesIn(stdout.toString('latin1')),
  });
  if (files.length > 0) {
    const texts = await ask({
      args: ['cat-file', '--batch'],
      env,
      input: files.map(({ id }) => `${id}\n`).join(''),
      parse: ({ stdout }) => parseBlobs(stdout, files.length),
    });
    for (const [index, { path }] of files.entries()) {
      const file = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
      mkdirSync(Buffer.from(dirname(file.toString('latin1')), 'latin1'), { recursive: true });
      writeFileSync(file, texts[index] ?? '');
    }
  }
  return { cwd: folder, env: { GIT_DIR: commonDir, GIT_WORK_TREE: folder } };
}

// Told from nothing: `ls-tree` takes no such pattern, and would list every file.
const treeArgs = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', '--no-ext-diff'] as const;

/** The tree without entries, which git knows without having it (its SHA-1 or its SHA-256 name). */
const emptyTree = (commit: Sha): string =>
  commit.length === 40
    ? '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
    : '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321';

/** The parser of `diff-tree --raw -z`; git follows no symlink of that name. */
function attributesIn(changes: string): readonly { readonly id: string; readonly path: string }[] {
  const found: { readonly id: string; readonly path: string }[] = [];
  const parts = changes.split('\0');
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode, , id] = parts[at]?.split(' ') ?? [];
    const path = parts[at + 1];
    if (mode === undefined || id === undefined || path === undefined || path === '')
      throw new Error(`no change of diff-tree: ${parts[at]}`);
    if (mode.startsWith('100')) found.push({ id, path });
  }
  return found;
}

// git writes the files of a merge driver into its current directory, and a checkout is not ours to write to.
const hasDriver = (commonDir: string): boolean => {
  try {
    return readFileSync(join(commonDir, 'info', 'attributes'), 'latin1').includes(`merge=${driverName}`);
  } catch {
    return false;
  }
};

// A sparse checkout may lack some of the files.
const isSparse = (gitDir: string | undefined): boolean =>
  gitDir === undefined || existsSync(join(gitDir, 'info', 'sparse-checkout'));

/** The parser of `git cat-file --batch`: a line with the size, the bytes, a newline. */
export function parseBlobs(stdout: Buffer, count: number): Buffer[] {
  const blobs: Buffer[] = [];
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf(0x0a, at);
    const [, , size] = stdout.toString('latin1', at, end).split(' ');
    if (end === -1 || size === undefined || !/^\d+$/.test(size)) throw new Error('no blob of cat-file');
    blobs.push(stdout.subarray(end + 1, end + 1 + Number(size)));
    at = end + 2 + Number(size);
  }
  if (blobs.length !== count) throw new Error(`${blobs.length} blobs of cat-file instead of ${count}`);
  return blobs;
}
