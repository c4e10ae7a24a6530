import {
  collisionWarning,
  isTold,
  type Told,
  type WarningMode,
  type WorkOfOthers,
} from '../domain/collision-warning.ts';
import type { Judgement } from '../domain/tool-guard.ts';
import { worktreeName } from '../domain/worktree.ts';
import { type PathCollision, pathCollisions } from './path-collisions.ts';
import type { Hub, Ports } from './ports.ts';

/** An edit that an agent is about to make. */
export type ComingEdit = {
  /** Real paths: the top of the checkout, and the file in it. */
  readonly checkout: string;
  readonly file: string;
  /** claude's session, where it says which. */
  readonly session: string | undefined;
};

/**
 * What is to be said of the edit; nothing where nobody else works on the file, or it was said before. What goes wrong
 * on the way is told on stderr and holds up nobody.
 */
export async function judgeCollisions(
  ports: Ports,
  mode: WarningMode,
  edit: ComingEdit,
): Promise<readonly Judgement[]> {
  if (mode === 'off' || edit.file === edit.checkout) return [];
  try {
    const hub = await ports.hub(edit.checkout);
    const path = edit.file.slice(edit.checkout.length + 1);
    const worktrees = await hub.git.worktrees();
    const worktree =
      worktrees.find((each) => each.path === edit.checkout) ??
      worktrees[
        (await Promise.all(worktrees.map((each) => hub.folders.real(each.path)))).indexOf(edit.checkout)
      ];
    if (worktree === undefined) return [];
    const { colliding, own } = await pathCollisions(hub, { worktree, path, worktrees });
    const others = await untold(hub, mode, edit, own, colliding);
    return others.length === 0 ? [] : [collisionWarning(path, others, mode)];
  } catch (error) {
    ports.narrator.warn(`whether other worktrees change this file is not known: ${(error as Error).message}`);
    return [];
  }
}

/** Those of whom the session was not told yet; from now on it was. */
async function untold(
  hub: Hub,
  mode: WarningMode,
  { session, checkout, file }: ComingEdit,
  own: string,
  colliding: readonly PathCollision[],
): Promise<readonly WorkOfOthers[]> {
  if (colliding.length === 0) return [];
  const others = colliding.map(({ worktree, committed, uncommitted, renamedTo, state }) => ({
    ...{ name: worktree.branch ?? worktreeName(worktree), worktree: worktree.path },
    ...{ committed, uncommitted, renamedTo, state },
  }));
  if (session === undefined || mode === 'strict') return others;
  const keys = others.map((each) => JSON.stringify(['told', session, mode, checkout, file, each.worktree]));
  const told = (await hub.memory.recall(keys)) as readonly (Told | undefined)[];
  const now = others.map(({ state }): Told => ({ state, own }));
  const fresh = others.map((_, index) => !isTold(mode, told[index], now[index] as Told));
  await hub.memory.keep(keys.flatMap((key, index) => (fresh[index] ? [[key, now[index]] as const] : [])));
  return others.filter((_, index) => fresh[index]);
}
