import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DamagedState } from '../../application/ports/clinic.ts';
import { DispatchRecord } from '../../domain/dispatch.ts';
import { isFailure } from '../../domain/failure.ts';
import { Intent } from '../../domain/intent.ts';
import { LedgerEntry } from '../../domain/ledger.ts';
import { TrashEntry } from '../../domain/trash.ts';
import { WorktreeFacts } from '../../domain/worktree-facts.ts';
import { readState } from '../facts.ts';
import { namesIn } from '../listing.ts';

/** The state files that cannot be read: damaged, or from a newer wt. */
export function findDamaged(commonDir: string, stateDir: string): DamagedState[] {
  const below = (folder: string, file: string) => namesIn(folder).map((name) => join(folder, name, file));
  const files: readonly (readonly [string, { parse: (value: unknown) => unknown }])[] = [
    ...namesIn(join(stateDir, 'intents'))
      .filter((name) => name.endsWith('.json'))
      .map((name) => [join(stateDir, 'intents', name), Intent] as const),
    ...namesIn(join(stateDir, 'landings'))
      .filter((name) => /^[1-9]\d*\.json$/.test(name))
      .map((name) => [join(stateDir, 'landings', name), LedgerEntry] as const),
    ...below(join(stateDir, 'runs'), 'run.json').map((path) => [path, DispatchRecord] as const),
    ...below(join(stateDir, 'trash'), 'entry.json').map((path) => [path, TrashEntry] as const),
    ...below(join(commonDir, 'worktrees'), 'wt.json').map((path) => [path, WorktreeFacts] as const),
  ];
  return files.flatMap(([path, schema]): DamagedState[] => {
    try {
      readState(path, schema, 1);
      return [];
    } catch (error) {
      if (!isFailure(error)) throw error;
      return [{ path, why: error.message, isNewer: error.code === 'state_too_new' }];
    }
  });
}

const hourMs = 60 * 60 * 1000;

/** Drafts and scratch of writers that were killed; younger ones may belong to somebody who is at work. */
export function findLeftovers(commonDir: string, stateDir: string, now: number): string[] {
  const inFolder = (folder: string, isLeft: (name: string) => boolean) =>
    namesIn(folder).flatMap((name) => (isLeft(name) ? [join(folder, name)] : []));
  const isDraft = (name: string) => name.endsWith('.wt-tmp');
  const places = [
    stateDir,
    ...['intents', 'cache', 'trash', 'runs', 'landings'].map((name) => join(stateDir, name)),
    ...['trash', 'runs'].flatMap((name) =>
      namesIn(join(stateDir, name)).map((id) => join(stateDir, name, id)),
    ),
    ...namesIn(join(commonDir, 'worktrees')).map((name) => join(commonDir, 'worktrees', name)),
  ];
  const found = [
    ...places.flatMap((folder) => inFolder(folder, isDraft)),
    ...inFolder(join(stateDir, 'cache'), (name) => /^landing-|^withdrawn$|\.\d+$/.test(name)),
    ...namesIn(join(stateDir, 'trash')).flatMap((id) =>
      inFolder(join(stateDir, 'trash', id), (name) => name === 'attic'),
    ),
  ];
  return found.filter((path) => {
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return changed !== undefined && now - changed > hourMs;
  });
}
