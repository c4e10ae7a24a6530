import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { StateFile } from '../../application/ports/state-files.ts';
import { failures } from '../../domain/failure.ts';
import { isWithin } from '../../domain/tool-guard.ts';

/** Nobody writes a larger one by hand, and to parse it would take many seconds. */
const largest = 2_000_000;

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

/** Tries again where a network file system says that what was looked up has been replaced meanwhile. */
function unlessStale<T>(work: () => T): T {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return work();
    } catch (error) {
      if (codeOf(error) !== 'ESTALE' || attempt === 5) throw error;
    }
  }
}

/** The file that a path stands for. Throws `file_not_found`, and `not_this_worktree` where a link leads out of `within`. */
export function realFile(path: string, within?: string): string {
  let real: string;
  try {
    real = unlessStale(() => realpathSync(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR')
      throw failures.stateFileNotFound(`there is no file ${path}`, '--file <yaml> names another one', {
        path,
      });
    throw failures.notATextFile(path, `cannot be read: ${codeOf(error)}`);
  }
  if (within !== undefined && !isWithin(realpathSync(within), real))
    throw failures.outsideRepository(path, real);
  return real;
}

/** The text of a regular file in UTF-8, with its byte order mark. */
export function readState(path: string): StateFile {
  try {
    return {
      path,
      text: decode(
        path,
        unlessStale(() => readBytes(path)),
      ),
    };
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      throw failures.stateFileNotFound(`there is no file ${path}`, '--file <yaml> names another one', {
        path,
      });
    throw error instanceof Error && 'syscall' in error
      ? failures.notATextFile(path, `cannot be read: ${codeOf(error)}`)
      : error;
  }
}

function readBytes(path: string): Buffer {
  // Without O_NONBLOCK a named pipe would be waited for.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw failures.notATextFile(path, 'is no file');
    if (stats.size > largest)
      throw failures.notATextFile(
        path,
        `is too large: ${(stats.size / 1e6).toFixed(1)} MB, and at most 2 MB are read`,
      );
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw failures.notATextFile(path, 'is not UTF-8');
  }
}

/** Throws where a person has made the file or its folder read-only: a rename, or the superuser, would not care. */
export function assertWritable(path: string): void {
  for (const [place, why] of [
    [path, 'is read-only'],
    [dirname(path), 'is a read-only folder'],
  ] as const) {
    try {
      if ((statSync(place).mode & 0o222) === 0) throw failures.notATextFile(place, why);
      accessSync(place, constants.W_OK);
    } catch (error) {
      throw error instanceof Error && 'syscall' in error
        ? failures.notATextFile(place, codeOf(error) === 'EROFS' ? 'is on a read-only file system' : why)
        : error;
    }
  }
}

/** Removes the drafts that killed writers of a file left beside it. Only the holder of the lock may: it is the only writer. */
export function sweepDrafts(path: string): void {
  const prefix = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path)))
    if (name.startsWith(prefix) && /\.\d+\.[0-9a-z]{6,}\.wt-tmp$/.test(name))
      rmSync(join(dirname(path), name), { force: true });
}

/** The innermost folder of a path that is there. */
export function standingFolder(path: string): string {
  const folder = dirname(path);
  return existsSync(folder) || folder === path ? folder : standingFolder(folder);
}
