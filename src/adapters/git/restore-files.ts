import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync, rmdirSync, type Stats, unlinkSync } from 'node:fs';
import { type Ask, decodePath, nothing } from './ask.ts';
import { isAdded, isRemoved, isSubmodule, placeOf, type Touched } from './touched.ts';

/** git may have been killed while it wrote a file, or a few; more than this is somebody's work. */
const mostUnfinished = 16;

/**
 * Puts the files back that a git which died in the middle of a checkout had written or removed since then; the
 * index is still as it was. Gives the paths that hold something else, which are left alone.
 */
export async function restoreFiles(
  ask: Ask,
  folder: string,
  touched: readonly Touched[],
  since: Date,
): Promise<string[]> {
  const isNew = (stats: Stats | undefined) => stats !== undefined && stats.ctimeMs >= since.getTime();
  const written: Touched[] = [];
  const back: Touched[] = [];
  for (const change of touched.filter((each) => !isSubmodule(each))) {
    const stats = look(placeOf(folder, change.path));
    if (stats === undefined) {
      if (!isAdded(change) && isNew(nearestFolder(folder, change.path))) back.push(change);
    } else if (stats.isDirectory()) {
      if (!isAdded(change)) back.push(change); // a folder took a file's place; what is in it is judged by itself
    } else if (isNew(stats)) written.push(change);
  }
  const ids = await idsOf(ask, folder, written);
  const others: Touched[] = [];
  for (const [index, change] of written.entries()) {
    if (ids[index] === change.newId) back.push(change);
    else if (ids[index] !== change.oldId) others.push(change);
  }
  const left: string[] = [];
  for (const change of others) {
    const isOurs = others.length <= mostUnfinished && (await isBeginning(ask, folder, change));
    if (isOurs) back.push(change);
    else left.push(change.path);
  }
  for (const change of back.filter(isAdded)) removeFile(folder, change.path);
  const lost = back.filter((change) => !isAdded(change));
  for (const { path } of lost) removeEmptyFolder(placeOf(folder, path));
  const restored = lost.filter(({ path }) => look(placeOf(folder, path))?.isDirectory() !== true);
  if (restored.length > 0) {
    await ask({
      args: ['checkout-index', '--force', '-z', '--stdin'],
      cwd: folder,
      access: 'write',
      input: Buffer.from(restored.map(({ path }) => `${path}\0`).join(''), 'latin1'),
      parse: nothing,
    });
  }
  return left.map((path) => decodePath(Buffer.from(path, 'latin1')));
}

/** The object ids that the files of these paths have, by the rules of their attributes. */
export async function idsOf(
  ask: Ask,
  folder: string,
  changes: readonly Touched[],
): Promise<(string | undefined)[]> {
  const isLink = ({ path }: Touched) => look(placeOf(folder, path))?.isSymbolicLink() === true;
  const files = changes.filter((change) => !isLink(change));
  const ids =
    files.length === 0
      ? []
      : await ask({
          args: ['hash-object', '--stdin-paths'],
          cwd: folder,
          access: 'write',
          input: Buffer.from(files.map(({ path }) => `${quoted(path)}\n`).join(''), 'latin1'),
          parse: ({ stdout }) => stdout.toString('latin1').split('\n').slice(0, -1),
        });
  const byPath = new Map(files.map(({ path }, index) => [path, ids[index]]));
  return changes.map((change) => byPath.get(change.path) ?? linkId(folder, change));
}

function linkId(folder: string, { path, newId }: Touched): string {
  const text = readlinkSync(placeOf(folder, path), { encoding: 'buffer' });
  const hash = createHash(newId.length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${text.length}\0`).update(text).digest('hex');
}

async function isBeginning(ask: Ask, folder: string, change: Touched): Promise<boolean> {
  const place = placeOf(folder, change.path);
  if (isRemoved(change) || look(place)?.isFile() !== true) return false;
  const written = readFileSync(place);
  const whole = await ask({
    args: ['cat-file', '--filters', `--path=${Buffer.from(change.path, 'latin1').toString()}`, change.newId],
    cwd: folder,
    access: 'write',
    parse: ({ stdout }) => stdout,
  });
  return written.equals(whole.subarray(0, written.length));
}

function look(place: Buffer): Stats | undefined {
  try {
    return lstatSync(place);
  } catch {
    return undefined; // nothing there, or a file in place of one of its parents
  }
}

/** The innermost folder above a path that is there: its time tells whether something was removed from it. */
function nearestFolder(folder: string, path: string): Stats | undefined {
  for (let parent = path; parent.includes('/'); ) {
    parent = parent.slice(0, parent.lastIndexOf('/'));
    const stats = look(placeOf(folder, parent));
    if (stats !== undefined) return stats;
  }
  return look(Buffer.from(folder));
}

function removeFile(folder: string, path: string): void {
  unlinkSync(placeOf(folder, path));
  let parent = path;
  while (parent.includes('/')) {
    parent = parent.slice(0, parent.lastIndexOf('/'));
    if (!removeEmptyFolder(placeOf(folder, parent))) return;
  }
}

function removeEmptyFolder(place: Buffer): boolean {
  try {
    rmdirSync(place);
    return true;
  } catch {
    return false; // no folder, or something is in it
  }
}

/** A path as git reads it one to a line: in C's notation where it holds what would end or begin something. */
const quoted = (path: string): string =>
  /^"|[\n\\]/.test(path)
    ? `"${path.replace(/["\\\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))}"`
    : path;
