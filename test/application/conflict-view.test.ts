import { describe, expect, it } from 'vitest';
import { conflictView } from '../../src/application/conflict-view.ts';
import type { ConflictsAnswer } from '../../src/domain/answers/conflicts.ts';

const name = (index: number) => `feat/proj-${String(index).padStart(3, '0')}-a-name-that-is-rather-long`;

/** Worktrees of which each collides with the next, in so many paths. */
const chain = (count: number, paths: number): ConflictsAnswer => ({
  worktrees: Array.from({ length: count }, (_, index) => ({
    id: name(index),
    path: `/w/${index}`,
    branch: name(index),
    dirty: index === 0,
  })),
  pairs: Array.from({ length: count - 1 }, (_, index) => ({
    a: name(index),
    b: name(index + 1),
    conflicts: Array.from({ length: paths }, (_, at) => ({ path: `f${at}`, kind: 'content' as const })),
  })),
  warnings: [],
});
const view = (answer: ConflictsAnswer) => conflictView(answer, { color: false, columns: 80 }).split('\n');

describe('conflicts for people', () => {
  it('are a matrix that fits 80 columns, with shortened names', () => {
    const lines = view(chain(12, 2));
    const matrix = lines.slice(0, lines.indexOf(''));
    expect(matrix).toHaveLength(14);
    expect(matrix.every((line) => line.length <= 80)).toBe(true);
    expect(matrix[1]).toMatch(/^ 1 feat\/proj-\S*…\S* \*? *· +2( +·){10}$/);
    expect(matrix[3]).toMatch(/^ 3 feat.*… ?\S+ +· +· +2 +2( +·){8}$/);
    expect(matrix.at(-1)).toBe('   * with what is not committed in it');
  });

  it('are a list only of more worktrees than that, and of so many pairs and paths as can be read', () => {
    const lines = view(chain(50, 9));
    expect(lines.slice(0, 2)).toEqual([name(0), `and ${name(1)}`]);
    expect(lines.slice(2, 8)).toEqual([
      ...Array.from({ length: 5 }, (_, at) => `  f${at}: both changed the same lines`),
      '  and 4 more; --json names them all',
    ]);
    expect(lines).toContain('and 9 more pairs; wt conflicts <worktree> shows those of one');
  });

  it('say of names that differ only in case what git would not', () => {
    const conflicts = ['README', 'Readme'].map((path) => ({ path, kind: 'add_add' as const }));
    const pairs = [{ a: name(0), b: 'base:main', conflicts }];
    expect(view({ ...chain(2, 1), pairs })).toEqual([
      `${name(0)} and its base main`,
      '  README: is the same as Readme where case does not count',
      '  Readme: is the same as README where case does not count',
      'next: git mv what differs only in case to another name on one of the two sides, and commit',
    ]);
  });

  it('are never said to be none where something is unknown', () => {
    const answer = { ...chain(3, 1), pairs: [] };
    expect(view(answer)).toEqual(['no conflicts among 3 worktrees and their bases']);
    const warnings = [{ code: 'conflicts_unknown', message: 'a\u001b[31m' }];
    expect(view({ ...answer, warnings })).toEqual([
      'no conflicts found among 3 worktrees and their bases',
      'warning: a\\u{1b}[31m',
    ]);
  });
});
