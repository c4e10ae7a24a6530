import type { Base } from '../domain/base.ts';
import { type Changes, isDirty } from '../domain/changes.ts';
import { isFailure } from '../domain/failure.ts';
import type { MergeProbe } from '../domain/merge-probe.ts';
import { type Overlap, overlaps } from '../domain/overlaps.ts';
import type { PathChange } from '../domain/path-change.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import type { Judged } from './integration.ts';
import type { WorkSide } from './ports/git.ts';
import type { Hub } from './ports.ts';
import { probeRemembered } from './remembered.ts';

/** A worktree as it is compared with the others. */
export type Side = {
  readonly worktree: Worktree;
  readonly base: Base | undefined;
  readonly judged: Judged | undefined;
};

/** What is not committed in each worktree, by its path. */
export type Uncommitted = ReadonlyMap<string, Changes>;

type Busy = {
  readonly worktree: Worktree;
  readonly base: Base;
  readonly head: Sha;
  readonly committed: readonly PathChange[];
};

// Beyond these a pair is not tried: that both change a file is said all the same.
const mostPairs = 400;
const mostSnapshots = 8;

/**
 * The pairs of worktrees that would collide, as warnings for the paths of both. Pairs that change the same files are
 * merged in memory: their commits while `uncommitted` is still being found out, then what is not committed.
 */
export async function collisions(
  hub: Hub,
  sides: readonly Side[],
  uncommitted: Promise<Uncommitted>,
): Promise<ReadonlyMap<string, readonly Warning[]>> {
  const busy = sides.flatMap(({ worktree, base, judged }): Busy[] => {
    const { head } = worktree;
    if (base === undefined || head === undefined) return [];
    const committed = judged?.integration.kind === 'yes' ? [] : (judged?.changed ?? []);
    return [{ worktree, base, head, committed }];
  });
  const meet = (changes: Uncommitted | undefined) =>
    overlaps(
      busy.map(({ committed, worktree }) => ({
        committed,
        uncommitted: changes?.get(worktree.path)?.paths ?? [],
      })),
    );
  const checkouts = sides.map(({ worktree }) => worktree);
  const inHeads = await tryHeads(hub, checkouts, busy, meet(undefined));
  const changes = await uncommitted;
  const { differing, all } = await stillDiffering(hub, busy, meet(changes));
  const inWork = await tryWork(hub, checkouts, busy, differing, changes);

  const warnings = new Map<string, Warning[]>();
  for (const overlap of all) {
    const [one, other] = [busy[overlap.a]?.worktree, busy[overlap.b]?.worktree];
    if (one === undefined || other === undefined) continue;
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      const warning = differing.includes(overlap)
        ? warningOf(overlap, inWork.get(keyOf(overlap)), there, ', counting what is not committed')
        : warningOf(overlap, inHeads.get(keyOf(overlap)), there, '');
      if (warning !== undefined) warnings.set(here.path, [...(warnings.get(here.path) ?? []), warning]);
    }
  }
  return warnings;
}

const keyOf = ({ a, b }: Overlap) => `${a} ${b}`;

function warningOf(
  { committed, uncommitted }: Overlap,
  probe: MergeProbe | undefined,
  other: Worktree,
  how: string,
): Warning | undefined {
  const name = other.branch ?? worktreeName(other);
  if (probe?.kind === 'conflicts') {
    const where = listed(probe.conflicts.map(({ path }) => path));
    return { code: 'conflicts_with_worktree', message: `conflicts with ${name} in ${where}${how}` };
  }
  if (probe === undefined || probe.kind === 'unknown') {
    const where = listed([...new Set([...committed, ...uncommitted])].sort());
    const why = probe === undefined ? '' : `; whether they conflict is not known: ${probe.why}`;
    return { code: 'edits_same_files', message: `${name} changes ${where} too${why}` };
  }
  return undefined;
}

const listed = (paths: readonly string[]): string =>
  paths.length > 3 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ');

/** Leaves out the files that hold the same on both sides, and the pairs that have nothing else in common. */
async function stillDiffering(hub: Hub, busy: readonly Busy[], meeting: readonly Overlap[]) {
  const digests = new Map<string, Promise<string | undefined>>();
  const digest = (of: number, path: string) => {
    const file = `${busy[of]?.worktree.path}/${path}`;
    const found = digests.get(file) ?? hub.folders.digest(file);
    digests.set(file, found);
    return found;
  };
  const all = await Promise.all(
    meeting.map(async (overlap): Promise<Overlap> => {
      const isSame = await Promise.all(
        overlap.uncommitted.map(async (path) => {
          const [here, there] = await Promise.all([digest(overlap.a, path), digest(overlap.b, path)]);
          return here !== undefined && here === there;
        }),
      );
      return { ...overlap, uncommitted: overlap.uncommitted.filter((_, index) => !isSame[index]) };
    }),
  );
  return {
    all: all.filter(({ committed, uncommitted }) => committed.length + uncommitted.length > 0),
    differing: all.filter(({ uncommitted }) => uncommitted.length > 0),
  };
}

/** What merging the commits of the pairs gives, by their key. */
async function tryHeads(
  hub: Hub,
  checkouts: readonly Worktree[],
  busy: readonly Busy[],
  meeting: readonly Overlap[],
): Promise<ReadonlyMap<string, MergeProbe>> {
  const head = (of: number) => (busy[of] as Busy).head;
  return eachBase(checkouts, busy, meeting.slice(0, mostPairs), (mine, attributes) =>
    probeRemembered(
      hub,
      mine.map(({ a, b }) => ({ ours: head(a), theirs: head(b) })),
      attributes,
    ),
  );
}

/** The same with everything that is in the worktrees, for as many of them as is reasonable. */
async function tryWork(
  hub: Hub,
  checkouts: readonly Worktree[],
  busy: readonly Busy[],
  meeting: readonly Overlap[],
  changes: Uncommitted,
): Promise<ReadonlyMap<string, MergeProbe>> {
  const dirty = (of: number) => {
    const found = changes.get(busy[of]?.worktree.path ?? '');
    return found !== undefined && isDirty(found);
  };
  const snapshots = new Set<number>();
  const wanted = meeting.slice(0, mostPairs).filter(({ a, b }) => {
    const needed = [a, b].filter((of) => dirty(of) && !snapshots.has(of));
    if (snapshots.size + needed.length > mostSnapshots) return false;
    for (const of of needed) snapshots.add(of);
    return true;
  });
  const side = (of: number): WorkSide => {
    const { head, worktree } = busy[of] as Busy;
    return {
      head,
      work: dirty(of) ? { worktree, paths: changes.get(worktree.path)?.paths ?? [] } : undefined,
    };
  };
  return eachBase(checkouts, busy, wanted, async (mine, attributes) => {
    try {
      return await hub.git.probeWork(
        mine.map(({ a, b }) => ({ ours: side(a), theirs: side(b) })),
        attributes,
      );
    } catch (error) {
      if (!isFailure(error) || error.kind === 'interrupted') throw error;
      return mine.map(() => ({ kind: 'unknown', why: error.message }));
    }
  });
}

/** Probes the pairs of each base together: its checkout's attributes govern them. */
async function eachBase(
  checkouts: readonly Worktree[],
  busy: readonly Busy[],
  meeting: readonly Overlap[],
  probe: (
    mine: readonly Overlap[],
    attributes: { readonly commit: Sha; readonly checkout: Worktree | undefined },
  ) => Promise<readonly MergeProbe[]>,
): Promise<ReadonlyMap<string, MergeProbe>> {
  const baseOf = ({ a }: Overlap) => busy[a]?.base.sha;
  const results = new Map<string, MergeProbe>();
  await Promise.all(
    [...new Set(meeting.map(baseOf))].map(async (commit) => {
      if (commit === undefined) return;
      const mine = meeting.filter((overlap) => baseOf(overlap) === commit);
      const checkout = checkouts.find(({ head, prunable }) => head === commit && prunable === undefined);
      const probes = await probe(mine, { commit, checkout });
      for (const [index, overlap] of mine.entries()) {
        const found = probes[index];
        if (found !== undefined) results.set(keyOf(overlap), found);
      }
    }),
  );
  return results;
}
