import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { failures } from '../../domain/failure.ts';
import { parentsOf, type StateChange } from '../../domain/restore-plan.ts';
import { unwritable } from '../unwritable.ts';
import { placeOf } from './touched.ts';

/**
 * Moves staged files to their places in a work tree, each in one step, and removes what is to go, in the order of the
 * plan. Links on the way are not followed.
 */
export function putInPlace(staged: string, folder: string, apply: readonly StateChange[]): void {
  let at = '';
  try {
    for (const change of apply) {
      at = change.path;
      if (change.kind === 'write') place(staged, folder, change);
      else remove(folder, change.raw);
    }
  } catch (error) {
    throw unwritable(`${folder}/${at}`, error);
  }
}

function remove(folder: string, raw: string): void {
  if (parentsOf(raw).some((parent) => look(folder, parent)?.isDirectory() !== true)) return;
  const stats = look(folder, raw);
  if (stats === undefined || stats.isDirectory()) return;
  unlinkSync(placeOf(folder, raw));
  for (const parent of parentsOf(raw)) if (!removeEmpty(placeOf(folder, parent))) return;
}

function place(staged: string, folder: string, { raw, path }: StateChange): void {
  for (const parent of parentsOf(raw).reverse()) {
    const stats = look(folder, parent);
    if (stats === undefined) mkdirSync(placeOf(folder, parent));
    else if (!stats.isDirectory()) throw failures.filesInTheWay(folder, [path]);
  }
  const from = placeOf(staged, raw);
  const to = placeOf(folder, raw);
  if (look(folder, raw)?.isDirectory() === true) removeEmptyFolders(to);
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyBeside(from, to);
  }
}

/** Another device: the copy is made beside the place, and then moved. */
function copyBeside(from: Buffer, to: Buffer): void {
  const draft = Buffer.concat([
    to.subarray(0, to.lastIndexOf('/') + 1),
    Buffer.from(`.${process.pid}.wt-tmp`),
  ]);
  rmSync(draft, { force: true });
  if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from, { encoding: 'buffer' }), draft);
  else copyFileSync(from, draft);
  renameSync(draft, to);
}

const look = (folder: string, raw: string) => {
  try {
    return lstatSync(placeOf(folder, raw));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

/** Folders in which there are only folders: git keeps none of them. */
function removeEmptyFolders(place: Buffer): void {
  for (const entry of readdirSync(place, { withFileTypes: true, encoding: 'buffer' })) {
    if (!entry.isDirectory()) continue;
    removeEmptyFolders(Buffer.concat([place, Buffer.from('/'), entry.name as unknown as Buffer]));
  }
  removeEmpty(place);
}

function removeEmpty(place: Buffer): boolean {
  try {
    rmdirSync(place);
    return true;
  } catch {
    return false; // something is in it
  }
}
