import type { CleanupAnswer } from '../domain/answers/cleanup.ts';
import type { Integrated } from '../domain/answers/status.ts';
import { formatBytes } from '../domain/bytes.ts';
import { displayWidth } from '../domain/display-width.ts';
import { visibleText } from '../domain/plain-text.ts';
import type { ViewOptions } from './command.ts';
import { paint } from './paint.ts';
import { padded, shortened } from './table.ts';

const reasons: Record<Integrated, string> = {
  same_commit: 'its base stands at the same commit',
  ancestor: 'its commits are all in the base',
  no_added_changes: 'it changes nothing',
  trees_match: 'the base has the same files',
  merge_adds_nothing: 'merging it would add nothing',
  patch_id: 'its changes are one commit of the base',
  pull_request: 'it was merged as a pull request',
};

/** What `cleanup` did, or what it would do. */
export function cleanupView(
  answers: readonly CleanupAnswer[],
  view: ViewOptions,
  asked: { readonly minAge: string | undefined; readonly next: string | undefined },
): string {
  const shown = answers.filter(({ error, removed }) => error === null || removed);
  if (answers.length === 0 && asked.minAge !== undefined)
    return `nothing to clean up: none is merged, idle and older than ${asked.minAge}`;
  const lines = shown.every(({ removed }) => removed)
    ? shown.map((answer) => removal(answer, view))
    : previews(shown, view);
  return [...lines, ...(asked.next === undefined || shown.length === 0 ? [] : ['', asked.next])].join('\n');
}

const nameOf = ({ branch, worktree_path: path }: CleanupAnswer) => visibleText(branch ?? path ?? '');

function removal(answer: CleanupAnswer, { color }: ViewOptions): string {
  const { branch, branch_deleted: deleted, integrated, trash } = answer;
  const withBranch = deleted ? ' and its branch' : branch === null ? '' : '; the branch stays';
  return [
    `${paint('removed', 'green', color)} ${nameOf(answer)}${withBranch}`,
    ...(integrated === null ? [] : [`  ${reasons[integrated]}`]),
    ...(answer.remote_deleted ? ['  its branch on the remote is gone too'] : []),
    ...(answer.archived === null ? [] : [`  archived in ${visibleText(answer.archived)}`]),
    `  ${paint(`wt undo ${trash}`, 'bold', color)} brings it back`,
  ].join('\n');
}

function previews(answers: readonly CleanupAnswer[], { columns, home }: ViewOptions): string[] {
  const name = Math.min(40, Math.max(0, ...answers.map((answer) => displayWidth(nameOf(answer)))));
  const whys = answers.map(({ integrated }) =>
    integrated === null ? 'its work is not in the base' : reasons[integrated],
  );
  const why = Math.max(0, ...whys.map(displayWidth));
  const sizes = answers.map(({ size_bytes: size }) => (size === null ? '' : formatBytes(size)));
  const size = Math.max(0, ...sizes.map(displayWidth));
  const room = Math.max(0, columns - name - why - size - 6);
  return answers.map((answer, index) => {
    const path = visibleText(answer.worktree_path ?? '').replace(`${home}/`, '~/');
    const where = room < 24 ? '' : `  ${shortened(path, room)}`;
    return `${padded(shortened(nameOf(answer), name), name)}  ${padded(sizes[index] ?? '', size)}  ${padded(whys[index] ?? '', where === '' ? 0 : why)}${where}`;
  });
}
