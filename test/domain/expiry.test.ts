import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AtticRef,
  atticRefOf,
  basicTime,
  parseBasicTime,
  readAtticRef,
  revivalOf,
} from '../../src/domain/attic.ts';
import { formatBytes, parseBytes, writtenBytes } from '../../src/domain/bytes.ts';
import { expired, nextLook, type Surveyed } from '../../src/domain/expiry.ts';
import { judgeLock, type LockFile } from '../../src/domain/lock-file.ts';
import { lockOwner } from '../../src/domain/lock-owner.ts';
import { mirrorsIn } from '../../src/domain/mirrors.ts';
import type { Sha } from '../../src/domain/sha.ts';
import { quote } from '../../src/domain/shell.ts';
import type { TrashEntry } from '../../src/domain/trash.ts';

const now = new Date('2026-11-21T10:30:00.000Z');
const hours = (count: number) => count * 3_600_000;

const entry = (id: string, ageMs = 0, branch: string | null = 'feat/x'): TrashEntry => ({
  version: 1,
  id,
  removed_at: new Date(now.getTime() - ageMs).toISOString(),
  worktree_path: `/w/${id}`,
  registration: id,
  place: 'worktree',
  branch,
  head: null,
  held_branch: null,
});

const held = (id: string, ageMs: number, size: number): Surveyed => ({
  entry: entry(id, ageMs),
  survey: { version: 1, surveyed_at: now.toISOString(), size, held: null },
});

describe('the entries that go', () => {
  const limits = { keepMs: hours(7 * 24), maxSize: 100 };
  const ids = (all: readonly Surveyed[]) => expired(all, limits, now).map(({ id }) => id);

  it('are those whose time is over, the oldest first', () => {
    expect(
      ids([held('a', hours(24 * 8), 1), held('b', hours(24 * 6), 1), held('c', hours(24 * 9), 1)]),
    ).toEqual(['c', 'a']);
  });

  it('are the oldest of those that are too much together, and none of the last day', () => {
    const all = [held('new', hours(1), 90), held('mid', hours(30), 5), held('old', hours(60), 40)];
    expect(ids(all)).toEqual(['old']);
    expect(ids([held('new', hours(1), 500), held('newer', hours(0), 500)])).toEqual([]);
    expect(ids([held('alone', hours(25), 500)])).toEqual(['alone']);
  });

  it('are not judged by a size that is not known', () => {
    expect(ids([{ entry: entry('a', hours(48)), survey: undefined }])).toEqual([]);
  });

  it('are looked for again when the first is due: after an hour at the earliest, after a day at the latest', () => {
    const lookAt = (ageMs: number) => nextLook([entry('a', ageMs)], limits, now)?.getTime();
    expect(lookAt(hours(7 * 24 - 5))).toBe(now.getTime() + hours(5));
    expect(lookAt(hours(8 * 24))).toBe(now.getTime() + hours(1));
    expect(lookAt(0)).toBe(now.getTime() + hours(24));
    expect(nextLook([], limits, now)).toBeUndefined();
  });
});

describe('a ref of the attic', () => {
  it('is named by branch and time of removal, and read back', () => {
    const ref = atticRefOf(entry('trash-20261121-001'));
    expect(ref).toBe('refs/wt/attic/feat/x/20261121T103000Z');
    expect(atticRefOf(entry('t'), 2)).toBe('refs/wt/attic/feat/x/20261121T103002Z');
    expect(readAtticRef(ref)).toEqual({ branch: 'feat/x', removedAt: now });
    const detached = atticRefOf(entry('trash-20261121-001', 0, null));
    expect(detached).toBe('refs/wt/attic/detached-trash-20261121-001/20261121T103000Z');
    expect(readAtticRef(detached)).toEqual({ branch: undefined, removedAt: now });
    expect(readAtticRef('refs/wt/attic/odd')).toEqual({ branch: undefined, removedAt: undefined });
  });

  it('has a time that is read back to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        expect(parseBasicTime(basicTime(new Date(seconds * 1000)))).toEqual(new Date(seconds * 1000));
      }),
    );
    expect(parseBasicTime('20261321T000000Z')).toBeUndefined();
  });

  it('is brought back on its branch where that is free or stands there, else without one', () => {
    const head = 'a'.repeat(40) as Sha;
    const kept: AtticRef = { ref: 'r', commit: head, branch: 'x', removedAt: now, path: '/a b', head };
    const [free, there, elsewhere] = [undefined, head, 'b'.repeat(40) as Sha].map(
      (branchTip) => revivalOf(kept, { branchTip, quote })[0],
    );
    expect(free).toBe("git worktree add -b x '/a b' r^1");
    expect(there).toBe("git worktree add '/a b' x");
    expect(elsewhere).toBe("git worktree add --detach '/a b' r^1");
  });
});

describe('a size', () => {
  it.each([
    ['20GB', 20_000_000_000],
    ['1.5 gb', 1_500_000_000],
    ['500MB', 500_000_000],
    ['12B', 12],
    ['7', undefined],
    ['-1GB', undefined],
    ['1GiB', undefined],
  ])('%s is read as %s', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it('is written so that it is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (bytes) => {
        expect(parseBytes(writtenBytes(bytes))).toBe(bytes);
      }),
    );
    expect(writtenBytes(20_000_000_000)).toBe('20GB');
  });

  it('is shown with what counts', () => {
    expect([0, 999, 1000, 1234, 74_000, 999_600, 2_500_000_000].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1 KB',
      '1.2 KB',
      '74 KB',
      '1 MB',
      '2.5 GB',
    ]);
  });
});

describe('the reason of a lock', () => {
  it.each([
    ['claude agent a-b (pid 12 start 345)', { tool: 'claude', id: 'a-b', pid: 12, startTime: '345' }],
    ['claude agent x (pid 12)', { tool: 'claude', id: 'x', pid: 12, startTime: undefined }],
    [
      'wt dispatch dispatch-20260220-001 (pid 7 start Mon Feb 2 10:00:00 2026)',
      { tool: 'wt', id: 'dispatch-20260220-001', pid: 7, startTime: 'Mon Feb 2 10:00:00 2026' },
    ],
    ['on a stick', undefined],
    ['claude agent x (pid 12 start 1) and more', undefined],
    ['', undefined],
  ])('%j', (reason, owner) => expect(lockOwner(reason)).toEqual(owner));
});

describe('a lock file', () => {
  const file: LockFile = { path: '/l', ageMs: hours(1), isOwnersVisible: true, open: [], gits: [] };
  const git = { pid: 7, command: 'git commit' };

  it.each([
    [{}, 'dead'],
    [{ open: [git] }, 'held'],
    [{ gits: [git] }, 'held'],
    [{ open: [git], gits: undefined, isOwnersVisible: false }, 'held'],
    [{ open: undefined }, 'unknown'],
    [{ gits: undefined }, 'unknown'],
    [{ isOwnersVisible: false }, 'unknown'],
    [{ ageMs: 1000 }, 'unknown'],
  ] as const)('with %j is %s', (facts, kind) => expect(judgeLock({ ...file, ...facts }).kind).toBe(kind));
});

describe('a remote', () => {
  const found = (settings: Readonly<Record<string, string>>) =>
    mirrorsIn(
      Object.entries(settings).map(([key, value]) => ({ key, value })),
      quote,
    ).map(({ fix }) => fix);

  it('that takes refs/wt/* along is told with what ends that', () => {
    expect(found({ 'remote.up.mirror': 'true' })).toEqual(['git config --unset-all remote.up.mirror']);
    expect(found({ 'remote.a.b.push': '+refs/*:refs/*' })).toEqual([
      "git config remote.a.b.push 'refs/heads/*:refs/heads/*'",
    ]);
    const fetch = { 'remote.origin.fetch': '+refs/*:refs/*' };
    expect(found({ ...fetch, 'fetch.prune': 'true' })).toHaveLength(1);
    expect(found({ ...fetch, 'remote.origin.prune': 'true' })).toHaveLength(1);
    expect(found(fetch)).toEqual([]);
  });

  it('that takes branches only is none of these', () => {
    expect(
      found({
        'remote.up.mirror': 'false',
        'remote.up.push': 'refs/heads/*:refs/heads/*',
        'remote.up.fetch': '+refs/heads/*:refs/remotes/up/*',
        'fetch.prune': 'true',
      }),
    ).toEqual([]);
  });
});
