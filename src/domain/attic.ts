import * as z from 'zod';
import type { Sha } from './sha.ts';
import type { TrashEntry } from './trash.ts';

export const atticPrefix = 'refs/wt/attic/';

/**
 * The ref that keeps what an expired worktree held: `refs/wt/attic/<branch>/<time of its removal>`. Its tree is the
 * work tree; its parents are HEAD and a commit of the index, as a stash has them, and behind that one is the rest.
 */
export type AtticRef = {
  readonly ref: string;
  readonly commit: Sha;
  /** `undefined` where HEAD was detached. */
  readonly branch: string | undefined;
  /** When the worktree was removed. */
  readonly removedAt: Date | undefined;
  /** Where the worktree was. */
  readonly path: string | undefined;
  /** The commit that was checked out; `undefined` where there was none. */
  readonly head: Sha | undefined;
};

/** `20261121T103000Z` (ISO 8601, basic form). */
export const basicTime = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, '');

export function parseBasicTime(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

const detached = 'detached-';

/** The ref of an entry; `turn` counts the seconds by which it gives way to another of the same name. */
export function atticRefOf({ id, branch, removed_at }: TrashEntry, turn = 0): string {
  const at = new Date(Date.parse(removed_at) + turn * 1000);
  return `${atticPrefix}${branch ?? `${detached}${id}`}/${basicTime(at)}`;
}

/** Branch and time in the name of an attic ref. */
export function readAtticRef(ref: string): Pick<AtticRef, 'branch' | 'removedAt'> {
  const name = ref.slice(atticPrefix.length);
  const slash = name.lastIndexOf('/');
  const branch = name.slice(0, slash);
  return {
    branch: slash === -1 || branch.startsWith(`${detached}trash-`) ? undefined : branch,
    removedAt: parseBasicTime(name.slice(slash + 1)),
  };
}

/** `trash/<id>/survey.json`: what looking at every file of an entry found. */
export const Survey = z.object({
  version: z.literal(1),
  surveyed_at: z.string(),
  /** What its files take on the disk, in bytes. */
  size: z.int().nonnegative(),
  /** What refs cannot hold, or what keeps it from being deleted; such an entry does not expire. */
  held: z.object({ what: z.string(), hint: z.string().optional() }).nullable(),
});
export type Survey = z.infer<typeof Survey>;

/** The commands that bring back what an attic ref holds. */
export function revivalOf(
  { ref, branch, head, path }: AtticRef,
  options: { readonly branchTip: Sha | undefined; readonly quote: (word: string) => string },
): readonly string[] {
  const { quote, branchTip } = options;
  const place = quote(path ?? '../restored');
  const start = head === undefined ? quote(ref) : `${quote(ref)}^1`;
  const name = branch === undefined || branchTip !== undefined ? '--detach' : `-b ${quote(branch)}`;
  const isOnBranch = branch !== undefined && branchTip !== undefined && branchTip === head;
  return [
    isOnBranch ? `git worktree add ${place} ${quote(branch)}` : `git worktree add ${name} ${place} ${start}`,
    ...(head === undefined ? [] : [`git -C ${place} restore --source=${quote(ref)} -- .`]),
  ];
}
