import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { isFailure } from '../../domain/failure.ts';
import type { Taken } from '../../domain/leaks.ts';
import { type Ask, decodePath } from '../git/ask.ts';

/** Beyond this a file is known by size, time and inode instead of its content. */
const largest = 1024 * 1024;
/** What is read for one fingerprint. */
const mostBytes = 64 * 1024 * 1024;
const mostEntries = 50_000;

type Entry = { readonly state: string; readonly path: Buffer };

/** Takes the fingerprint of a work tree; what fails is told in the result, since it must not end a run. */
export async function fingerprint(ask: Ask, worktree: string): Promise<Taken> {
  try {
    const status = await ask({
      args: ['-c', 'core.preloadIndex=false', 'status', '--porcelain=v2', '-z', '--branch', '-uall'],
      cwd: worktree,
      parse: ({ stdout }) => parseStatus(stdout),
    });
    if (status.entries.length > mostEntries) return { fault: `more than ${mostEntries} files are changed` };
    const budget = { bytes: mostBytes };
    const entries: Record<string, string> = {};
    for (const { state, path } of status.entries) {
      const place = Buffer.concat([Buffer.from(`${worktree}/`), path]);
      if (state === '?' && isLinkedWorktree(place)) continue; // made, moved and removed by other rules
      entries[decodePath(path)] = `${state} ${contentOf(place, budget)}`;
    }
    return { fingerprint: { head: status.head, branch: status.branch, entries } };
  } catch (error) {
    if (isFailure(error)) return { fault: error.message };
    throw error;
  }
}

// The fields before the path, by the kind of entry: they hold the status letters, modes and ids.
const fieldsBeforePath: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10, '?': 1 };

/** The parser of `status --porcelain=v2 -z --branch`; a rename's old path is a field of its own. */
export function parseStatus(stdout: Buffer): {
  readonly head: string | null;
  readonly branch: string | null;
  readonly entries: readonly Entry[];
} {
  let head: string | null = null;
  let branch: string | null = null;
  const entries: Entry[] = [];
  let from = 0;
  const next = (): Buffer | undefined => {
    const end = stdout.indexOf(0, from);
    if (end === -1) return undefined;
    const field = stdout.subarray(from, end);
    from = end + 1;
    return field;
  };
  for (let field = next(); field !== undefined; field = next()) {
    const kind = String.fromCharCode(field[0] ?? 0);
    if (kind === '#') {
      const [, name, value = ''] = decodePath(field).split(' ');
      if (name === 'branch.oid') head = value === '(initial)' ? null : value;
      if (name === 'branch.head') branch = value === '(detached)' ? null : value;
      continue;
    }
    const spaces = fieldsBeforePath[kind];
    if (spaces === undefined) throw new Error(`unknown status entry ${JSON.stringify(decodePath(field))}`);
    let at = 0;
    for (let count = 0; count < spaces; count++) at = field.indexOf(32, at) + 1;
    entries.push({ state: field.toString('latin1', 0, at - 1), path: field.subarray(at) });
    if (kind === '2') {
      const old = next();
      if (old !== undefined) entries.push({ state: 'renamed', path: old });
    }
  }
  return { head, branch, entries };
}

/** git names a worktree inside of another as an untracked folder, with a slash at the end. */
function isLinkedWorktree(path: Buffer): boolean {
  if (path.at(-1) !== 47) return false;
  try {
    return readFileSync(Buffer.concat([path, Buffer.from('.git')]), 'utf8').includes('/worktrees/');
  } catch {
    return false;
  }
}

function contentOf(path: Buffer, budget: { bytes: number }): string {
  try {
    const stats = lstatSync(path, { bigint: true });
    if (stats.isSymbolicLink()) return `link ${readlinkSync(path)}`;
    if (!stats.isFile()) return 'folder';
    const size = Number(stats.size);
    if (size > largest || size > budget.bytes) return `${stats.size} ${stats.mtimeNs} ${stats.ino}`;
    budget.bytes -= size;
    return createHash('sha1').update(readFileSync(path)).digest('hex');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'unreadable';
  }
}
