import type { UndoAnswer } from '../domain/answers/cleanup.ts';
import { visibleText } from '../domain/plain-text.ts';
import { quote } from '../domain/shell.ts';

/** What was undone, or can be, for people. */
export function undoView(answers: readonly UndoAnswer[], { isList }: { readonly isList: boolean }): string {
  if (answers.length === 0) return 'there is nothing to undo';
  const width = Math.max(...answers.map(({ id }) => id.length));
  return answers.map((answer) => (isList ? listed(answer, width) : undone(answer))).join('\n');
}

const branchOf = ({ branch }: UndoAnswer) => (branch === null ? 'a detached HEAD' : visibleText(branch));

function listed(answer: UndoAnswer, width: number): string {
  const what =
    answer.operation === 'landing' ? `landed on ${visibleText(answer.target ?? '')}` : 'was removed';
  const where = visibleText(answer.worktree_path ?? '');
  return `${answer.id.padEnd(width)}  ${branchOf(answer)} ${what}\n${' '.repeat(width)}  ${where}`;
}

function undone(answer: UndoAnswer): string {
  const { operation, id, branch, worktree_path: path, target } = answer;
  const name = quote(branch ?? path ?? '');
  if (operation === 'landing') {
    const isGone = answer.warnings.some(({ code }) => code === 'branch_gone');
    const next = isGone ? '' : `\n  wt merge ${name} --into ${quote(target ?? '')} lands it again`;
    return `took ${branchOf(answer)} back from ${visibleText(target ?? '')} (${id})${next}`;
  }
  return `brought back ${branchOf(answer)}\n  ${visibleText(path ?? '')}\n  wt status ${name} shows it`;
}
