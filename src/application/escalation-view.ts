import { displayWidth } from '../domain/display-width.ts';
import type { EscalatedConflict, TouchingCommit } from '../domain/escalation.ts';
import { visibleText } from '../domain/plain-text.ts';
import { conflictInWords, type Sides } from './conflict-words.ts';
import { paint } from './paint.ts';
import { cut, shortened } from './table.ts';

export type EscalationView = Sides & { readonly columns: number; readonly color: boolean };

// More of either would push the command that helps off the screen.
const mostShown = 10;
const mostCommits = 2;

/** Conflicts for people: each with who changed what on both sides, and what helps. */
export function escalationLines(conflicts: readonly EscalatedConflict[], view: EscalationView): string[] {
  const { target, branch, color, columns } = view;
  const lines = conflicts.slice(0, mostShown).flatMap((conflict) => {
    const { path, kind, resolution, why, remedy } = conflict;
    const name = `  ${paint(visibleText(path), 'bold', color)}`;
    if (resolution !== null) return [`${name}: resolved by ${resolution}`];
    return [
      `${name}: ${conflictInWords(kind, { target, branch })}`,
      ...sideLines(target, conflict.ours, conflict.ours_count, view),
      ...sideLines(branch, conflict.theirs, conflict.theirs_count, view),
      ...(why === null ? [] : [fitted(`    ${visibleText(why)}`, columns)]),
      ...(remedy === null ? [] : [`    then: ${visibleText(remedy)}`]),
    ];
  });
  const more = conflicts.length - mostShown;
  return [...lines, ...(more > 0 ? [`  and ${more} more ${more === 1 ? 'path' : 'paths'}`] : [])];
}

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
    // A long name of a branch leaves room for what the commit did.
    const name = shortened(visibleText(side), Math.max(16, Math.floor(columns / 3)));
    const head = `    ${name}: ${commit.slice(0, 8)} `;
    const room = Math.max(12, columns - displayWidth(head) - displayWidth(tail));
    return `${head}${fitted(visibleText(subject), room)}${tail}`;
  });
  return rows.map((row) => fitted(row, columns));
}

const fitted = (text: string, width: number): string =>
  displayWidth(text) > width ? cut(text, width) : text;
