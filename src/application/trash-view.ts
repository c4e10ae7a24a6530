import type { TrashAnswer } from '../domain/answers/trash.ts';
import { formatBytes } from '../domain/bytes.ts';
import { formatDuration } from '../domain/duration.ts';
import { visibleText } from '../domain/plain-text.ts';
import type { ViewOptions } from './command.ts';
import { paint } from './paint.ts';

/** What is in the trash and in the attic, or what became of it. */
export function trashView(answers: readonly TrashAnswer[], view: ViewOptions, now: Date): string {
  const done = answers.filter(({ error }) => error === null);
  const entries = done.filter(({ kind }) => kind === 'entry');
  const attic = done.filter(({ kind }) => kind === 'attic');
  return [
    ...entries.map((answer) => entryText(answer, view, now)),
    ...(attic.length === 0
      ? []
      : [
          paint('kept in the attic, for ever:', 'dim', view.color),
          ...attic.map((answer) => atticText(answer, view)),
        ]),
  ].join('\n');
}

const where = ({ worktree_path: path }: TrashAnswer, { home }: ViewOptions) =>
  visibleText(path ?? '').replace(`${home}/`, '~/');

const nameOf = ({ branch }: TrashAnswer) => visibleText(branch ?? 'detached HEAD');

function entryText(answer: TrashAnswer, view: ViewOptions, now: Date): string {
  const { state, id, restore, reason, attic_ref: ref } = answer;
  const size = answer.size_bytes === null ? [] : [formatBytes(answer.size_bytes)];
  const [undo = ''] = restore;
  if (state === 'restored') return `brought back ${nameOf(answer)}\n  ${where(answer, view)}`;
  if (state === 'emptied') {
    const kept =
      ref === null ? 'branches lead to all its commits, and nothing was uncommitted' : `kept as ${ref}`;
    return `${paint('gone', 'yellow', view.color)} ${nameOf(answer)}  ${id}\n  ${kept}`;
  }
  const fate = state === 'would_empty' ? ['would go'] : [fateOf(answer, now)];
  return [
    [`${id}  ${nameOf(answer)}`, ...size, ...fate].join('  '),
    `  ${where(answer, view)}`,
    ...(reason === null ? [] : [`  ${paint(visibleText(reason), 'yellow', view.color)}`]),
    ...(state === 'missing' || state === 'would_empty' ? [] : [`  ${paint(undo, 'bold', view.color)}`]),
  ].join('\n');
}

function fateOf({ state, expires_at: at }: TrashAnswer, now: Date): string {
  if (state === 'held') return 'stays';
  const left = Date.parse(at ?? '') - now.getTime();
  if (!(left > 0)) return 'expired';
  const unit = left > 86_400_000 ? 3_600_000 : 60_000;
  return `for ${formatDuration(Math.max(unit, Math.floor(left / unit) * unit))} more`;
}

const atticText = (answer: TrashAnswer, view: ViewOptions) =>
  [`  ${answer.id}`, ...answer.restore.map((command) => `    ${paint(command, 'bold', view.color)}`)].join(
    '\n',
  );
