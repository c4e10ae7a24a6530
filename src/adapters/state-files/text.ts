import { readFileSync, realpathSync, statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { Failure, failures } from '../../domain/failure.ts';
import { unwritable } from '../unwritable.ts';

/** A state file as it was read: where it really is, its bytes and its text. */
export type StateText = { readonly path: string; readonly bytes: Buffer; readonly text: string };

/** Larger ones nobody works with. */
const largest = 50_000_000;

/** Reads a text file that belongs to the work tree at `root`, through links that stay in it. */
export function readStateText(path: string, root: string): StateText {
  try {
    const real = realpathSync(path);
    if (!isBelow(realpathSync(root), real)) throw failures.outsideRepository(path, real);
    const stats = statSync(real);
    if (!stats.isFile()) throw failures.notATextFile(path, 'is no file');
    if (stats.size > largest) throw failures.notATextFile(path, 'is too large');
    const bytes = readFileSync(real);
    return { path: real, bytes, text: decoded(path, bytes) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw failures.fileNotFound(path);
    throw unwritable(path, error);
  }
}

/** Throws where the file may not be written: a rename would not ask. */
export function assertWritable(path: string): void {
  if ((statSync(path).mode & 0o222) === 0) throw failures.notATextFile(path, 'is read-only');
}

const isBelow = (root: string, path: string): boolean => {
  const from = relative(root, path);
  return from !== '' && from !== '..' && !from.startsWith(`..${sep}`);
};

function decoded(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw failures.notATextFile(path, 'is not UTF-8');
  }
}
