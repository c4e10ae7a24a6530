import { describe, expect, it } from 'vitest';
import { type Edits, overlaps } from '../../src/domain/overlaps.ts';

const edits = (committed: Record<string, string>, ...uncommitted: string[]): Edits => ({
  committed: Object.entries(committed).map(([path, status]) => ({ path, status, raw: '' })),
  uncommitted,
});

describe('worktrees that may collide', () => {
  it('are those that change the same path, committed or not', () => {
    const found = overlaps([
      edits({ 'src/a.ts': 'M', 'src/b.ts': 'M' }),
      edits({ 'src/a.ts': 'M' }, 'src/b.ts'),
      edits({ 'src/c.ts': 'A' }, 'notes.txt'),
      edits({}, 'notes.txt'),
    ]);
    expect(found).toEqual([
      { a: 0, b: 1, committed: ['src/a.ts'], uncommitted: ['src/b.ts'] },
      { a: 2, b: 3, committed: [], uncommitted: ['notes.txt'] },
    ]);
  });

  it('are those of which one has a file where the other has a folder', () => {
    expect(overlaps([edits({ lib: 'A' }), edits({ 'lib/x/y.ts': 'A' })])).toEqual([
      { a: 0, b: 1, committed: ['lib'], uncommitted: [] },
    ]);
    expect(overlaps([edits({}, 'lib/'), edits({ 'lib/y.ts': 'M' })])).toEqual([
      { a: 0, b: 1, committed: [], uncommitted: ['lib'] },
    ]);
  });

  it('are those of which one adds where the other removes, as when it renames the folder', () => {
    expect(overlaps([edits({ 'old/new.ts': 'A' }), edits({ 'old/a.ts': 'D', 'fresh/a.ts': 'A' })])).toEqual([
      { a: 0, b: 1, committed: ['old/'], uncommitted: [] },
    ]);
  });

  it('are not those that change different files of a folder', () => {
    expect(
      overlaps([edits({ 'src/a.ts': 'M' }, 'x'), edits({ 'src/b.ts': 'A' }), edits({ 'src/ab': 'A' })]),
    ).toEqual([]);
  });
});
