import * as z from 'zod';
import { Id } from './answers/common.ts';
import type { MergeProbe } from './merge-probe.ts';
import type { PathChange } from './path-change.ts';
import type { Sha } from './sha.ts';
import type { Warning } from './warning.ts';

/**
 * How a merge commit left a path, against what git's own merge of its parents has: `reverted` is a file that both
 * sides had a part in and that is one side's alone, `moved` one that is elsewhere as it was.
 */
export const OutsideChange = z.object({
  path: z.string(),
  change: z.enum(['changed', 'added', 'deleted', 'reverted', 'moved']),
});
export type OutsideChange = z.infer<typeof OutsideChange>;

/** What the merge commits of a branch changed outside of their conflicts; empty for an honest merge. */
export const MergeAudit = z.object({
  merges: z.array(
    z.object({ commit: Id, subject: z.string(), parents: z.array(Id), outside: z.array(OutsideChange) }),
  ),
  unaudited: z.array(z.object({ commit: Id, subject: z.string(), why: z.string() })),
});
export type MergeAudit = z.infer<typeof MergeAudit>;

/** A merge commit as it is in the history. */
export type MergeCommit = {
  readonly commit: Sha;
  readonly parents: readonly Sha[];
  readonly tree: Sha;
  readonly subject: string;
};

/** A path outside of the conflicts, with what git's own merge has there: mode and id. */
export type OutsideRecord = OutsideChange & { readonly expected: string };

/** What differs between git's own merge and the commit, without the paths that were in conflict. */
export function outsideOf(changes: readonly PathChange[], probe: MergeProbe): readonly PathChange[] {
  if (probe.kind !== 'conflicts') return changes;
  const { stages = [], records = [] } = probe.merged ?? {};
  const unmerged = new Set([...stages, ...probe.conflicts].map(({ path }) => path));
  const named = new Set([...unmerged, ...records.flatMap(({ paths }) => paths)]);
  return changes.filter(({ path }) => {
    if (named.has(path)) return false;
    // A file against a folder: whoever keeps the file removes what is below, and git calls the file `p~HEAD`.
    return !foldersOf(path).some((folder) => unmerged.has(folder)) && !unmerged.has(withoutSide(path));
  });
}

const withoutSide = (path: string): string => path.replace(/~[^/]+$/, '');

function foldersOf(path: string): string[] {
  const all: string[] = [];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) all.push(path.slice(0, at));
  return all;
}

/**
 * Names each change. `oneSided` are the paths that are as one of the parents has them. What was removed here and is
 * elsewhere with the same content was moved: nothing is lost.
 */
export function describeOutside(
  outside: readonly PathChange[],
  all: readonly PathChange[],
  oneSided: ReadonlySet<string>,
): OutsideRecord[] {
  const added = all.filter(({ status }) => status === 'A').map(({ raw }) => sidesOf(raw).after);
  return outside.map(({ path, status, raw }) => {
    const { before } = sidesOf(raw);
    const described = (change: OutsideChange['change']) => ({ path, change, expected: before });
    if (status === 'A') return described('added');
    if (status !== 'D') return described(oneSided.has(path) ? 'reverted' : 'changed');
    const at = isEmpty(before) ? -1 : added.indexOf(before);
    if (at === -1) return described('deleted');
    added.splice(at, 1);
    return described('moved');
  });
}

/** Mode and id of both sides of `:<mode> <mode> <id> <id> <letter>`. */
const sidesOf = (raw: string): { readonly before: string; readonly after: string } => {
  const [before = '', after = '', from = '', to = ''] = raw.slice(1).split(' ');
  return { before: `${before} ${from}`, after: `${after} ${to}` };
};

// Files without content are many and look alike.
const isEmpty = (content: string): boolean =>
  /(?:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391|473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813)$/.test(
    content,
  );

/** Whether a change takes away what one side had: it lands only when that is meant. */
export const isLoss = ({ change }: OutsideChange): boolean => change === 'deleted' || change === 'reverted';

/** Whether what a merge took away is there again; `since` are the changes from the merge to the tip. */
export function isRepaired(record: OutsideRecord, since: readonly PathChange[]): boolean {
  const found = since.find(({ path }) => path === record.path);
  if (found === undefined || found.status === 'D') return false;
  return record.change === 'deleted' || sidesOf(found.raw).after === record.expected;
}

/** What the merges took away outside of their conflicts, in the order of the merges. */
export const lossesOf = ({ merges }: MergeAudit): readonly { commit: string; path: string }[] =>
  merges.flatMap(({ commit, outside }) => outside.filter(isLoss).map(({ path }) => ({ commit, path })));

/** What people should know of an audit that stops nothing: other changes, and merges that could not be audited. */
export const auditWarnings = ({ merges, unaudited }: MergeAudit): Warning[] => [
  ...merges.flatMap(({ commit, subject, outside }) => {
    const others = outside.filter((change) => !isLoss(change)).map(({ path }) => path);
    const named = `${others.slice(0, 5).join(', ')}${others.length > 5 ? ` and ${others.length - 5} more` : ''}`;
    const message = `the merge ${commit.slice(0, 10)} (${subject}) changed what was not in conflict: ${named}`;
    return others.length === 0 ? [] : [{ code: 'changed_outside_conflicts', message }];
  }),
  ...unaudited.map(({ commit, subject, why }) => ({
    code: 'merge_not_audited',
    message: `whether the merge ${commit.slice(0, 10)} (${subject}) changed more than its conflicts is not known: ${why}`,
  })),
];
