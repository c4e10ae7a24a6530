import { baseOf, defaultBranch } from '../domain/base.ts';
import { isFailure } from '../domain/failure.ts';
import type { PathChange } from '../domain/path-change.ts';
import { type Copies, isOurs, mayBeChanged, type Touch, touchAt } from '../domain/path-collision.ts';
import type { Sha } from '../domain/sha.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { Judged } from './integration.ts';
import type { Hub } from './ports.ts';
import { judgeRemembered } from './remembered.ts';

/** The file that is asked about, in the worktree where it is to be edited. */
export type Here = {
  readonly worktree: Worktree;
  /** Relative to the top. */
  readonly path: string;
  readonly own: Copies;
  /** All of the repository. */
  readonly worktrees: readonly Worktree[];
};

/** Another worktree, and what is at the path in it. */
export type Neighbour = { readonly worktree: Worktree; readonly head: Sha; readonly copies: Copies };

/** What a neighbour does at the path; `why` where that could not be told. */
export type Work = {
  readonly touch?: Touch | undefined;
  /** The commit that it did it on. */
  readonly since?: Sha | undefined;
  readonly why?: string;
};

/** What git says of the file in the folder of a worktree, where that is in question. */
export async function uncommittedWork(
  hub: Hub,
  { own, path }: Here,
  { worktree, copies }: Neighbour,
): Promise<Work> {
  if (!mayBeChanged(copies, own)) return {};
  const { disk } = copies;
  try {
    if (disk.kind !== 'behind') return { touch: await hub.copies.uncommitted(worktree.path, path) };
    const inTheWay = await hub.copies.uncommitted(worktree.path, disk.at);
    return { touch: inTheWay === undefined ? undefined : 'added' };
  } catch (error) {
    return { why: whyOf(error) };
  }
}

/** What the commits of neighbours do at the path that are neither in their base nor here. */
export async function committedWork(
  hub: Hub,
  here: Here,
  neighbours: readonly Neighbour[],
): Promise<ReadonlyMap<Neighbour, Work>> {
  const differing = neighbours.filter(({ copies }) => !isOurs(copies.head, here.own));
  if (differing.length === 0) return new Map();
  try {
    const work = await workAgainstBases(hub, here, differing);
    const touching = differing.filter((each) => work.get(each)?.touch !== undefined);
    return new Map([...work, ...(await workSinceParting(hub, here, touching))]);
  } catch (error) {
    const why = whyOf(error);
    return new Map(differing.map((each) => [each, { why }]));
  }
}

async function workAgainstBases(
  hub: Hub,
  { worktree, worktrees, path }: Here,
  neighbours: readonly Neighbour[],
): Promise<ReadonlyMap<Neighbour, Work>> {
  const refs = await hub.git.refs(['refs/heads', 'refs/remotes/origin/HEAD']);
  // What is on the base itself is there for everybody.
  const shared = [defaultBranch(refs), baseOf(worktree, refs)?.branch];
  const work = new Map<Neighbour, Work>();
  const open: { neighbour: Neighbour; base: Sha; tip: Sha }[] = [];
  for (const neighbour of neighbours) {
    const { branch, unreadable } = neighbour.worktree;
    const base = unreadable === undefined ? baseOf(neighbour.worktree, refs) : undefined;
    if (base !== undefined) open.push({ neighbour, base: base.sha, tip: neighbour.head });
    else work.set(neighbour, branch !== undefined && shared.includes(branch) ? {} : { touch: 'modified' });
  }
  const known = { worktrees, trees: new Map(refs.map(({ sha, tree }) => [sha, tree])) };
  const judged = await judgeRemembered(hub, open, known);
  for (const [index, { neighbour }] of open.entries()) {
    const answer = judged[index];
    if (answer !== undefined) work.set(neighbour, workOf(path, answer));
  }
  return work;
}

const noHistory = 'git could not read the history between them';

function workOf(path: string, { divergence, integration, changed }: Judged): Work {
  if (integration.kind === 'yes') return {};
  if (divergence === undefined) return { why: noHistory };
  // Without a common past everything in it is its own.
  return { touch: changed === undefined ? 'modified' : touchAt(path, changed) };
}

/** The same since each parted from here: a worktree may stand on the work of another. */
async function workSinceParting(
  hub: Hub,
  { worktree: { head }, path }: Here,
  neighbours: readonly Neighbour[],
): Promise<ReadonlyMap<Neighbour, Work>> {
  if (head === undefined || neighbours.length === 0) return new Map();
  const pairs = neighbours.map((each) => ({ base: head, tip: each.head }));
  const divergences = await hub.git.divergence(pairs);
  const bases = divergences.map((divergence) => divergence?.mergeBases[0]);
  const changes = await hub.git.changedPaths(
    bases.flatMap((since, index) =>
      since === undefined ? [] : [{ commit: neighbours[index]?.head as Sha, since }],
    ),
  );
  const answers = changes[Symbol.iterator]();
  return new Map(
    neighbours.map((each, index): [Neighbour, Work] => {
      const since = bases[index];
      if (divergences[index] === undefined) return [each, { why: noHistory }];
      if (since === undefined) return [each, { touch: 'modified' }];
      return [each, { touch: touchAt(path, answers.next().value as readonly PathChange[]), since }];
    }),
  );
}

/** The message of a failure that only one worktree has; throws what is none. */
export function whyOf(error: unknown): string {
  if (!isFailure(error) || error.kind === 'interrupted') throw error;
  return error.message;
}
