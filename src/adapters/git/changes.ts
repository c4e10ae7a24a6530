import type { Changes } from '../../domain/changes.ts';
import { type Ask, fields } from './ask.ts';
import { statusArgs } from './questions.ts';

/** What a work tree holds that its HEAD does not; submodules count as git status counts them. */
export const readChanges = (ask: Ask, worktree: string): Promise<Changes> =>
  ask({
    args: statusArgs,
    cwd: worktree,
    parse: ({ stdout }) => parseStatus(fields(stdout)),
  });

/** The parser of `git status --porcelain=v2 -z`; a rename's old path is a field of its own. */
export function parseStatus(entries: readonly string[]): Changes {
  let staged = 0;
  let unstaged = 0;
  let untracked = 0;
  let conflicted = 0;
  const paths: string[] = [];
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] ?? '';
    const kind = entry[0];
    if (kind === '1' || kind === '2') {
      if (entry[2] !== '.') staged++;
      if (entry[3] !== '.') unstaged++;
      paths.push(rest(entry, kind === '1' ? 8 : 9));
      if (kind === '2') index++;
    } else if (kind === 'u') {
      conflicted++;
      paths.push(rest(entry, 10));
    } else if (kind === '?') {
      untracked++;
      paths.push(entry.slice(2));
    } else if (kind !== '#' && kind !== '!') {
      throw new Error(`unknown status entry ${JSON.stringify(entry)}`);
    }
  }
  return { staged, unstaged, untracked, conflicted, paths: paths.sort() };
}

// What follows the n-th space: paths may hold spaces.
function rest(entry: string, spaces: number): string {
  let at = 0;
  for (let count = 0; count < spaces; count++) {
    at = entry.indexOf(' ', at) + 1;
    if (at === 0) throw new Error(`short status entry ${JSON.stringify(entry)}`);
  }
  return entry.slice(at);
}
