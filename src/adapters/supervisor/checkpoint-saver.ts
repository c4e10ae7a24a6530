import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Checkpoint,
  type CheckpointKind,
  checkpointName,
  leftOutText,
} from '../../domain/checkpoint.ts';
import { isWorthSaving } from '../../domain/checkpoint-keeping.ts';
import type { Warning } from '../../domain/warning.ts';
import { listCheckpoints, storeCheckpoint } from '../git/checkpoints.ts';
import { readWork } from '../git/work-state.ts';
import { endTree } from '../processes.ts';
import type { RunAtHand } from './stages.ts';

/**
 * How long one checkpoint may take. Claude waits for the first, and who ends a run for the last: less than the time
 * after which a supervisor that ends a run counts as deaf.
 */
const limits: Readonly<Record<CheckpointKind, number>> = {
  start: 20_000,
  run: 60_000,
  end: 8_000,
  restore: 60_000,
};

/** Saves the worktree of one run. What goes wrong is told at the end, and never fails the run. */
export type CheckpointSaver = {
  /** Saves the state unless it is saved already. Never rejects; one at a time. */
  readonly take: (kind: CheckpointKind) => Promise<void>;
  /** Ends the one that is being taken, without a complaint: a later one takes its place. */
  readonly giveUp: () => void;
  /** Looks for what others have taken of this run. */
  readonly recall: () => Promise<void>;
  readonly newest: () => string | undefined;
  /** How many have failed since the last that did not. */
  readonly failedInARow: () => number;
  readonly warnings: () => readonly Warning[];
};

/** `undefined` for a run without checkpoints. */
export function openCheckpointSaver({
  folder,
  ask,
  record,
}: Pick<RunAtHand, 'folder' | 'ask' | 'record'>): CheckpointSaver | undefined {
  const { worktree_path: path, dispatch_id: dispatchId, start_sha: start } = record.dispatch;
  const { git_dir: gitDir } = record;
  if (record.request.checkpoint_ms === 0) return undefined;
  if (path === null || dispatchId === null || gitDir === null) return undefined;
  const place = { path, gitDir };
  const index = join(folder, `${indexPrefix}${process.pid}`);
  const leftOut = new Map<string, string>();
  let existing: readonly Checkpoint[] | undefined;
  let signature: string | undefined;
  let taken = 0;
  let failed = 0;
  let fault: string | undefined;
  let current: AbortController | undefined;
  let isGivenUp = false;

  const list = async (signal?: AbortSignal): Promise<readonly Checkpoint[]> => {
    const at = { cwd: folder, env: { GIT_DIR: gitDir } };
    existing ??= await listCheckpoints(ask, dispatchId, signal === undefined ? at : { ...at, signal });
    return existing;
  };

  const save = async (kind: CheckpointKind, signal: AbortSignal, env: Readonly<Record<string, string>>) => {
    if (!existsSync(path)) return;
    const state = await readWork(ask, place, { index, within: { signal, env }, known: signature });
    if (state === undefined) return;
    const known = await list(signal);
    if (isWorthSaving(kind, state, known.at(-1), start)) {
      const within = { signal, cwd: path, env: { ...env, GIT_DIR: gitDir } };
      const next = { dispatchId, kind, state, takenAt: new Date(), existing: known };
      existing = await storeCheckpoint(ask, next, within);
      taken++;
      for (const each of state.leftOut) leftOut.set(each.raw, leftOutText(each));
    }
    signature = state.signature;
  };

  return {
    take: async (kind) => {
      const abort = new AbortController();
      current = abort;
      isGivenUp = false;
      const limit = setTimeout(() => abort.abort(), limits[kind]);
      const marker = { name: 'WT_CHECKPOINT', value: randomUUID() };
      try {
        await save(kind, abort.signal, { [marker.name]: marker.value });
        failed = 0;
      } catch (error) {
        failed++;
        // git has ended, but not a filter of the user's that hangs
        if (abort.signal.aborted) await endTree({ roots: [], marker, graceMs: 0 }).catch(() => {});
        if (isGivenUp) return;
        const why = error instanceof Error ? error.message : String(error);
        fault ??= abort.signal.aborted ? `it took longer than ${limits[kind] / 1000} s` : why;
      } finally {
        clearTimeout(limit);
      }
    },
    giveUp: () => {
      isGivenUp = true;
      current?.abort();
    },
    recall: async () => {
      await list().catch(() => {}); // then the record says what it said
    },
    newest: () => {
      const last = existing?.at(-1);
      return last === undefined ? undefined : checkpointName(last);
    },
    failedInARow: () => failed,
    warnings: () => {
      const shown = [...leftOut.values()].slice(0, 5).join(', ');
      const more = leftOut.size > 5 ? ` and ${leftOut.size - 5} more` : '';
      const what = taken === 0 ? 'no checkpoint could be taken' : 'a checkpoint could not be taken';
      return [
        ...(fault === undefined ? [] : [{ code: 'checkpoint_failed', message: `${what}: ${fault}` }]),
        ...(leftOut.size === 0
          ? []
          : [{ code: 'checkpoint_incomplete', message: `the checkpoints do not hold ${shown}${more}` }]),
      ];
    },
  };
}

/** What a temporary index in a run folder is called. */
export const indexPrefix = 'checkpoint.index.';
