import { isLeftOut, type LeftOut } from '../../domain/checkpoint.ts';
import type { Ask } from './ask.ts';
import { inTheWay } from './overwritten.ts';
import { idsOf } from './restore-files.ts';
import { isAdded, isRemoved, type Touched } from './touched.ts';

type Find = { readonly change: Touched; readonly at: string };

/**
 * The raw paths that would be overwritten or removed in a folder and that no state holds: ignored ones, and what was
 * left out of the present state. Not those that hold what is to be written anyway, as after a restore that was cut
 * short.
 */
export async function unsavedIn(
  ask: Ask,
  folder: string,
  apply: readonly Touched[],
  leftOut: readonly LeftOut[],
): Promise<readonly string[]> {
  const removed = new Set(apply.filter(isRemoved).map(({ path }) => path));
  const found = apply.flatMap((change): Find[] => {
    if (isLeftOut(change.path, leftOut)) return [{ change, at: change.path }];
    if (!isAdded(change)) return []; // the present state has it
    return inTheWay(folder, change.path, removed).map((at) => ({ change, at }));
  });
  const same = found.filter(({ change, at }) => change.path === at && !isRemoved(change));
  const touched = same.map(({ change }) => change);
  const ids = touched.length === 0 ? [] : await idsOf(ask, folder, touched);
  const equal = new Set(touched.filter(({ newId }, row) => ids[row] === newId).map(({ path }) => path));
  return [...new Set(found.map(({ at }) => at))].filter((at) => !equal.has(at));
}
