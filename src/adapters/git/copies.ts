import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { FileCopies, Place } from '../../application/ports/copies.ts';
import { isSha, type Sha } from '../../domain/object-id.ts';
import type { Copies, Copy, Touch } from '../../domain/path-collision.ts';
import { type Ask, fields } from './ask.ts';

export const openFileCopies = (ask: Ask): FileCopies => ({
  at: (places, path) => readCopies(ask, places, path),
  uncommitted: (worktree, path) => readUncommitted(ask, worktree, path),
  renamedTo: (from, to, path) => readRenamed(ask, from, to, path),
});

async function readCopies(
  ask: Ask,
  places: readonly Place[],
  path: string,
): Promise<readonly (Copies | Error)[]> {
  const commits = places.map(({ head }) => head);
  const [heads, { createHash }] = await Promise.all([
    readCommitted(ask, commits, path),
    import('node:crypto'),
  ]);
  const copies = places.map(({ path: folder, head: commit }, index): Copies | Error => {
    const head = heads[index] ?? absent;
    const blobId = (bytes: Buffer) =>
      createHash(commit.length === 64 ? 'sha256' : 'sha1')
        .update(`blob ${bytes.length}\0`)
        .update(bytes)
        .digest('hex');
    try {
      return { head, disk: onDisk(folder, path, blobId) };
    } catch (error) {
      return error as Error;
    }
  });
  return Promise.all(copies.map((each, index) => behindToo(ask, each, commits[index] as Sha)));
}

/** git does not say that a part of a path is a file: it is looked for where the folder has one. */
async function behindToo(ask: Ask, copies: Copies | Error, commit: Sha): Promise<Copies | Error> {
  if (copies instanceof Error || copies.head.kind !== 'absent' || copies.disk.kind !== 'behind')
    return copies;
  const [part] = await readCommitted(ask, [commit], copies.disk.at);
  return part?.kind === 'file' ? { ...copies, head: copies.disk } : copies;
}

const absent: Copy = { kind: 'absent' };

/** What commits have at a path. A submodule, whose commit this repository need not have, counts as nothing. */
const readCommitted = (ask: Ask, commits: readonly Sha[], path: string): Promise<readonly Copy[]> =>
  ask({
    // NUL-separated (git 2.38): a path may hold a newline
    args: ['cat-file', '-z', '--batch-check=%(objectname) %(objecttype) %(objectsize)'],
    input: commits.map((commit) => `${commit}:${path}\0`).join(''),
    // A reply without an object repeats the question, which may have several lines.
    parse: ({ stdout }) => {
      const rows = stdout.toString('utf8').split(/\n/);
      const copies: Copy[] = [];
      const asked = commits.map((commit) => `${commit}:${path} missing`.split('\n'));
      for (let at = 0; at < rows.length - 1; ) {
        const [, id, type, size] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(rows[at] ?? '') ?? [];
        copies.push(copyOf(id, type, Number(size)));
        at += id === undefined ? (asked[copies.length - 1]?.length ?? 1) : 1;
      }
      if (copies.length !== commits.length) throw new Error(`${copies.length} answers of ${commits.length}`);
      return copies;
    },
  });

const copyOf = (id: string | undefined, type: string | undefined, size: number): Copy =>
  id === undefined || !isSha(id) || type === 'commit'
    ? absent
    : type === 'tree'
      ? { kind: 'folder' }
      : { kind: 'file', id, size };

/** What is read to be compared; the index tells git about larger files without that. */
const largestRead = 2_000_000;

/**
 * What a folder has at a path, links not followed, not even those on the way. A repository in it (a submodule) is
 * another's: what is in there counts as nothing.
 */
function onDisk(folder: string, path: string, blobId: (bytes: Buffer) => string): Copy {
  let at = path.indexOf('/');
  for (; at !== -1; at = path.indexOf('/', at + 1)) {
    const parent = join(folder, path.slice(0, at));
    const stats = look(parent);
    if (stats === undefined) return absent;
    if (!stats.isDirectory()) return { kind: 'behind', at: path.slice(0, at) };
    if (look(join(parent, '.git')) !== undefined) return absent;
  }
  const whole = join(folder, path);
  const stats = look(whole);
  if (stats === undefined) return absent;
  if (stats.isDirectory()) return { kind: 'folder' };
  const { size } = stats;
  if (stats.isSymbolicLink())
    return { kind: 'file', id: blobId(readlinkSync(whole, { encoding: 'buffer' })), size };
  const isRead = stats.isFile() && size <= largestRead;
  return { kind: 'file', id: isRead ? blobId(readFileSync(whole)) : undefined, size };
}

const look = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

const readUncommitted = (ask: Ask, worktree: string, path: string): Promise<Touch | undefined> =>
  ask({
    args: [
      '--literal-pathspecs',
      ...['-c', 'core.preloadIndex=false'],
      ...['status', '--porcelain=v2', '-z', '--no-renames', '--untracked-files=all', '--', path],
    ],
    cwd: worktree,
    parse: ({ stdout }) => touchOf(fields(stdout), path),
  });

/** What `status --porcelain=v2 -z` says of a path, or of what is below it. */
export function touchOf(entries: readonly string[], path: string): Touch | undefined {
  const [entry] = entries;
  if (entry === undefined) return undefined;
  const isItself = entries.length === 1 && entry.endsWith(` ${path}`);
  if (!isItself || entry.startsWith('?')) return 'added';
  const states = entry.slice(2, 4);
  if (entry.startsWith('u')) return 'modified';
  return states.includes('D') ? 'deleted' : states.includes('A') ? 'added' : 'modified';
}

const readRenamed = (ask: Ask, from: Sha, to: Sha, path: string): Promise<string | undefined> =>
  ask({
    args: ['diff-tree', '-r', '-z', '-M', '--diff-filter=R', '--name-status', from, to],
    parse: ({ stdout }) => {
      const names = fields(stdout); // status, old, new
      const at = names.findIndex((name, index) => index % 3 === 1 && name === path);
      return at === -1 ? undefined : names[at + 1];
    },
  });
