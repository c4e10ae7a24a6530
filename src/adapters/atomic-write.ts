import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { unwritable } from './unwritable.ts';

const temporary = /\.(\d+)\.[0-9a-z]{6,}\.wt-tmp$/;
const random = () => Math.random().toString(36).slice(2, 12).padEnd(6, '0');

/** The name of a file that is being written and will take the place of another; it names its writer. */
export const draftOf = (path: string): string => `${path}.${process.pid}.${random()}.wt-tmp`;

/** The file that a path stands for: renaming over a symbolic link would replace the link. */
function behindLinks(path: string): string {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
  try {
    return realpathSync(path);
  } catch {
    return resolve(dirname(path), readlinkSync(path)); // a link to a file that is still to come
  }
}

function syncFolder(folder: string) {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } catch {
    // some file systems cannot
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Replaces a file in one step that survives a crash: readers see the old or the new content, whole. Keeps the
 * mode; a new file gets `mode` (0600). `beforeCommit` runs last before the rename: what it throws leaves the
 * old file as it is.
 */
export function atomicWrite(
  path: string,
  content: string | Uint8Array,
  options: { readonly mode?: number; readonly beforeCommit?: () => void } = {},
): void {
  let created: string | undefined;
  try {
    const target = behindLinks(path);
    const mode = statSync(target, { throwIfNoEntry: false })?.mode ?? options.mode ?? 0o600;
    const draft = draftOf(target);
    const descriptor = openSync(draft, 'wx', 0o600);
    created = draft;
    try {
      writeFileSync(descriptor, content);
      fchmodSync(descriptor, mode & 0o7777);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    options.beforeCommit?.();
    renameSync(draft, target);
    created = undefined;
    syncFolder(dirname(target));
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    if (created !== undefined) rmSync(created, { force: true });
  }
}

/** Removes what writes that were killed left in a folder. Younger files may belong to a write that goes on. */
export function sweepTemporaries(folder: string, olderThanMs: number): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return; // there is nothing to sweep
  }
  for (const name of names.filter((each) => temporary.test(each))) {
    const path = join(folder, name);
    const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (writtenAt === undefined) continue;
    if (Date.now() - Math.floor(writtenAt) >= olderThanMs) rmSync(path, { force: true });
  }
}

/** Removes what writes that were killed left in a folder, whatever its age: that of processes that are gone. */
export function sweepAbandoned(folder: string, isAlive: (pid: number) => boolean): void {
  for (const name of readdirSync(folder)) {
    const [, pid] = temporary.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}
