import type { ConflictingPair, ConflictsAnswer } from '../domain/answers/conflicts.ts';
import { otherSpelling } from '../domain/case-clashes.ts';
import { displayWidth } from '../domain/display-width.ts';
import { visibleText } from '../domain/plain-text.ts';
import { quote } from '../domain/shell.ts';
import type { ViewOptions } from './command.ts';
import { conflictInWords } from './conflict-words.ts';
import { paint } from './paint.ts';
import { padded, shortened } from './table.ts';

export type ConflictViewOptions = Pick<ViewOptions, 'color' | 'columns'>;

/** More do not fit beside readable names. */
const mostInMatrix = 12;
const mostPairs = 40;
const mostPaths = 5;

const basePrefix = 'base:';
const isBase = (id: string) => id.startsWith(basePrefix);

/** The pairs that conflict as a matrix, where it fits, and as a list: the paths, how they collide, what to type. */
export function conflictView(answer: ConflictsAnswer, options: ConflictViewOptions): string {
  const { worktrees, pairs, warnings } = answer;
  const { color } = options;
  const told = toldWarnings(warnings, color);
  if (pairs.length === 0) return [nothingFound(worktrees.length, warnings.length > 0), ...told].join('\n');
  const involved = worktrees.filter(({ id }) => pairs.some(({ a, b }) => a === id || b === id));
  const matrix =
    involved.length > 1 && involved.length <= mostInMatrix ? [...matrixOf(involved, pairs, options), ''] : [];
  const list = pairs.slice(0, mostPairs).flatMap((pair) => listed(pair, options));
  const more = pairs.length - mostPairs;
  return [
    ...matrix,
    ...list,
    ...(more > 0 ? [`and ${more} more pairs; wt conflicts <worktree> shows those of one`] : []),
    ...nextSteps(pairs, worktrees),
    ...told,
  ].join('\n');
}

const didToPath: Partial<Record<string, string>> = {
  content: 'changes it',
  add_add: 'adds it',
  modify_delete: 'deletes it',
  rename: 'renames it',
};

/** Who else works at one path. */
export function conflictAtPathView(
  { pairs, warnings }: ConflictsAnswer,
  { color }: ConflictViewOptions,
): string {
  const found = pairs.flatMap(({ a, b, conflicts }) =>
    conflicts.map(
      ({ path, kind }) =>
        `an edit of ${visibleText(path)} in ${visibleText(a)} collides: ${paint(visibleText(b), 'bold', color)} ${didToPath[kind] ?? 'changes it'}`,
    ),
  );
  const next = pairs
    .slice(0, 1)
    .flatMap(({ b, conflicts }) =>
      conflicts.map(({ path }) => `next: wt diff ${quote(b)} -- ${quote(path)} shows what`),
    );
  // What has landed on the base is no worktree's own any more, and may still meet the edit.
  const none = `no other worktree ${warnings.length > 0 ? 'is known to have' : 'has'} work of its own on it`;
  return [...(found.length === 0 ? [none] : found), ...next, ...toldWarnings(warnings, color)].join('\n');
}

const toldWarnings = (warnings: ConflictsAnswer['warnings'], color: boolean): string[] =>
  warnings.map(({ message }) => `${paint('warning:', 'yellow', color)} ${visibleText(message)}`);

function nothingFound(count: number, isUnsure: boolean): string {
  if (count < 2) return 'there are no two worktrees to compare; wt create <name> makes one';
  return `no conflicts ${isUnsure ? 'found ' : ''}among ${count} worktrees and their bases`;
}

type Shown = ConflictsAnswer['worktrees'][number];

/** A row for each worktree that conflicts; the columns are numbered like the rows. */
function matrixOf(
  involved: readonly Shown[],
  pairs: readonly ConflictingPair[],
  { color, columns }: ConflictViewOptions,
): string[] {
  const counts = new Map<string, number>();
  for (const { a, b, conflicts } of pairs) {
    const column = isBase(b) ? basePrefix : b;
    for (const key of [`${a}\0${column}`, `${column}\0${a}`]) counts.set(key, conflicts.length);
  }
  const heads = ['base', ...involved.map((_, index) => String(index + 1))];
  const ids = [basePrefix, ...involved.map(({ id }) => id)];
  const most = Math.max(...counts.values());
  const width = (index: number) => Math.max(index === 0 ? 4 : 2, String(most).length, String(index).length);
  const taken = heads.reduce((sum, _, index) => sum + width(index) + 1, 0) + 4;
  const names = involved.map(({ id, dirty }) => `${visibleText(id)}${dirty === true ? ' *' : ''}`);
  const room = Math.max(8, columns - taken);
  const nameWidth = Math.min(room, Math.max(...names.map(displayWidth)));
  const cells = (row: readonly string[]) =>
    row.map((text, index) => ` ${text.padStart(width(index))}`).join('');
  const lines = involved.map(({ id }, index) => {
    const row = ids.map((other, at) => {
      const text = other === id ? '' : String(counts.get(`${id}\0${other}`) ?? '·');
      const cell = ` ${text.padStart(width(at))}`;
      return /\d/.test(text) ? paint(cell, 'red', color) : paint(cell, 'dim', color);
    });
    const name = padded(shortened(names[index] ?? '', nameWidth), nameWidth);
    return `${String(index + 1).padStart(2)} ${name}${row.join('')}`;
  });
  const legend = involved.some(({ dirty }) => dirty === true)
    ? [paint('   * with what is not committed in it', 'dim', color)]
    : [];
  return [paint(`${' '.repeat(nameWidth + 3)}${cells(heads)}`, 'dim', color), ...lines, ...legend];
}

function listed({ a, b, conflicts }: ConflictingPair, { color, columns }: ConflictViewOptions): string[] {
  const other = isBase(b) ? b.slice(basePrefix.length) : b;
  const [target, branch] = isBase(b) ? [other, a] : [a, other];
  const more = conflicts.length - mostPaths;
  const [one, two] = [visibleText(a), `and ${isBase(b) ? 'its base ' : ''}${visibleText(other)}`];
  const title = displayWidth(`${one} ${two}`) > columns ? [one, two] : [`${one} ${two}`];
  return [
    ...title.map((line) => paint(line, 'bold', color)),
    ...conflicts.slice(0, mostPaths).map(({ path, kind }) => {
      const other = otherSpelling(path, conflicts);
      const words =
        other === undefined
          ? conflictInWords(kind, { target, branch })
          : `is the same as ${visibleText(other)} where case does not count`;
      return `  ${visibleText(path)}: ${words}`;
    }),
    ...(more > 0 ? [`  and ${more} more; --json names them all`] : []),
  ];
}

/** What to type, with the first pair of each sort as the example. */
function nextSteps(pairs: readonly ConflictingPair[], worktrees: readonly Shown[]): string[] {
  const forGit = pairs.filter(({ conflicts }) =>
    conflicts.some(({ path }) => !otherSpelling(path, conflicts)),
  );
  const between = forGit.find(({ b }) => !isBase(b));
  const withBase = forGit.find(({ b }) => isBase(b));
  const steps: string[] = [];
  if (pairs.some(({ conflicts }) => conflicts.some(({ path }) => otherSpelling(path, conflicts))))
    steps.push('next: git mv what differs only in case to another name on one of the two sides, and commit');
  if (withBase !== undefined) {
    const path = worktrees.find(({ id }) => id === withBase.a)?.path ?? '';
    const base = withBase.b.slice(basePrefix.length);
    steps.push(`next: git -C ${quote(path)} merge ${quote(base)}, resolve and commit there`);
  }
  const path = between?.conflicts[0]?.path;
  if (between !== undefined && path !== undefined) {
    steps.push(
      `next: wt diff ${quote(between.a)} -- ${quote(path)}`,
      `      wt diff ${quote(between.b)} -- ${quote(path)}`,
      '      show both sides; the one that lands second has to resolve it',
    );
  }
  return steps;
}
