import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Locks } from '../../application/ports/state.ts';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { type KeptRun, type RetentionLimits, retentionLimits, retired } from '../../domain/run-retention.ts';
import type { Ask } from '../git/ask.ts';
import { openRuns } from '../runs.ts';

/** What one run removes of earlier ones; the rest is left to the next. */
const mostAtOnce = 10;
/** The ending of a folder that is about to be deleted: it is no run any more. */
const goneSuffix = '.gone';

export type RetireOptions = {
  readonly stateDir: string;
  /** A git that works in the common directory. */
  readonly ask: Ask;
  readonly locks: Locks;
  readonly now: number;
  readonly limits?: RetentionLimits;
};

/**
 * Removes the folders of runs that are no longer kept, with the refs of their checkpoints, which nothing would lead
 * to any more. A run that is gone for others first is deleted afterwards, without the lock.
 */
export async function retireRuns(options: RetireOptions): Promise<void> {
  const { stateDir, ask, locks, now, limits = retentionLimits } = options;
  const root = join(stateDir, 'runs');
  const choose = async () => retired(await keptRuns(stateDir), limits, now).slice(0, mostAtOnce);
  if ((await choose()).length > 0) {
    await locks.hold(
      'runs',
      async ({ assertHeld }) => {
        const ids = (await choose()).map(({ id }) => id);
        await dropCheckpoints(ask, ids);
        assertHeld();
        for (const id of ids) renameSync(join(root, id), join(root, `${id}${goneSuffix}`));
      },
      { purpose: 'removing old runs' },
    );
  }
  const gone = readdirSync(root).filter((name) => name.endsWith(goneSuffix)); // also of one that was killed here
  for (const name of gone) rmSync(join(root, name), { recursive: true, force: true });
}

async function keptRuns(stateDir: string): Promise<KeptRun[]> {
  const runs = openRuns(stateDir);
  const seen = new Set<string>();
  return (await runs.list()).map((record) => {
    const id = record.dispatch.dispatch_id ?? '';
    const isOver = record.phase === 'ended' && record.announced;
    return {
      id,
      finishedAt: isOver ? Date.parse(record.dispatch.finished_at ?? '') : undefined,
      size: sizeOf(runs.folder(id)),
      isNewest: isNewest(record, seen),
    };
  });
}

/** Whether it is the first in a worktree that is there, by its path or by its git folder. */
function isNewest({ git_dir, dispatch: { worktree_path } }: DispatchRecord, seen: Set<string>): boolean {
  const names = [git_dir, worktree_path].filter((name) => name !== null);
  const isFirst = names.some((name) => !seen.has(name) && existsSync(name));
  for (const name of names) seen.add(name);
  return isFirst;
}

function sizeOf(folder: string): number {
  try {
    return readdirSync(folder)
      .map((name) => lstatSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
      .reduce((sum, size) => sum + size, 0);
  } catch {
    return 0; // it has just gone
  }
}

async function dropCheckpoints(ask: Ask, ids: readonly string[]): Promise<void> {
  const refs = await ask({
    args: [
      'for-each-ref',
      '--format=%(refname) %(objectname)',
      ...ids.map((id) => `refs/wt/checkpoints/${id}/`),
    ],
    parse: ({ stdout }) =>
      stdout
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== ''),
  });
  if (refs.length === 0) return;
  await ask({
    args: ['update-ref', '--no-deref', '--stdin'],
    input: refs.map((line) => `delete ${line}\n`).join(''),
    access: 'write',
    parse: () => undefined,
  });
}
