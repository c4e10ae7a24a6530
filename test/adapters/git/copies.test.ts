import { describe, expect, it } from 'vitest';
import { touchOf } from '../../../src/adapters/git/copies.ts';

const changed = (states: string, path: string) => `1 ${states} N... 100644 100644 100644 1 2 ${path}`;

describe('what git status says of one path', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['nothing', [], undefined],
    ['a changed file', [changed('.M', 'a b')], 'modified'],
    ['a staged file', [changed('M.', 'a b')], 'modified'],
    ['another type', [changed('.T', 'a b')], 'modified'],
    ['a file that is gone', [changed('.D', 'a b')], 'deleted'],
    ['one that git was told to remove', [changed('D.', 'a b')], 'deleted'],
    ['a new file that was added', [changed('A.', 'a b')], 'added'],
    ['a new file', ['? a b'], 'added'],
    ['a file in conflict', ['u UU N... 100644 100644 100644 100644 1 2 3 a b'], 'modified'],
    ['a folder of new files', ['? a b/c', '? a b/d'], 'added'],
    ['a repository in its place', ['? a b/'], 'added'],
    ['a file that became a folder', [changed('.D', 'a b'), '? a b/c'], 'added'],
  ])('%s', (_, entries, touch) => {
    expect(touchOf(entries, 'a b')).toBe(touch);
  });
});
