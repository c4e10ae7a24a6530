import * as z from 'zod';

/**
 * What a work tree looked like at one moment: where HEAD stood, and for each path that `git status` names a
 * token of its state (status letters and content), equal only when nothing about it changed.
 */
export const Fingerprint = z.object({
  head: z.string().nullable(),
  /** `null` when HEAD is detached. */
  branch: z.string().nullable(),
  entries: z.record(z.string(), z.string()),
});
export type Fingerprint = z.infer<typeof Fingerprint>;

/** A fingerprint, or why none could be taken: then nothing may be concluded. */
export const Taken = z.union([z.object({ fingerprint: Fingerprint }), z.object({ fault: z.string() })]);
export type Taken = z.infer<typeof Taken>;

/** `start.json` in a run's folder: its own worktree and the other checkouts just before claude started. */
export const Snapshot = z.object({
  version: z.literal(1),
  own: Taken,
  others: z.array(
    z.object({
      path: z.string(),
      /** By which a worktree that took the place of a removed one is told from it. */
      mark: z.string().optional(),
      taken: Taken,
    }),
  ),
});
export type Snapshot = z.infer<typeof Snapshot>;

/**
 * The paths whose state differs between two moments, sorted. `moved` are the paths that differ between the two
 * HEADs: a landing, a commit or a checkout changed those, so they say nothing about an agent.
 */
export function changedPaths(
  start: Fingerprint,
  end: Fingerprint,
  moved: ReadonlySet<string> = new Set(),
): string[] {
  const paths = new Set([...Object.keys(start.entries), ...Object.keys(end.entries)]);
  return [...paths].filter((path) => start.entries[path] !== end.entries[path] && !moved.has(path)).sort();
}

/** Whether anything happened in a work tree that git would notice: HEAD moved, or a path changed. */
export const isChanged = (start: Fingerprint, end: Fingerprint): boolean =>
  start.head !== end.head || changedPaths(start, end).length > 0;

/** Whether the work tree held uncommitted changes at that moment. */
export const isDirtyAt = ({ entries }: Fingerprint): boolean => Object.keys(entries).length > 0;

/** A path of another checkout that changed, and when its file last did, in epoch milliseconds: `undefined` if unknown. */
export type OutsideChange = {
  readonly path: string;
  readonly worktree: string;
  readonly at: number | undefined;
};

/** When a run was at work, in epoch milliseconds; `until` is `undefined` while it still is. */
export type Interval = { readonly from: number; readonly until: number | undefined };

/** Another run of the repository at the same time. */
export type OverlappingRun = Interval & { readonly dispatchId: string; readonly worktree: string };

/** What changed outside of a run's worktree: all of it, and what another run may have done as well. */
export type Attribution = {
  readonly leaks: readonly Omit<OutsideChange, 'at'>[];
  readonly shared: readonly { readonly leak: Omit<OutsideChange, 'at'>; readonly with: readonly string[] }[];
};

/** File systems and clocks are not that exact. */
const slackMs = 1_000;
/** claude may be silent for so long, in a tool, before the end that nobody saw. */
const silenceMs = 10 * 60_000;

const couldBe = ({ from, until }: Interval, at: number): boolean =>
  at >= from - slackMs && (until === undefined || at <= until + slackMs);

/**
 * Attributes changes by the time at which files last changed: what happened in a checkout while a run of its own was
 * at work is that run's; what other runs could have done too is named with them; what came long after the end is
 * nobody's here. A person's own edits cannot be told from an agent's. A file that is gone, or older than the run
 * (git only staged it), tells nothing: then everybody could have done it who was there at any time.
 */
export function attribute(
  changes: readonly OutsideChange[],
  run: Interval,
  others: readonly OverlappingRun[],
): Attribution {
  const until = run.until === undefined ? undefined : run.until + silenceMs;
  const there = others.filter(({ from }) => until === undefined || from <= until);
  const leaks: Omit<OutsideChange, 'at'>[] = [];
  const shared: Attribution['shared'][number][] = [];
  for (const { path, worktree, at } of changes) {
    if (at !== undefined && until !== undefined && at > until) continue;
    const isTold = at !== undefined && at >= run.from - slackMs;
    const able = isTold ? there.filter((other) => couldBe(other, at)) : there;
    if (able.some((other) => other.worktree === worktree)) continue;
    const leak = { path, worktree };
    leaks.push(leak);
    if (able.length > 0) shared.push({ leak, with: able.map(({ dispatchId }) => dispatchId) });
  }
  return { leaks, shared };
}
