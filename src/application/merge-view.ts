import type { MergeAnswer } from '../domain/answers/merge.ts';
import { displayWidth } from '../domain/display-width.ts';
import { visibleText } from '../domain/plain-text.ts';
import { quote } from '../domain/shell.ts';
import { boundLines } from './bound-view.ts';
import { escalationLines } from './escalation-view.ts';
import { gateLines } from './gate-view.ts';
import { paint } from './paint.ts';
import { cut } from './table.ts';

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
    .filter(({ status }) => status !== null && status !== 'skipped')
    .flatMap((answer) => [...linesOf(answer, view), ...turnLine(answer, view), ...nextLines(answer, view)]);
  const last = answers.flatMap(({ warnings }) => warnings.filter(({ code }) => code === aheadOfUpstream));
  return [
    ...lines,
    ...skippedLines(answers, view),
    ...summary(answers),
    ...last.map(({ message }) => message),
  ].join('\n');
}

function turnLine({ order, order_reason: why }: MergeAnswer, { color, columns }: LandingView): string[] {
  if (order === null || why === null) return [];
  const line = `  turn ${order}: it ${visibleText(why)}`;
  return [paint(displayWidth(line) > columns ? cut(line, columns) : line, 'dim', color)];
}

/** Those that were left out, by why. */
function skippedLines(answers: readonly MergeAnswer[], { color }: LandingView): string[] {
  const groups = new Map<string, string[]>();
  for (const { status, reason, branch, worktree_path: path } of answers) {
    if (status !== 'skipped') continue;
    const why = skippedFor[reason ?? ''] ?? reason ?? '';
    groups.set(why, [...(groups.get(why) ?? []), visibleText(branch ?? path ?? '')]);
  }
  const skipped = paint('skipped', 'dim', color);
  return [...groups].flatMap(([why, names]) =>
    names.length === 1
      ? [`${names[0]} ${skipped}: ${why}`]
      : [`${skipped}: ${why}`, ...names.map((name) => `  ${name}`)],
  );
}

/** How many of several came to what; one or two are seen at a glance. */
function summary(answers: readonly MergeAnswer[]): string[] {
  if (answers.length < 3) return [];
  const count = (...of: readonly MergeAnswer['status'][]) =>
    answers.filter(({ status }) => of.includes(status)).length;
  const wouldLand = count('dry-run-clean');
  const parts: readonly (readonly [number, string])[] = [
    [count('merged'), 'landed'],
    [wouldLand, 'would land'],
    [count('conflicts', 'dry-run-conflicts'), 'in conflict'],
    [count('gate-failed'), 'did not pass'],
    [count(null), 'refused'],
    [count('up-to-date'), 'there already'],
    [count('skipped'), 'skipped'],
  ];
  const told = parts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  if (wouldLand > 0) return [`${told.join(', ')}; the same without -n lands what would`];
  return told.length < 2 ? [] : [told.join(', ')];
}

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
        ...boundLines(answer.orchestration),
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
        ...boundLines(answer.orchestration),
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
