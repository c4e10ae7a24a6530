import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AttributesOf } from '../../application/ports/git.ts';
import { driverName } from '../../domain/rows/driver.ts';
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
    args: ['ls-tree', '-r', '-z', '--format=%(objectname) %(path)', commit],
    env,
    // One character per byte, so that a path that is not UTF-8 stays itself.
    parse: ({ stdout }) => (stdout.includes(name) ? attributesIn(stdout.toString('latin1')) : []),
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

const name = '.gitattributes';

const attributesIn = (listing: string) =>
  listing
    .split('\0')
    .filter((entry) => /[ /]\.gitattributes$/.test(entry))
    .map((entry) => ({
      id: entry.slice(0, entry.indexOf(' ')),
      path: entry.slice(entry.indexOf(' ') + 1),
    }));

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
