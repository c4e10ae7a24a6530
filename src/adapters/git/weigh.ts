import { access, constants, lstat } from 'node:fs/promises';
import type { LeftOut } from '../../domain/checkpoint.ts';
import { failures } from '../../domain/failure.ts';
import { readablePath } from './ask.ts';
import { placeOf } from './touched.ts';
import type { Change, Listed } from './work-questions.ts';

/** What one state may hold: larger files are left out, and so is what is too much together; more paths are an error. */
export type WorkLimits = {
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly paths: number;
};
export const workLimits: WorkLimits = {
  fileBytes: 100 * 1024 * 1024,
  totalBytes: 500 * 1024 * 1024,
  paths: 50_000,
};

/** A sparse checkout marks paths by the thousand, and git itself takes the mark off those that are there. */
const mostSkipped = 1_000;

type Weighed = {
  /** To be added as they are. */
  readonly present: readonly string[];
  readonly removed: readonly string[];
  /** Those that are there though git is told not to look. */
  readonly assumed: readonly string[];
  readonly skipped: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** What every path looked like. */
  readonly looks: readonly string[];
};

/** Sorts the paths by what is at them, and leaves out what is too large, unreadable, or a repository of its own. */
export async function weigh(
  folder: string,
  changed: readonly Change[],
  { others, assumed, skipped }: Listed,
  limits: WorkLimits,
): Promise<Weighed> {
  const count = changed.length + others.length;
  if (count > limits.paths) {
    const why = `${count} files are changed or untracked, more than ${limits.paths}`;
    throw failures.commandFailed(folder, why, { count });
  }
  const removed = changed.filter(({ isGone }) => isGone).map(({ path }) => path);
  const looks = removed.map((path) => `gone ${path}`);
  const leftOut: LeftOut[] = [];
  const leaveOut = (raw: string, why: LeftOut['why']) => leftOut.push({ path: readablePath(raw), raw, why });
  const files: { readonly path: string; readonly size: number }[] = [];
  const hidden = new Set([...assumed, ...(skipped.length > mostSkipped ? [] : skipped)]);
  const candidates = [...changed.flatMap(({ path, isGone }) => (isGone ? [] : [path])), ...others, ...hidden];
  const there = new Set<string>();
  for (const path of candidates) {
    if (path.endsWith('/')) {
      leaveOut(path, 'repository');
      continue;
    }
    const file = placeOf(folder, path);
    const stats = await lstat(file, { bigint: true }).catch(() => undefined);
    if (stats === undefined) {
      if (!hidden.has(path)) looks.push(`lost ${path}`); // since git looked
      continue;
    }
    there.add(path);
    looks.push([path, stats.mode, stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].join(' '));
    const isOdd = !stats.isFile() && !stats.isSymbolicLink() && !stats.isDirectory();
    if (isOdd || (stats.isFile() && !(await isReadable(file)))) leaveOut(path, 'unreadable');
    else files.push({ path, size: stats.isFile() ? Number(stats.size) : 0 });
  }
  let left = limits.totalBytes;
  const tooLarge = new Set<string>();
  for (const { path, size } of [...files].sort((a, b) => a.size - b.size)) {
    if (size <= limits.fileBytes && size <= left) left -= size;
    else {
      tooLarge.add(path);
      leaveOut(path, 'too-large');
    }
  }
  const present = files.filter(({ path }) => !tooLarge.has(path)).map(({ path }) => path);
  const isThere = (path: string) => there.has(path);
  return {
    present,
    removed,
    assumed: assumed.filter(isThere),
    skipped: skipped.filter(isThere),
    leftOut,
    looks,
  };
}

const isReadable = (file: Buffer): Promise<boolean> =>
  access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
