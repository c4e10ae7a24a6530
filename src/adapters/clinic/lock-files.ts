import { type Dirent, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LockFile } from '../../domain/lock-file.ts';
import { isInside, realOrResolved } from '../folders.ts';
import { listing } from '../listing.ts';
import { procTable } from '../processes/proc.ts';
import { isGone } from '../processes/table.ts';

/** Every file by which a git locks something: `*.lock` beside what it locks. wt's own locks are folders. */
export function findLockFiles(commonDir: string): string[] {
  const worktrees = join(commonDir, 'worktrees');
  const flat = [
    commonDir,
    ...['info', 'pack'].map((name) => join(commonDir, 'objects', name)),
    ...folders(worktrees),
  ];
  const deep = [commonDir, ...folders(worktrees)].map((folder) => join(folder, 'refs'));
  return [...flat.flatMap((folder) => locksIn(folder)), ...deep.flatMap((folder) => locksBelow(folder))];
}

const folders = (folder: string) =>
  listing(folder).flatMap((item) => (item.isDirectory() ? [join(folder, item.name)] : []));
const isLock = (item: Dirent) => item.isFile() && item.name.endsWith('.lock');
const locksIn = (folder: string) =>
  listing(folder).flatMap((item) => (isLock(item) ? [join(folder, item.name)] : []));
const locksBelow = (folder: string): string[] => [
  ...locksIn(folder),
  ...folders(folder).flatMap((each) => locksBelow(each)),
];

/** The lock files with everything that tells whether somebody holds them. */
export function lookAtLocks(commonDir: string, places: readonly string[], now: number): LockFile[] {
  const paths = findLockFiles(commonDir);
  if (paths.length === 0) return [];
  const seen = process.platform === 'linux' ? processesAt(new Set(paths), [commonDir, ...places]) : undefined;
  return paths.flatMap((path): LockFile[] => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return [];
    const own = process.geteuid?.();
    const open = seen?.open.filter((each) => each.path === path);
    return [
      {
        path,
        ageMs: now - stats.mtimeMs,
        isOwnersVisible: own === 0 || own === stats.uid,
        open,
        gits: seen?.gits,
      },
    ];
  });
}

const attempt = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch {
    return undefined; // it is gone, or not ours to see
  }
};

/** Who has one of the files open, and the gits that work in one of the places or name their repository themselves. */
function processesAt(files: ReadonlySet<string>, places: readonly string[]) {
  const rows = procTable.rows().filter((row) => !isGone(row) && row.pid !== process.pid);
  const open: { path: string; pid: number; command: string }[] = [];
  const gits: { pid: number; command: string }[] = [];
  for (const { pid } of rows) {
    const command = () => procTable.commands([pid]).get(pid) ?? '';
    for (const descriptor of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const path = attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`));
      if (path !== undefined && files.has(path)) open.push({ path, pid, command: command() });
    }
    const name = attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()) ?? '';
    if (!/^git(?:-|$)/.test(name) && !/^(?:\S*\/)?git(?:[\s-]|$)/.test(command())) continue;
    const cmdline = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    if (cmdline === '') continue; // it has ended, and the kernel is clearing it away
    const cwd = attempt(() => readlinkSync(`/proc/${pid}/cwd`));
    const environment = attempt(() => readFileSync(`/proc/${pid}/environ`, 'latin1')) ?? '';
    const isHere = cwd === undefined || places.some((place) => isInside(place, cwd));
    // A repository that is named by an absolute path elsewhere is another one.
    const named = [
      ...[...environment.matchAll(/(?:^|\0)GIT_(?:COMMON_)?DIR=([^\0]*)/g)].map(([, at = '']) => at),
      ...gitDirsIn(cmdline ?? ''),
    ];
    const isNamed = named.some(
      (at) => !at.startsWith('/') || places.some((place) => isInside(place, realOrResolved(at))),
    );
    if (isHere || isNamed) gits.push({ pid, command: command() });
  }
  return { open, gits };
}

/** The repositories that a command line names: `--git-dir=x`, or `--git-dir x`. */
const gitDirsIn = (cmdline: string): readonly string[] =>
  cmdline.split('\0').flatMap((argument, at, all) => {
    if (argument.startsWith('--git-dir=')) return [argument.slice('--git-dir='.length)];
    return argument === '--git-dir' ? [all[at + 1] ?? ''] : [];
  });

/** Removes a lock file, unless another has taken its place. */
export function dropLock({ path, ageMs }: LockFile, now: number): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || now - stats.mtimeMs < ageMs) return false;
  rmSync(path, { force: true });
  return true;
}
