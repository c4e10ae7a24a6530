import type { ConflictsAnswer } from '../domain/answers/conflicts.ts';
import type { ConflictKind } from '../domain/conflict.ts';
import { idsOf } from '../domain/conflict-plan.ts';
import { failures } from '../domain/failure.ts';
import type { Touch } from '../domain/path-collision.ts';
import { quote } from '../domain/shell.ts';
import type { Worktree } from '../domain/worktree.ts';
import { pathCollisions } from './path-collisions.ts';
import type { Hub, Ports } from './ports.ts';

export type AtPathOptions = {
  readonly worktrees: readonly Worktree[];
  /** Where the edit would be made; the worktree of the current directory when left out. */
  readonly selected: Worktree | undefined;
  readonly file: string;
  readonly headsOnly: boolean;
};

/** What an edit here would be to what the other did, as kinds of conflict. */
const kinds: Readonly<Record<Touch, ConflictKind>> = {
  modified: 'content',
  added: 'add_add',
  deleted: 'modify_delete',
  renamed: 'rename',
};

/** Whose work an edit of one file would meet. */
export async function conflictsAtPath(
  { environment }: Pick<Ports, 'environment'>,
  hub: Hub,
  { worktrees, selected, file, headsOnly }: AtPathOptions,
): Promise<ConflictsAnswer> {
  const here = worktrees.find(({ path }) => path === hub.repository.current);
  const worktree = selected ?? here;
  if (worktree === undefined)
    throw failures.usage(
      'wt conflicts --path needs a worktree here',
      `wt conflicts <worktree> --path ${quote(file)}`,
    );
  const top = (await hub.folders.real(worktree.path)) ?? worktree.path;
  const from = worktree === here ? environment.cwd() : top;
  const place = (await hub.folders.place(file, from, environment.home)).path;
  if (!place.startsWith(`${top}/`))
    throw failures.usage(
      `${file} is not inside ${worktree.path}`,
      'wt conflicts <worktree> --path <file in it>',
    );
  const path = place.slice(top.length + 1);

  const { colliding, unknown } = await pathCollisions(hub, { worktree, path, worktrees });
  const ids = new Map(idsOf(worktrees).map((id, index) => [worktrees[index]?.path, id]));
  const idOf = (of: Worktree) => ids.get(of.path) ?? of.path;
  return {
    worktrees: worktrees.map((each) => ({
      id: idOf(each),
      path: each.path,
      branch: each.branch ?? null,
      dirty: null,
    })),
    pairs: colliding.flatMap(({ worktree: other, committed, uncommitted }) => {
      const touch = headsOnly ? committed : (uncommitted ?? committed);
      return touch === undefined
        ? []
        : [{ a: idOf(worktree), b: idOf(other), conflicts: [{ path, kind: kinds[touch] }] }];
    }),
    warnings: unknown.map(({ worktree: other, why }) => ({
      code: 'conflicts_unknown',
      message: `whether ${idOf(other)} changes ${path} is not known: ${why}`,
    })),
  };
}
