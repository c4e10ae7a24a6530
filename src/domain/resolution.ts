import type { Conflict } from './conflict.ts';
import type { ConflictPolicy } from './conflict-policy.ts';
import type { ConflictedMerge, MergeStage } from './merge-probe.ts';

/** A conflict between lines of plain files, which a union of them or a merge of table rows may resolve. */
export type UnionCandidate = {
  readonly path: string;
  readonly by: 'union' | 'rows';
  readonly mode: string;
  /** Ids of the versions; `undefined` where both sides added the file. */
  readonly base: string | undefined;
  readonly ours: string;
  readonly theirs: string;
};

/** A conflict that a person has to look at, and why, where there is more to say than its kind. */
export type Escalation = { readonly path: string; readonly why: string | undefined };

/** The conflicts that the policy and their shape let be resolved, and the others. */
export function unionCandidates(
  conflicts: readonly Conflict[],
  { stages, records }: ConflictedMerge,
  policy: ConflictPolicy,
): { readonly candidates: readonly UnionCandidate[]; readonly escalations: readonly Escalation[] } {
  const candidates: UnionCandidate[] = [];
  const escalations: Escalation[] = [];
  for (const conflict of conflicts) {
    const { path } = conflict;
    const rule = policy(conflict);
    const escalate = (why: string | undefined) => escalations.push({ path, why });
    if (rule.kind === 'escalate') {
      escalate(rule.why);
      continue;
    }
    const types = records.filter(({ paths }) => paths.includes(path)).map(({ type }) => type);
    const candidate = candidateOf(
      { path, by: rule.kind },
      stages.filter((stage) => stage.path === path),
    );
    if (types.some((type) => !ofLines.has(type))) escalate('more than its lines is in conflict');
    else if (candidate === undefined) escalate('its sides are not the same kind of file');
    else if (isNotText(path)) escalate('its name is not UTF-8');
    else candidates.push(candidate);
  }
  return { candidates, escalations };
}

const ofLines: ReadonlySet<string> = new Set(['contents', 'content', 'add/add']);

/** Bytes that are not UTF-8 are given as `\xNN`, from which git would not know the name. */
const isNotText = (path: string): boolean => /\\x[0-9A-F]{2}/.test(path);

function candidateOf(
  what: Pick<UnionCandidate, 'path' | 'by'>,
  stages: readonly MergeStage[],
): UnionCandidate | undefined {
  const side = (number: number) => stages.filter(({ stage }) => stage === number);
  const [[base, ...b], [ours, ...o], [theirs, ...t]] = [side(1), side(2), side(3)];
  if (ours === undefined || theirs === undefined || b.length + o.length + t.length > 0) return undefined;
  const { mode } = ours;
  if (!/^100(?:644|755)$/.test(mode) || stages.some((stage) => stage.mode !== mode)) return undefined;
  return { ...what, mode, base: base?.id, ours: ours.id, theirs: theirs.id };
}

/** Whether nothing of a merge is left to a person once these paths are resolved. */
export const isWhole = (
  { stages, records }: ConflictedMerge,
  conflicts: readonly Conflict[],
  resolved: ReadonlySet<string>,
): boolean =>
  [...conflicts, ...stages].every(({ path }) => resolved.has(path)) &&
  records.every(({ type, paths }) => ofLines.has(type) && paths.every((path) => resolved.has(path)));
