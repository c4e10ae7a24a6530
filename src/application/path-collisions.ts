import { type Copies, type Meeting, meetingOf, stateOf } from '../domain/path-collision.ts';
import type { Worktree } from '../domain/worktree.ts';
import { committedWork, type Here, type Neighbour, uncommittedWork, type Work, whyOf } from './path-work.ts';
import type { Place } from './ports/copies.ts';
import type { Hub } from './ports.ts';

/** A worktree whose work an edit of the path would meet. */
export type PathCollision = Meeting & {
  readonly worktree: Worktree;
  /** What it calls the file now, where its commits renamed it. */
  readonly renamedTo: string | undefined;
  /** Equal while nothing has changed there. */
  readonly state: string;
};

/** Who else works at a path. */
export type PathCollisions = {
  readonly colliding: readonly PathCollision[];
  /** The worktrees of which it could not be told, and why. */
  readonly unknown: readonly UnknownWork[];
  /** The file here, as a text that is equal while it has not changed. */
  readonly own: string;
};
type UnknownWork = { readonly worktree: Worktree; readonly why: string };

/**
 * Whose work an edit of a file would meet: what other worktrees have committed since they left their base and not
 * landed yet, or changed and not committed. What both sides hold alike is nobody's work, and what is in a submodule
 * is not looked at. `path` is relative to the top of `worktree`, without links on the way; it need not be there.
 * Where nobody touches the file that is one git process (and the list of `worktrees`, all of the repository).
 */
export async function pathCollisions(
  hub: Hub,
  { worktree, path, worktrees }: Omit<Here, 'own'>,
): Promise<PathCollisions> {
  const others = worktrees.filter((each) => each.path !== worktree.path && each.prunable === undefined);
  const { neighbours, own, unknown } = await readCopies(hub, worktree, others, path);
  if (own === undefined) return { colliding: [], unknown, own: '' };
  const here = { worktree, path, worktrees, own };
  const [commits, files] = await Promise.all([
    committedWork(hub, here, neighbours),
    Promise.all(neighbours.map((each) => uncommittedWork(hub, here, each))),
  ]);
  const compared = await Promise.all(
    neighbours.map(async (each, index) => {
      const [committed = {}, uncommitted = {}] = [commits.get(each), files[index]];
      const whys = [committed.why, uncommitted.why].flatMap((why) => why ?? []);
      return {
        collision: await collisionOf(hub, here, each, { committed, uncommitted }),
        unknown: whys.map((why) => ({ worktree: each.worktree, why })),
      };
    }),
  );
  return {
    colliding: compared.flatMap(({ collision }) => collision ?? []),
    unknown: [...unknown, ...compared.flatMap((each) => each.unknown)],
    own: stateOf(own.disk),
  };
}

/** What is at the path everywhere; `own` is `undefined` where it cannot be read here, or there is no commit yet. */
async function readCopies(hub: Hub, worktree: Worktree, others: readonly Worktree[], path: string) {
  const known = [worktree, ...others].filter((each): each is Worktree & Place => each.head !== undefined);
  const found = await hub.copies.at(known, path);
  const neighbours: Neighbour[] = [];
  const unknown: UnknownWork[] = [];
  let own: Copies | undefined;
  for (const [index, each] of known.entries()) {
    const copies = found[index];
    if (copies === undefined) continue;
    const stranger = each === worktree ? undefined : await hub.git.strangerAt(each);
    if (stranger !== undefined) unknown.push({ worktree: each, why: stranger });
    else if (copies instanceof Error) unknown.push({ worktree: each, why: copies.message });
    else if (each === worktree) own = copies;
    else neighbours.push({ worktree: each, head: each.head, copies });
  }
  return { own, neighbours, unknown };
}

async function collisionOf(
  hub: Hub,
  { own, path }: Here,
  { worktree, head, copies }: Neighbour,
  { committed, uncommitted }: { readonly committed: Work; readonly uncommitted: Work },
): Promise<PathCollision | undefined> {
  const meeting = meetingOf(own, copies, { committed: committed.touch, uncommitted: uncommitted.touch });
  if (meeting === undefined) return undefined;
  const isGone = meeting.committed === 'deleted' && committed.since !== undefined;
  // Where git cannot tell, it is said to be deleted, which holds too.
  const renamedTo = isGone
    ? await hub.copies.renamedTo(committed.since, head, path).catch((error) => void whyOf(error))
    : undefined;
  return {
    worktree,
    committed: renamedTo === undefined ? meeting.committed : 'renamed',
    uncommitted: meeting.uncommitted,
    renamedTo,
    state: [meeting.committed, stateOf(copies.head), stateOf(copies.disk)].join(' '),
  };
}
