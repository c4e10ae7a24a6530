import type { MergeAnswer } from '../domain/answers/merge.ts';
import { visibleText } from '../domain/plain-text.ts';
import { quote } from '../domain/shell.ts';
import { escalationLines } from './escalation-view.ts';
import { gateLines } from './gate-view.ts';
import { paint } from './paint.ts';

/** The warning that carries how far a target is ahead of its upstream; people read it as the last line. */
export const aheadOfUpstream = 'ahead_of_upstream';

export type LandingView = {
  readonly color: boolean;
  readonly columns: number;
  /** The command and the target that were asked for, for the command to type next. */
  readonly command?: 'merge' | 'land';
  readonly into?: string | undefined;
};

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
export function mergeView(answers: readonly MergeAnswer[], view: LandingView): string {
  if (answers.length === 0) return 'there is no worktree to land; wt create <name> makes one';
  const lines = answers
    .filter(({ status }) => status !== null)
    .flatMap((answer) => [
      ...linesOf(answer, view),
      ...turnLine(answer, view.color),
      ...nextLines(answer, view),
    ]);
  const last = answers.flatMap(({ warnings }) => warnings.filter(({ code }) => code === aheadOfUpstream));
  return [...lines, ...last.map(({ message }) => message)].join('\n');
}

const turnLine = ({ order, order_reason: why }: MergeAnswer, color: boolean): string[] =>
  order === null || why === null ? [] : [paint(`  turn ${order}: it ${why}`, 'dim', color)];

function linesOf(answer: MergeAnswer, view: LandingView): string[] {
  const { color } = view;
  const branch = visibleText(answer.branch ?? answer.worktree_path ?? '');
  const target = visibleText(answer.target ?? '');
  const way = ways[answer.strategy ?? 'merge'];
  const tree = `tree ${short(answer.merge_tree)}`;
  const warnings = answer.warnings
    .filter(({ code }) => code !== aheadOfUpstream)
    .map(({ message }) => `  ${paint('warning:', 'yellow', color)} ${message}`);
  const gates = gateLines(answer, view);
  const resolved = answer.conflicts
    .filter(({ resolution }) => resolution !== null)
    .map(({ path, resolution }) => `  ${visibleText(path)}: resolved by ${resolution}`);
  switch (answer.status) {
    case 'merged': {
      const ids = `${short(answer.target_before)}..${short(answer.target_after)}, ${tree}`;
      return [
        `${branch} ${paint('landed', 'green', color)} on ${target} ${way} (${ids})`,
        ...resolved,
        ...gates,
        ...(answer.pushed ? [`  ${target} was pushed`] : []),
        ...(answer.cleaned_up ? ['  the worktree was removed; wt undo brings it back'] : []),
        ...warnings,
      ];
    }
    case 'dry-run-clean':
      return [
        `${branch} ${paint('would land', 'green', color)} on ${target} ${way} (${tree})`,
        ...resolved,
        ...gates,
        ...warnings,
      ];
    case 'up-to-date':
      return [`${target} has everything of ${branch} already`, ...warnings];
    case 'skipped':
      return [
        `${branch} ${paint('skipped', 'dim', color)}: ${skippedFor[answer.reason ?? ''] ?? answer.reason}`,
      ];
    case 'gate-failed':
      return [
        `${branch} ${paint('did not pass', 'red', color)}; ${target} stays where it is`,
        ...gates,
        ...warnings,
      ];
    case 'conflicts':
    case 'dry-run-conflicts': {
      const became = answer.left_in_progress ? 'the merge is open' : 'nothing was changed';
      return [
        `${branch} ${paint('conflicts', 'red', color)} with ${target}; ${became}`,
        ...escalationLines(answer.escalations, { ...view, target, branch }),
        ...warnings,
      ];
    }
    default:
      return warnings;
  }
}

/** What begins the resolution of conflicts, or ends it where it was begun. */
function nextLines(answer: MergeAnswer, { command = 'merge', into }: LandingView): string[] {
  if (answer.status !== 'conflicts' && answer.status !== 'dry-run-conflicts') return [];
  const at = quote(answer.worktree_path ?? '');
  const target = quote(answer.target ?? '');
  const again = `wt ${command} ${quote(answer.branch ?? answer.worktree_path ?? '')}${into === undefined ? '' : ` --into ${target}`}`;
  if (answer.left_in_progress)
    return [
      `  next: cd ${at}`,
      '        resolve what has markers, git add it, git commit --no-edit',
      `        ${again}`,
    ];
  // Without a branch there is nothing that a merge could be begun on.
  return answer.branch === null
    ? [`  next: git -C ${at} merge ${target}, resolve, commit, and ${again}`]
    : [`  next: ${again} --resolve`];
}
