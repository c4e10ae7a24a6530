import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RestorableState, Restoring } from '../../application/ports/checkpoints.ts';
import { isLeftOut } from '../../domain/checkpoint.ts';
import { failures } from '../../domain/failure.ts';
import type { StateChange } from '../../domain/restore-plan.ts';
import { type Worktree, worktreeName } from '../../domain/worktree.ts';
import type { HubContext } from '../context.ts';
import { fields, readablePath } from './ask.ts';
import { listCheckpoints, storeCheckpoint } from './checkpoints.ts';
import { writingObjectsTo } from './object-place.ts';
import { putInPlace } from './put-in-place.ts';
import { cacheFolder } from './scratch.ts';
import { type StagedState, stageState } from './staged-state.ts';
import { isRemoved, isSubmodule, readTouched, type Touched } from './touched.ts';
import { unsavedIn } from './unsaved.ts';
import { withoutSideEffects } from './work-questions.ts';
import { placeVariables, readWork } from './work-state.ts';

/** Reads a worktree as it is and compares it with a state, by a temporary index and folder. */
export async function openRestoring(
  { ask, repository, clock }: HubContext,
  worktree: Worktree,
  state: RestorableState,
  { isDry }: { readonly isDry: boolean },
): Promise<Restoring> {
  const { path, gitDir } = worktree;
  if (gitDir === undefined) throw failures.worktreeGone(worktreeName(worktree), path);
  const place = { path, gitDir };
  const folder = isDry
    ? mkdtempSync(join(tmpdir(), 'wt-restore-'))
    : cacheFolder(repository.stateDir, 'restore-');
  const close = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const objects = join(folder, 'objects');
    if (isDry) mkdirSync(objects);
    const env: Record<string, string> = isDry ? writingObjectsTo(repository.commonDir, [objects]) : {};
    const index = join(folder, 'index');
    const now = await readWork(ask, place, { index, within: { env } });
    if (now === undefined) throw new Error('no state of a work tree');
    const touched = await readTouched(ask, { before: now.tree, after: state.commit }, env);
    const staged = stageState(ask, state.commit, { folder, gitDir, env });
    const changes = await changesOf(touched, state, staged);
    const byRaw = new Map(touched.map((change) => [change.path, change]));
    const unsaved = async (apply: readonly StateChange[]) => {
      const its = apply.flatMap(({ raw }) => byRaw.get(raw) ?? []);
      return (await unsavedIn(ask, path, its, now.leftOut)).map(readablePath);
    };
    return {
      changes,
      held: (paths) =>
        ask({
          args: ['ls-tree', '-z', '--name-only', '--full-tree', state.commit, '--', ...paths],
          parse: ({ stdout }) => fields(stdout),
        }),
      inTheWay: unsaved,
      stage: async (apply) => {
        await staged.write(apply.flatMap(({ kind, raw }) => (kind === 'write' ? [raw] : [])));
      },
      save: async () => {
        const { dispatchId, number } = state;
        const existing = await listCheckpoints(ask, dispatchId);
        const next = { dispatchId, kind: 'restore', state: now, takenAt: clock.now(), existing } as const;
        const within = { cwd: repository.commonDir };
        const saved = (await storeCheckpoint(ask, { ...next, kept: new Set([number]) }, within)).at(-1);
        if (saved === undefined) throw new Error('no checkpoint');
        return saved;
      },
      moved: async (apply) => {
        const changed = await ask({
          args: [...withoutSideEffects, 'diff-files', '--name-only', '-z'],
          cwd: path,
          env: placeVariables(place, index),
          parse: ({ stdout }) => new Set(stdout.toString('latin1').split('\0')),
        });
        const since = apply.filter(({ raw }) => changed.has(raw)).map((change) => change.path);
        return [...since, ...(await unsaved(apply))];
      },
      write: async (apply) => putInPlace(await staged.write([]), path, apply),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * What differs. A file that the state would ignore is none that it lacks: of those no checkpoint says whether they
 * were there. That is asked only where the rules differ: what both ignore is in neither.
 */
async function changesOf(
  touched: readonly Touched[],
  { leftOut }: RestorableState,
  staged: StagedState,
): Promise<readonly StateChange[]> {
  const rulesDiffer = touched.some(({ path }) => /(?:^|\/)\.gitignore$/.test(path));
  const extra = rulesDiffer ? touched.filter(isRemoved).map(({ path }) => path) : [];
  const ignored = await staged.ignored(extra);
  const kindOf = (change: Touched): StateChange['kind'] => {
    if (isSubmodule(change)) return 'submodule';
    if (isLeftOut(change.path, leftOut)) return 'left-out';
    if (!isRemoved(change)) return 'write';
    return ignored.has(change.path) ? 'ignored' : 'remove';
  };
  return touched.map((change) => ({
    path: readablePath(change.path),
    raw: change.path,
    kind: kindOf(change),
  }));
}
