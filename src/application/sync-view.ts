import type { SyncAnswer } from '../domain/answers/sync.ts';
import { visibleText } from '../domain/plain-text.ts';
import { quote } from '../domain/shell.ts';
import { escalationLines } from './escalation-view.ts';
import { paint } from './paint.ts';

const skippedFor: Readonly<Record<string, string>> = {
  running: 'a dispatch is running in it',
  dirty: 'it has uncommitted changes, or git is in the middle of something there',
  locked: 'it is locked',
  detached: 'it has no branch: its HEAD is detached',
};

const short = (id: string | null) => id?.slice(0, 10) ?? '';

/** The answers of `sync` for people. */
export function syncView(answers: readonly SyncAnswer[], view: SyncViewOptions): string {
  if (answers.length === 0) return 'there is no worktree to sync; wt create <name> makes one';
  const warning = (message: string) => `${paint('warning:', 'yellow', view.color)} ${visibleText(message)}`;
  const all = answers.flatMap(({ warnings }) => warnings.map(({ message }) => message));
  // What several have in common, as a remote that is gone, is told once.
  const shared = new Set(all.filter((message, at) => all.indexOf(message) !== at));
  const lines = answers
    .filter(({ status }) => status !== null)
    .flatMap((answer) => [
      ...linesOf(answer, view),
      ...answer.warnings.flatMap(({ message }) => (shared.has(message) ? [] : [`  ${warning(message)}`])),
      ...nextLines(answer),
    ]);
  return [...lines, ...[...shared].map(warning)].join('\n');
}

type SyncViewOptions = { readonly color: boolean; readonly columns: number };

function linesOf(answer: SyncAnswer, view: SyncViewOptions): string[] {
  const { color } = view;
  const branch = visibleText(answer.branch ?? answer.worktree_path ?? '');
  const source = visibleText(answer.source ?? 'its base');
  const resolved = answer.conflicts
    .filter(({ resolution }) => resolution !== null)
    .map(({ path, resolution }) => `  ${visibleText(path)}: resolved by ${resolution}`);
  const how = {
    'fast-forward': 'by fast-forward',
    merge: 'with a merge commit',
    squash: '',
    rebase: 'by a rebase',
  };
  const way = how[answer.strategy ?? 'merge'];
  switch (answer.status) {
    case 'merged': {
      const ids = `${short(answer.target_before)}..${short(answer.target_after)}`;
      return [`${branch} ${paint('has', 'green', color)} ${source} now, ${way} (${ids})`, ...resolved];
    }
    case 'dry-run-clean':
      return [`${branch} ${paint('would take', 'green', color)} ${source} ${way}`, ...resolved];
    case 'up-to-date':
      return [`${branch} has everything of ${source} already`];
    case 'skipped':
      return [
        `${branch} ${paint('skipped', 'dim', color)}: ${skippedFor[answer.reason ?? ''] ?? answer.reason}`,
      ];
    default: {
      const outcome = answer.left_in_progress ? 'the merge is open' : 'nothing was changed';
      // A rebase puts the branch on its source, so there the source is the side that is merged into.
      const sides =
        answer.strategy === 'rebase' ? { target: source, branch } : { target: branch, branch: source };
      return [
        `${source} ${paint('conflicts', 'red', color)} with ${branch}; ${outcome}`,
        ...escalationLines(answer.escalations, { ...view, ...sides }),
      ];
    }
  }
}

/** What begins the resolution of conflicts, or ends it where it was begun. */
function nextLines({ status, branch, worktree_path, left_in_progress }: SyncAnswer): string[] {
  if (status !== 'conflicts' && status !== 'dry-run-conflicts') return [];
  return left_in_progress
    ? [
        `  next: cd ${quote(worktree_path ?? '')}`,
        '        resolve what has markers, git add it, git commit --no-edit',
      ]
    : [`  next: wt sync ${quote(branch ?? '')} --leave-conflicts begins the merge there`];
}
