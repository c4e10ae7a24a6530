import { lstatSync, readdirSync } from 'node:fs';
import type { LandingRecord } from '../../domain/landing-record.ts';
import { type Ask, decodePath } from './ask.ts';
import { isAdded, isRemoved, placeOf, readTouched } from './touched.ts';

/**
 * The paths of a checked-out target that a landing would overwrite: changed ones that it changes too, and untracked
 * or ignored ones that sit where it puts something. A file that was deleted and not committed is no loss.
 */
export async function overwritten(
  ask: Ask,
  landing: LandingRecord,
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { checkout } = landing;
  if (checkout === null) return [];
  const touched = await readTouched(ask, landing, env);
  const removed = new Set(touched.filter(isRemoved).map(({ path }) => path));
  const { changed, unmerged } = await ask({
    args: ['status', '--porcelain=v2', '-z', '--untracked-files=no', '--no-renames'],
    cwd: checkout.path,
    env: { GIT_OPTIONAL_LOCKS: '0' },
    access: 'write', // a write is asked after Ctrl-C too
    parse: ({ stdout }) => parseChanged(stdout.toString('latin1')),
  });
  // Unmerged paths forbid every merge.
  const lost = new Set(unmerged);
  for (const { path } of touched) if (changed.has(path)) lost.add(path);
  for (const { path } of touched.filter(isAdded)) {
    if (changed.has(path)) continue;
    for (const found of inTheWay(checkout.path, path, removed)) lost.add(found);
  }
  return [...lost].map((path) => decodePath(Buffer.from(path, 'latin1'))).sort();
}

/** Tracked paths that differ from HEAD, without those whose file is merely gone. */
function parseChanged(text: string) {
  const changed = new Set<string>();
  const unmerged = new Set<string>();
  for (const entry of text.split('\0')) {
    const words = entry.split(' ');
    const [kind, state] = words;
    if (kind === 'u') unmerged.add(words.slice(10).join(' '));
    if (kind === '1' && state !== '.D') changed.add(words.slice(8).join(' '));
  }
  return { changed, unmerged };
}

/** What sits where a path is to be: itself, what a folder there holds, or a file in place of a parent folder. */
export function inTheWay(folder: string, path: string, removed: ReadonlySet<string>): string[] {
  const parts = path.split('/');
  for (let length = 1; length < parts.length; length++) {
    const parent = parts.slice(0, length).join('/');
    const stats = lstatSync(placeOf(folder, parent), { throwIfNoEntry: false });
    if (stats === undefined) return [];
    if (!stats.isDirectory()) return removed.has(parent) ? [] : [parent];
  }
  const stats = lstatSync(placeOf(folder, path), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  return stats.isDirectory() ? filesBelow(folder, path).filter((file) => !removed.has(file)) : [path];
}

const filesBelow = (folder: string, path: string): string[] =>
  readdirSync(placeOf(folder, path), { withFileTypes: true, encoding: 'buffer' }).flatMap((entry) => {
    const child = `${path}/${(entry.name as unknown as Buffer).toString('latin1')}`;
    return entry.isDirectory() ? filesBelow(folder, child) : [child];
  });
