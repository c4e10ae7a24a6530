import type { MergeAnswer } from '../domain/answers/merge.ts';
import type { Conflict, ConflictKind } from '../domain/conflict.ts';
import { visibleText } from '../domain/plain-text.ts';
import { quote } from '../domain/shell.ts';
import { paint } from './paint.ts';

/** The warning that carries how far a target is ahead of its upstream; people read it as the last line. */
export const aheadOfUpstream = 'ahead_of_upstream';

type Sides = { readonly target: string; readonly branch: string };

/** How two sides collide in a path, for people. */
export const inWords: Record<ConflictKind, (sides: Sides) => string> = {
  content: () => 'both changed the same lines',
  add_add: () => 'both added it',
  modify_delete: ({ target, branch }) => `${target} changed it, ${branch} deleted it`,
  delete_modify: ({ target, branch }) => `${target} deleted it, ${branch} changed it`,
  rename: () => 'renamed on one side, renamed otherwise or deleted on the other',
  location: () => 'two different things in one place',
  mode: () => 'both added it, with different permissions',
  submodule: () => 'both moved the submodule',
  binary: () => 'both changed the binary file',
};

/** How two sides collide, for people. */
export const conflictInWords = (kind: ConflictKind, sides: Sides): string => inWords[kind](sides);

const skippedFor: Readonly<Record<string, string>> = {
  no_dispatch: 'no dispatch was made in it; name it to land it',
  not_complete: 'its last dispatch did not complete with work',
  dirty: 'it has uncommitted changes',
  running: 'a dispatch is running in it',
  nothing_ahead: 'it has nothing that is to land',
  locked: 'it is locked',
  occupied: 'somebody is at work in it',
};

const ways: Record<NonNullable<MergeAnswer['strategy']>, string> = {
  'fast-forward': 'by fast-forward',
  merge: 'with a merge commit',
  squash: 'as one commit',
  rebase: 'rebased',
};

const short = (id: string | null) => id?.slice(0, 10) ?? '';

/** The answers of `merge` for people: what landed where, what conflicts and how, and what to type next. */
export function mergeView(answers: readonly MergeAnswer[], { color }: { readonly color: boolean }): string {
  const lines = answers
    .filter(({ status }) => status !== null)
    .flatMap((answer) => [...linesOf(answer, color), ...turnLine(answer, color)]);
  const last = answers.flatMap(({ warnings }) => warnings.filter(({ code }) => code === aheadOfUpstream));
  return [...lines, ...last.map(({ message }) => message)].join('\n');
}

const turnLine = ({ order, order_reason: why }: MergeAnswer, color: boolean): string[] =>
  order === null || why === null ? [] : [paint(`  turn ${order}: it ${why}`, 'dim', color)];

/** One line per path: how the two sides collide there. */
export const conflictLines = (conflicts: readonly Conflict[], sides: Sides): string[] =>
  conflicts.map(({ path, kind }) => `  ${visibleText(path)}: ${inWords[kind](sides)}`);

function linesOf(answer: MergeAnswer, color: boolean): string[] {
  const branch = answer.branch ?? answer.worktree_path ?? '';
  const target = answer.target ?? '';
  const way = ways[answer.strategy ?? 'merge'];
  const tree = `tree ${short(answer.merge_tree)}`;
  const warnings = answer.warnings
    .filter(({ code }) => code !== aheadOfUpstream)
    .map(({ message }) => `  ${paint('warning:', 'yellow', color)} ${message}`);
  switch (answer.status) {
    case 'merged': {
      const ids = `${short(answer.target_before)}..${short(answer.target_after)}, ${tree}`;
      return [
        `${branch} ${paint('landed', 'green', color)} on ${target} ${way} (${ids})`,
        ...(answer.pushed ? [`  ${target} was pushed`] : []),
        ...(answer.cleaned_up ? ['  the worktree was removed; wt undo brings it back'] : []),
        ...warnings,
      ];
    }
    case 'dry-run-clean':
      return [`${branch} ${paint('would land', 'green', color)} on ${target} ${way} (${tree})`, ...warnings];
    case 'up-to-date':
      return [`${target} has everything of ${branch} already`, ...warnings];
    case 'skipped':
      return [
        `${branch} ${paint('skipped', 'dim', color)}: ${skippedFor[answer.reason ?? ''] ?? answer.reason}`,
      ];
    case 'conflicts':
    case 'dry-run-conflicts':
      return [
        `${branch} ${paint('conflicts', 'red', color)} with ${target}; nothing was changed`,
        ...conflictLines(answer.conflicts, { target, branch }),
        ...warnings,
        `  next: git -C ${quote(answer.worktree_path ?? '')} merge ${quote(target)}, resolve, commit, and wt merge ${quote(branch)}`,
      ];
    default:
      return warnings;
  }
}
