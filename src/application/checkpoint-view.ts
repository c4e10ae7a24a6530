import type { CheckpointAnswer, RestoreAnswer } from '../domain/answers/restore.ts';
import type { CheckpointKind } from '../domain/checkpoint.ts';
import { visibleText } from '../domain/plain-text.ts';
import type { ViewOptions } from './command.ts';
import { plural } from './dispatch-view.ts';
import { paint } from './paint.ts';
import { padded } from './table.ts';

const kinds: Readonly<Record<CheckpointKind, string>> = {
  start: 'as it began',
  run: 'at work',
  end: 'as it ended',
  restore: 'before a restore',
};

/** Checkpoints as a table, those of one dispatch together. */
export function checkpointsView(
  checkpoints: readonly CheckpointAnswer[],
  { color }: Pick<ViewOptions, 'color'>,
): string {
  if (checkpoints.length === 0)
    return 'there are no checkpoints: a dispatch saves one every few minutes while something is uncommitted';
  const rows = checkpoints.map((each) => [
    each.checkpoint,
    `${each.taken_at.slice(0, 10)} ${each.taken_at.slice(11, 19)}Z`,
    kinds[each.kind],
    each.files === null ? '' : plural(each.files, 'file'),
    visibleText(each.worktree_path ?? ''),
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row, at) => {
      const cells = row.map((cell, column) => padded(cell, widths[column] ?? 0));
      const left = checkpoints[at]?.left_out ?? [];
      const below = left.length === 0 ? '' : `\n  without ${left.slice(0, 5).map(visibleText).join(', ')}`;
      return `${cells.join('  ').trimEnd()}${paint(below, 'dim', color)}`;
    })
    .join('\n');
}

const mostLines = 40;

/** What a restore did or would do, and what takes it back. */
export function restoredView(
  answers: readonly RestoreAnswer[],
  { dryRun }: { readonly dryRun: boolean },
): string {
  return answers
    .map(({ files, checkpoint, worktree_path: path, saved }) => {
      const changed = files.filter(({ status }) => status !== 'kept');
      if (changed.length === 0) return `${visibleText(path)} is as in ${checkpoint}: nothing to restore`;
      const count = (status: string) => changed.filter((file) => file.status === status).length;
      const done = [
        count('restored') > 0 ? `${plural(count('restored'), 'file')} restored` : undefined,
        count('removed') > 0 ? `${plural(count('removed'), 'file')} removed` : undefined,
      ].filter((text) => text !== undefined);
      const lines = changed
        .slice(0, mostLines)
        .map((file) => `  ${file.status === 'removed' ? '-' : '+'} ${visibleText(file.path)}`);
      const more = changed.length > mostLines ? [`  and ${changed.length - mostLines} more`] : [];
      const head = dryRun
        ? `${checkpoint} would change ${plural(changed.length, 'file')} in ${visibleText(path)}`
        : `${done.join(', ')} from ${checkpoint} in ${visibleText(path)}`;
      const back = saved === null ? [] : [`wt restore ${saved} takes it back`];
      return [head, ...lines, ...more, ...back].join('\n');
    })
    .join('\n');
}
