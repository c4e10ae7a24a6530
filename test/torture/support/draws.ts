import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestRepo } from '../../support/repo.ts';
import type { Kind } from './agents.ts';
import { errandsOf } from './launcher.ts';
import type { Random } from './random.ts';

/** A lane has two worktrees, in which agents do not do the same. */
export type Half = 'a' | 'b';

/** What agents do; `merge --commit` commits what is in the work tree, and so drops what only the index has, as it may. */
export const kinds: Readonly<Record<Half, readonly Kind[]>> = {
  a: ['untracked', 'ignored', 'staged', 'committed', 'committed', 'changed'],
  b: ['untracked', 'ignored', 'staged', 'restaged', 'committed', 'committed', 'changed'],
};

/** A command for a worktree that is there. */
export const taken = (draw: Random, name: string, half: Half): readonly string[] =>
  draw.pick([
    ['merge', name],
    ['merge', name, ...(half === 'a' ? ['--commit'] : [])],
    ['merge', name, '--cleanup', ...(half === 'a' ? ['--commit'] : [])],
    ['cleanup', name],
    ['cleanup', name, '--force'],
    ['cleanup', name, '--force'],
    ['cleanup', '--merged', '--min-age', '0s'],
    ['provision', name],
    ['status'],
  ]);

/** A command that makes one. */
export const missing = ({ path }: TestRepo, draw: Random, name: string): readonly string[] => {
  const isBranch = existsSync(join(path, '.git/refs/heads', name));
  return draw.chance(0.35) ? ['undo'] : ['create', name, ...(isBranch ? ['--existing'] : [])];
};

/** What lets entries of the trash go: the errand itself, or a person. */
export const expiring = ({ path }: TestRepo, draw: Random): readonly string[] =>
  draw.pick([
    ['__expire', path, '0'],
    ['__expire', path, '0'],
    ['trash', 'empty', '--expired'],
    ['trash', 'empty', '--force'],
  ]);

/** A command that finds that it is time, and the errand that it starts and leaves behind: that is killed too. */
export async function background(
  repo: TestRepo,
  draw: Random,
  command: (args: readonly string[], how?: 'cold') => Promise<void>,
  killed: () => void,
): Promise<void> {
  try {
    utimesSync(join(repo.path, '.git/wt/cache/trash-due'), new Date(), new Date(Date.now() - 1000));
  } catch {
    // nothing is in the trash
  }
  await command(['status'], 'cold'); // the errand waits for the end of the process that started it
  if (draw.chance(0.3)) return;
  await pause(draw.between(0, 800));
  for (const pid of errandsOf(repo)) {
    try {
      process.kill(pid, 'SIGKILL');
      killed();
    } catch {
      // it has ended meanwhile
    }
  }
}
