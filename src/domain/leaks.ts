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
  others: z.array(z.object({ path: z.string(), taken: Taken })),
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
