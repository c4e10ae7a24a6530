import type { Session } from '../../domain/session.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { realOrResolved } from '../folders.ts';
import { isInside } from '../processes/table.ts';

/** Gives the path of the innermost worktree that a directory is in: one may lie in another. */
export type Places = (cwd: string) => string | undefined;

export function placesOf(worktrees: readonly Worktree[]): Places {
  const places = worktrees
    .map(({ path }) => ({ path, real: realOrResolved(path) }))
    .sort((a, b) => b.real.length - a.real.length);
  return (cwd) => places.find(({ real }) => isInside(cwd, real))?.path;
}

/** Sessions by their worktree, each process once. */
export function byPlace(
  placeOf: Places,
  sessions: readonly Session[],
): ReadonlyMap<string, readonly Session[]> {
  const found = new Map<string, Session[]>();
  for (const session of sessions) {
    const place = placeOf(session.cwd);
    if (place === undefined) continue;
    const others = found.get(place) ?? [];
    if (!others.some(({ pid }) => pid !== null && pid === session.pid))
      found.set(place, [...others, session]);
  }
  return found;
}
