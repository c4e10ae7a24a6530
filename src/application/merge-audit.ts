import {
  isLoss,
  isRepaired,
  type MergeAudit,
  type MergeCommit,
  type OutsideRecord,
} from '../domain/merge-audit.ts';
import type { Sha } from '../domain/sha.ts';
import type { ComparedMerge } from './ports/git.ts';
import type { Hub } from './ports.ts';

export type AuditRange = {
  readonly tip: Sha;
  /** What these reach is left out: the target of a landing, the base of a branch. */
  readonly since: readonly Sha[];
  /** Takes what was found before: for commands that only look. */
  readonly remembered?: boolean;
};

/**
 * Compares every merge commit of a range with what git makes of its parents, and names the paths that differ outside
 * of the conflicts, whoever made it. What a merge took away and the tip has again is not named.
 */
export async function auditMerges(
  hub: Pick<Hub, 'git' | 'memory'>,
  { tip, since, remembered = false }: AuditRange,
): Promise<MergeAudit> {
  const merges = await hub.git.merges({ tip, since });
  const pairs = merges.filter(({ parents }) => parents.length === 2);
  const compared = await compare(hub, pairs, remembered);
  const found = new Map(pairs.map(({ commit }, at) => [commit, compared[at]]));
  const audit: { merges: MergeAudit['merges']; unaudited: MergeAudit['unaudited'] } = {
    merges: [],
    unaudited: [],
  };
  for (const merge of merges) {
    const { commit, subject, parents } = merge;
    const result = found.get(commit);
    if (result?.kind === 'compared') {
      const outside = await stillOutside(hub, tip, merge, result.outside);
      audit.merges.push({ commit, subject, parents: [...parents], outside });
    } else {
      const why = result?.why ?? `it has ${parents.length} parents`;
      audit.unaudited.push({ commit, subject, why });
    }
  }
  return audit;
}

/** Without what was put back since. */
async function stillOutside(
  hub: Pick<Hub, 'git'>,
  tip: Sha,
  { commit }: MergeCommit,
  outside: readonly OutsideRecord[],
): Promise<MergeAudit['merges'][number]['outside']> {
  const [since = []] =
    tip !== commit && outside.some(isLoss)
      ? await hub.git.changedPaths([{ commit: tip, since: commit }])
      : [];
  return outside
    .filter((record) => !(isLoss(record) && isRepaired(record, since)))
    .map(({ path, change }) => ({ path, change }));
}

async function compare(
  { git, memory }: Pick<Hub, 'git' | 'memory'>,
  merges: readonly MergeCommit[],
  remembered: boolean,
): Promise<readonly ComparedMerge[]> {
  if (!remembered) return git.compareMerges(merges);
  const keys = await Promise.all(
    merges.map(async ({ commit, parents: [first = commit] }) => {
      const place = await memory.circumstances({ commit: first, checkout: undefined });
      return place === undefined ? undefined : `audited ${commit} ${place}`;
    }),
  );
  const recalled = await memory.recall(keys.map((key) => key ?? ''));
  const missing = [...merges.keys()].filter((at) => recalled[at] === undefined);
  const fresh = await git.compareMerges(missing.map((at) => merges[at] as MergeCommit));
  const answers = new Map(missing.map((at, index) => [at, fresh[index] as ComparedMerge]));
  await memory.keep(
    [...answers].flatMap(([at, answer]) => {
      const key = keys[at];
      return key === undefined || !isLasting(answer) ? [] : [[key, answer] as const];
    }),
  );
  return merges.map((_, at) => answers.get(at) ?? (recalled[at] as ComparedMerge));
}

// A merge that differs in so much is seldom, and compared anew each time.
const mostPaths = 500;
const isLasting = (answer: ComparedMerge): boolean =>
  answer.kind === 'compared' && answer.outside.length <= mostPaths;
