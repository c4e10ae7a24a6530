import { type Base, baseOf } from '../../domain/base.ts';
import type { Changes } from '../../domain/changes.ts';
import type { RefFacts } from '../../domain/ref-facts.ts';
import type { Session } from '../../domain/session.ts';
import type { Sha } from '../../domain/sha.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { collisions } from '../collisions.ts';
import { openGate } from '../gate.ts';
import type { Judged, Known } from '../integration.ts';
import { type JudgedWorktree, judgeUpstream, openUpstreams } from '../landed-elsewhere.ts';
import type { Traces } from '../ports/git.ts';
import type { Hub } from '../ports.ts';
import { judgeRemembered } from '../remembered.ts';
import { commitDates } from './dates.ts';
import { type Look, look } from './look.ts';
import { type Operations, openOperations } from './operations.ts';
import { type NewestRun, newestRuns } from './runs.ts';

export type OverviewOptions = {
  readonly worktrees: readonly Worktree[];
  /** Those that the caller wants to see; all when left out. */
  readonly wanted?: readonly Worktree[];
  /** Whether worktrees are compared with each other too, and the sessions of others looked for. */
  readonly neighbours: boolean;
};

/** What was read for an overview, by the paths of the worktrees where it is of one of them. */
export type Gathered = {
  readonly bases: ReadonlyMap<string, Base | undefined>;
  readonly judged: ReadonlyMap<string, Judged | undefined>;
  /** The same against the upstream of the base, where the base itself does not have the work. */
  readonly upstream: ReadonlyMap<string, Judged>;
  readonly looks: ReadonlyMap<string, Look>;
  readonly traces: ReadonlyMap<string, Traces>;
  readonly dates: ReadonlyMap<Sha, Date>;
  readonly runOf: (worktree: Worktree) => NewestRun;
  readonly operations: Operations;
  /** `undefined` where it cannot be told, or was not asked for. */
  readonly sessions: ReadonlyMap<string, readonly Session[]> | undefined;
  readonly colliding: ReadonlyMap<string, readonly Warning[]>;
};

// More at once gain nothing: a status is bound by the processor.
const statusesAtOnce = 4;

/** Reads everything: as many git processes as there are worktrees, and about five for the rest. */
export async function gather(hub: Hub, options: OverviewOptions): Promise<Gathered> {
  const { worktrees, wanted = worktrees, neighbours } = options;
  const gate = openGate(statusesAtOnce);
  const soon = byPath(
    wanted,
    wanted.map((worktree) => look(hub, gate, worktree)),
  );
  soon.catch(() => {}); // reported where it is awaited
  const traces = await byPath(
    wanted,
    wanted.map(({ gitDir }) => (gitDir === undefined ? nothingKnown : hub.git.traces(gitDir))),
  );
  const refs = await hub.git.refs(['refs/heads', 'refs/remotes/origin/HEAD']);
  const compared = neighbours ? worktrees : wanted;
  const bases = new Map(compared.map((worktree) => [worktree.path, baseFor(worktree, refs)]));
  const pairs = compared.flatMap(({ path, head }) => {
    const base = bases.get(path);
    return base === undefined || head === undefined ? [] : [{ path, base: base.sha, tip: head }];
  });
  const known = { worktrees, trees: new Map(refs.map(({ sha, tree }) => [sha, tree])) };
  const [runOf, operations, dates, answers, sessions] = await Promise.all([
    newestRuns(hub, wanted),
    openOperations(hub),
    commitDates(hub, wanted, refs),
    judgeRemembered(hub, pairs, known),
    neighbours ? hub.sessions.here(worktrees) : undefined,
  ]);
  const judged = new Map(pairs.map(({ path }, index) => [path, answers[index]]));
  const sides = worktrees.map((worktree) => ({
    worktree,
    base: bases.get(worktree.path),
    judged: judged.get(worktree.path),
  }));
  const uncommitted = soon.then((looks) => {
    const entries = [...looks].map(([path, { changes }]) => [path, changes] as const);
    return new Map(entries.filter((entry): entry is [string, Changes] => entry[1] !== undefined));
  });
  const [colliding, upstream] = await Promise.all([
    neighbours ? collisions(hub, sides, uncommitted) : new Map<string, readonly Warning[]>(),
    judgeUpstreams(hub, sides, refs, known),
  ]);
  const looks = await soon;
  return { bases, judged, upstream, looks, traces, dates, runOf, operations, sessions, colliding };
}

/** By path; one process more where a base has an upstream, and nothing but that once the answers are remembered. */
async function judgeUpstreams(
  hub: Hub,
  sides: readonly JudgedWorktree[],
  refs: readonly RefFacts[],
  known: Known,
): Promise<ReadonlyMap<string, Judged>> {
  const names = openUpstreams(sides, refs);
  if (names.length === 0) return new Map();
  const all = [...refs, ...(await hub.git.refs(names))];
  const found = await judgeUpstream(sides, all, (pairs) => judgeRemembered(hub, pairs, known));
  return new Map([...found].map(([index, judged]) => [sides[index]?.worktree.path ?? '', judged]));
}

export const nothingKnown: Traces = { madeAt: undefined, touchedAt: undefined };

async function byPath<T>(
  worktrees: readonly Worktree[],
  values: readonly (T | Promise<T>)[],
): Promise<ReadonlyMap<string, T>> {
  const all = await Promise.all(values);
  return new Map(worktrees.map(({ path }, index) => [path, all[index] as T]));
}

const baseFor = (worktree: Worktree, refs: readonly RefFacts[]): Base | undefined =>
  worktree.unreadable === undefined ? baseOf(worktree, refs) : undefined;
