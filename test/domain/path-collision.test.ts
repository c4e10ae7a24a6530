import { describe, expect, it } from 'vitest';
import type { PathChange } from '../../src/domain/path-change.ts';
import { type Copy, isSameCopy, mayBeChanged, meetingOf, touchAt } from '../../src/domain/path-collision.ts';

const file = (id: string | undefined): Copy => ({ kind: 'file', id, size: 3 });
const absent: Copy = { kind: 'absent' };
const folder: Copy = { kind: 'folder' };
const behind: Copy = { kind: 'behind', at: 'a' };
const both = (copy: Copy) => ({ head: copy, disk: copy });

describe('two copies of a file', () => {
  it.each<[string, Copy, Copy, boolean]>([
    ['the same bytes', file('1'), file('1'), true],
    ['other bytes', file('1'), file('2'), false],
    ['both gone', absent, absent, true],
    ['one gone', absent, file('1'), false],
    ['too large to be read', file(undefined), file(undefined), false],
    ['two folders, of which nothing is known', folder, folder, false],
    ['something else on the way', behind, behind, false],
  ])('are the same or not: %s', (_, one, other, isSame) => {
    expect(isSameCopy(one, other)).toBe(isSame);
    expect(isSameCopy(other, one)).toBe(isSame);
  });

  it.each<[string, Copy, Copy, boolean]>([
    ['what its commit has', file('1'), file('1'), false],
    ['what we have in our files', file('1'), file('mine'), false],
    ['what our commit has', file('1'), file('ours'), false],
    ['something else', file('1'), file('2'), true],
    ['nothing', file('1'), absent, true],
  ])('need a look by git, by what is in the folder: %s', (_, head, disk, isOpen) => {
    expect(mayBeChanged({ head, disk }, { head: file('ours'), disk: file('mine') })).toBe(isOpen);
  });
});

describe('what commits do at a path', () => {
  const change = (path: string, status: string, to = '2'): PathChange => ({
    path,
    status,
    raw: `:100644 100644 1 ${to} ${status}`,
  });
  it.each<[string, readonly PathChange[], string | undefined]>([
    ['they change it', [change('x', 'M'), change('a/b', 'M')], 'modified'],
    ['they make it', [change('a/b', 'A')], 'added'],
    ['they remove it', [change('a/b', 'D')], 'deleted'],
    ['they change its mode only', [change('a/b', 'M', '1')], undefined],
    ['they make a file where it needs a folder', [change('a', 'A')], 'added'],
    ['they remove what was in its way', [change('a', 'D')], undefined],
    ['they make a folder where it is', [change('a/b/c', 'A')], 'added'],
    [
      'they change what is named alike',
      [change('a/bc', 'M'), change('a/', 'M'), change('b', 'M')],
      undefined,
    ],
  ])('%s', (_, changes, touch) => {
    expect(touchAt('a/b', changes)).toBe(touch);
  });
});

describe('the work that an edit meets', () => {
  it('is none where both hold the same, each part for itself', () => {
    const own = { head: file('1'), disk: file('mine') };
    const work = { committed: 'modified', uncommitted: 'modified' } as const;
    expect(meetingOf(own, both(file('2')), work)).toEqual(work);
    expect(meetingOf(own, { head: file('1'), disk: file('2') }, work)).toEqual({
      committed: undefined,
      uncommitted: 'modified',
    });
    expect(meetingOf(own, { head: file('2'), disk: file('mine') }, work)).toEqual({
      committed: 'modified',
      uncommitted: undefined,
    });
    expect(meetingOf(own, both(file('1')), work)).toBeUndefined();
    expect(meetingOf(own, both(file('2')), { committed: undefined, uncommitted: undefined })).toBeUndefined();
  });
});
