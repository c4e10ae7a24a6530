import type { EscalatedConflict, TouchingCommit } from '../domain/escalation.ts';
import { visibleText } from '../domain/plain-text.ts';
import { quote } from '../domain/shell.ts';
import { conflictInWords } from './merge-view.ts';
import { paint } from './paint.ts';

export type EscalationView = {
  readonly target: string;
  readonly branch: string;
  readonly columns: number;
  readonly color: boolean;
};

// More of either would push the command that helps off the screen.
const mostShown = 10;
const mostCommits = 2;

/** Conflicts for people: each with who changed what on both sides and what helps, and the command that starts at last. */
export function escalationLines(conflicts: readonly EscalatedConflict[], view: EscalationView): string[] {
  const { target, branch, color } = view;
  const lines = conflicts.slice(0, mostShown).flatMap((conflict) => {
    const { path, kind, resolution, why, remedy } = conflict;
    const name = `  ${paint(visibleText(path), 'bold', color)}`;
    if (resolution !== null) return [`${name}: resolved by ${resolution}`];
    return [
      `${name}: ${conflictInWords(kind, { target, branch })}`,
      ...sideLines(target, conflict.ours, conflict.ours_count, view),
      ...sideLines(branch, conflict.theirs, conflict.theirs_count, view),
      ...(why === null ? [] : [`    ${why}`]),
      ...(remedy === null ? [] : [`    then: ${remedy}`]),
    ];
  });
  const more = conflicts.length - mostShown;
  return [
    ...lines,
    ...(more > 0 ? [`  and ${more} more ${more === 1 ? 'path' : 'paths'}`] : []),
    ...(conflicts.length > 0 ? [`  next: ${resolveCommand(branch)}`] : []),
  ];
}

/** The command that opens the merge in the worktree of a branch, markers in place. */
export const resolveCommand = (branch: string): string => `wt merge ${quote(branch)} --resolve`;

function sideLines(
  side: string,
  commits: readonly TouchingCommit[],
  count: number | null,
  { columns }: EscalationView,
): string[] {
  const shown = commits.slice(0, mostCommits);
  const rows = shown.map(({ commit, subject, author }, index) => {
    const rest = index === shown.length - 1 && count !== null ? count - shown.length : 0;
    const tail = `${author === '' ? '' : ` (${visibleText(author)})`}${rest > 0 ? `, ${rest} more` : ''}`;
    const head = `    ${visibleText(side)}: ${commit.slice(0, 8)} `;
    return `${head}${cut(visibleText(subject), columns - head.length - tail.length)}${tail}`;
  });
  return rows.map((row) => cut(row, columns));
}

const cut = (text: string, width: number): string => {
  const characters = [...text];
  const most = Math.max(width, 12);
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text;
};
