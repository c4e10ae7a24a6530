import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Traces } from '../../application/ports/git.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { impostorAt, readLine } from '../trash/identity.ts';

/** When a worktree was made, and when git last wrote to its HEAD or index, from the files in its git folder. */
export function readTraces(gitDir: string): Traces {
  const touched = ['index', 'HEAD', join('logs', 'HEAD')].flatMap(
    (name) => modified(join(gitDir, name)) ?? [],
  );
  // git writes `commondir` when it makes a worktree, and never again
  return {
    madeAt: dateOf(modified(join(gitDir, 'commondir'))),
    touchedAt: dateOf(touched.length === 0 ? undefined : Math.max(...touched)),
  };
}

const dateOf = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));

function modified(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

/**
 * Whether commits were made in a worktree since it was added, by its HEAD's reflog; `undefined` where that does not
 * tell. Moves to commits that were there before (a fast-forward, a reset, a switch) are no work.
 */
export function hasWorked(gitDir: string): boolean | undefined {
  let text: string;
  try {
    text = readFileSync(join(gitDir, 'logs', 'HEAD'), 'latin1');
  } catch {
    return undefined;
  }
  const entries = text.split('\n').filter((entry) => entry !== '');
  if (entries.some((entry) => !isMove(entry))) return true;
  return /^0+ /.test(entries[0] ?? '') ? false : undefined; // without its beginning it proves nothing
}

// `<old> <new> <name> <mail> <time> <zone>\t<message>`; `worktree add` leaves the message out.
const isMove = (entry: string): boolean => {
  const message = entry.split('\t')[1] ?? '';
  return /^(?:$|reset: |checkout: |branch: )|: Fast-forward$/.test(message);
};

/** Why what is at a worktree's path is not that worktree: git would then look at whatever surrounds it. */
export function strangerAt({ path, gitDir, isMain }: Worktree): string | undefined {
  if (isMain || gitDir === undefined) return undefined;
  const isItself = readLine(join(path, '.git')) === `gitdir: ${gitDir}`;
  return isItself ? undefined : impostorAt(path, gitDir);
}
