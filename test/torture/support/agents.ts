import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestRepo } from '../../support/repo.ts';
import type { Random } from './random.ts';
import { blobOf } from './whereabouts.ts';

const run = promisify(execFile);

/** A blob that an agent wrote: where, when, and whether git ignores it. */
export type Written = {
  readonly blob: string;
  readonly worktree: string;
  readonly file: string;
  readonly at: number;
  readonly isIgnored: boolean;
};

export type Agent = {
  /** Leaves something in a worktree, in one of the ways that agents do; `kinds` are those that it takes. */
  readonly work: (worktree: string, name: string, draw: Random, kinds: readonly Kind[]) => Promise<void>;
};

export type Kind = 'untracked' | 'ignored' | 'staged' | 'restaged' | 'committed' | 'changed';

/** How many of its files an agent leaves in a tree, so that trees do not grow with every commit. */
const mostFiles = 40;

/** What writes in the worktrees of one lane, and tells of each blob that from then on must not be lost. */
export function openAgent({ env }: TestRepo, wrote: (written: Written) => void): Agent {
  /** Committed files that nobody has changed since: their content is in the history. */
  const settled = new Set<string>();

  const git = async (cwd: string, ...args: string[]) => {
    try {
      await run('git', args, { cwd, env });
      return true;
    } catch {
      return false; // what it cannot do just now: a killed command may have left a lock
    }
  };
  const write = (worktree: string, file: string, draw: Random, isIgnored = false) => {
    const noise = Array.from({ length: draw.between(1, 60) }, () => draw.between(0, 2 ** 31).toString(36));
    const bytes = Buffer.from(`${file}\n${noise.join('\n')}\n`);
    const at = Date.now();
    try {
      if (isIgnored && !existsSync(join(worktree, 'build'))) mkdirSync(join(worktree, 'build'));
      writeFileSync(join(worktree, file), bytes);
    } catch {
      return false; // it is being moved
    }
    wrote({ blob: blobOf(bytes), worktree, file, at, isIgnored });
    return true;
  };

  const change = async (worktree: string, draw: Random) => {
    const there = [...settled].filter((file) => existsSync(join(worktree, file)));
    if (there.length === 0) return;
    const file = draw.pick(there);
    settled.delete(file); // another change would lose this one, as it may
    write(worktree, file, draw);
  };

  /** Removes old files from the tree: what was in them stays in the history. */
  const tidy = async (worktree: string) => {
    const there = [...settled].filter((file) => existsSync(join(worktree, file)));
    if (there.length < mostFiles) return;
    const old = there.slice(0, mostFiles / 2);
    if (!(await git(worktree, 'rm', '-q', '--', ...old))) return;
    for (const file of old) settled.delete(file);
    await git(worktree, 'commit', '-q', '-m', 'tidy', '--', ...old);
  };

  return {
    work: async (worktree, name, draw, kinds) => {
      const kind = draw.pick(kinds);
      if (kind === 'changed') return change(worktree, draw);
      const isIgnored = kind === 'ignored';
      const file = isIgnored ? `build/${name}` : name;
      if (!write(worktree, file, draw, isIgnored) || isIgnored || kind === 'untracked') return;
      if (!(await git(worktree, 'add', '--', file))) return;
      if (kind === 'restaged') write(worktree, file, draw); // the index alone has what was there before
      if (kind !== 'committed') return;
      if (await git(worktree, 'commit', '-q', '-m', name)) settled.add(file);
      await tidy(worktree);
    },
  };
}
