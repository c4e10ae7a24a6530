import type { SyncAnswer } from '../domain/answers/sync.ts';
import { visibleText } from '../domain/plain-text.ts';
import { quote } from '../domain/shell.ts';
import { conflictLines } from './merge-view.ts';
import { paint } from './paint.ts';

const skippedFor: Readonly<Record<string, string>> = {
  running: 'a dispatch is running in it',
  dirty: 'it has uncommitted changes, or git is in the middle of something there',
  locked: 'it is locked',
};

const short = (id: string | null) => id?.slice(0, 10) ?? '';

/** The answers of `sync` for people. */
export const syncView = (answers: readonly SyncAnswer[], { color }: { readonly color: boolean }): string =>
  answers
    .filter(({ status }) => status !== null)
    .flatMap((answer) => [
      ...linesOf(answer, color),
      ...answer.warnings.map(({ message }) => `  ${paint('warning:', 'yellow', color)} ${message}`),
    ])
    .join('\n');

function linesOf(answer: SyncAnswer, color: boolean): string[] {
  const branch = answer.branch ?? '';
  const source = answer.source ?? 'its base';
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
      return [`${branch} ${paint('has', 'green', color)} ${source} now, ${way} (${ids})`];
    }
    case 'dry-run-clean':
      return [`${branch} ${paint('would take', 'green', color)} ${source} ${way}`];
    case 'up-to-date':
      return [`${branch} has everything of ${source} already`];
    case 'skipped':
      return [
        `${branch} ${paint('skipped', 'dim', color)}: ${skippedFor[answer.reason ?? ''] ?? answer.reason}`,
      ];
    default: {
      const where = quote(answer.worktree_path ?? '');
      const outcome = answer.left_in_progress ? 'the merge was begun' : 'nothing was changed';
      return [
        `${source} ${paint('conflicts', 'red', color)} with ${branch}; ${outcome}`,
        ...conflictLines(answer.conflicts, { target: branch, branch: source }).map((line) =>
          visibleText(line),
        ),
        answer.left_in_progress
          ? `  next: resolve them in ${where}, git -C ${where} add the files, and git -C ${where} commit`
          : `  next: wt sync ${quote(branch)} --leave-conflicts begins the merge there`,
      ];
    }
  }
}
