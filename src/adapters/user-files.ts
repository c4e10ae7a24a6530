import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { UserFile, UserFiles } from '../application/ports/user-files.ts';
import { failures } from '../domain/failure.ts';
import { atomicWrite } from './atomic-write.ts';
import { unwritable } from './unwritable.ts';

export const openUserFiles = (): UserFiles => ({
  read: async (path) => ({ path, text: readText(path) }),
  replace: async (file, text) => replace(file, text),
  replaceLocked: async (file, text) => underGitLock(file.path, () => replace(file, text)),
});

/** Larger ones nobody writes by hand. */
const largest = 10_000_000;

function readText(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile()) throw failures.notATextFile(path, 'is no file');
    if (stats.size > largest) throw failures.notATextFile(path, 'is too large');
    if ((stats.mode & 0o222) === 0) throw failures.notATextFile(path, 'is read-only');
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) throw failures.notATextFile(path, 'is not UTF-8');
    throw unwritable(path, error);
  }
}

/** git writes `<file>.lock` and renames it; while that is there no other git begins to write the file. */
function underGitLock(path: string, write: () => void): void {
  const lock = `${path}.lock`;
  try {
    closeSync(openSync(lock, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw failures.changedMeanwhile(dirname(path), [path]);
    throw unwritable(lock, error);
  }
  try {
    write();
  } finally {
    rmSync(lock, { force: true });
  }
}

function replace(file: UserFile, text: string | undefined): void {
  const assertSame = () => {
    if (readText(file.path) !== file.text) throw failures.changedMeanwhile(dirname(file.path), [file.path]);
  };
  try {
    if (text === undefined) {
      assertSame();
      rmSync(file.path);
      return;
    }
    mkdirSync(dirname(file.path), { recursive: true });
    atomicWrite(file.path, text, { mode: 0o644, beforeCommit: assertSame });
  } catch (error) {
    throw unwritable(file.path, error);
  }
}
