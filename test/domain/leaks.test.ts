import { describe, expect, it } from 'vitest';
import { attribute, changedPaths, type Fingerprint, isChanged } from '../../src/domain/leaks.ts';

const at = (head: string, entries: Record<string, string> = {}): Fingerprint => ({
  head,
  branch: 'main',
  entries,
});

describe('two fingerprints of a work tree', () => {
  it.each<[string, Fingerprint, Fingerprint, string[]]>([
    ['nothing happened', at('1', { a: 'M x' }), at('1', { a: 'M x' }), []],
    ['a file became dirty', at('1'), at('1', { a: 'M x' }), ['a']],
    ['a dirty file was edited again', at('1', { a: 'M x' }), at('1', { a: 'M y' }), ['a']],
    ['a dirty file was put back', at('1', { a: 'M x' }), at('1'), ['a']],
    ['files appeared', at('1'), at('1', { b: '? x', a: '? y' }), ['a', 'b']],
  ])('differ where %s', (_, start, end, expected) => {
    expect(changedPaths(start, end)).toEqual(expected);
  });

  it('leave out what a move of HEAD explains', () => {
    const start = at('1', { committed: '? x', edited: 'M y' });
    const end = at('2', { edited: 'M z' });
    expect(changedPaths(start, end, new Set(['committed', 'landed']))).toEqual(['edited']);
  });

  it('tell that something was done when only HEAD moved', () => {
    expect(isChanged(at('1'), at('2'))).toBe(true);
    expect(isChanged(at('1', { a: 'M x' }), at('1', { a: 'M x' }))).toBe(false);
  });
});

describe('a change in another checkout', () => {
  const minute = 60_000;
  const run = { from: 100 * minute, until: 200 * minute };
  const other = (dispatchId: string, worktree: string, from: number, until?: number) => ({
    dispatchId,
    worktree,
    from: from * minute,
    until: until === undefined ? undefined : until * minute,
  });
  const inMain = (at: number | undefined) => ({
    path: 'a.txt',
    worktree: '/main',
    at: at === undefined ? undefined : at * minute,
  });
  const b = other('b', '/wt/b', 150);

  it.each<[string, number | undefined, Parameters<typeof attribute>[2], 'none' | 'alone' | string[]]>([
    ['nobody else was there', 150, [], 'alone'],
    ['before the other began', 120, [b], 'alone'],
    ['after the other had ended', 180, [other('b', '/wt/b', 90, 140)], 'alone'],
    ['while another was at work', 170, [b], ['b']],
    [
      'while several were, of which one had ended',
      170,
      [b, other('c', '/wt/c', 0), other('d', '/d', 0, 120)],
      ['b', 'c'],
    ],
    [
      'at a time that nobody knows, since the file is gone',
      undefined,
      [b, other('c', '/c', 50, 120)],
      ['b', 'c'],
    ],
    ['to a file that is older than the run, so that it was only staged', 20, [b], ['b']],
    ['a little after the last sign of life', 205, [], 'alone'],
    ['long after the end that nobody saw', 230, [], 'none'],
    ['where a run of its own was at work', 170, [other('m', '/main', 150)], 'none'],
    ['where a run of its own had ended', 170, [other('m', '/main', 90, 140)], 'alone'],
    [
      'at a time that nobody knows, where a run of its own was',
      undefined,
      [other('m', '/main', 90, 140)],
      'none',
    ],
    [
      'at a time that nobody knows, with a run that began long after',
      undefined,
      [other('z', '/z', 300)],
      'alone',
    ],
  ])('is attributed: %s', (_, at, others, expected) => {
    const leak = { path: 'a.txt', worktree: '/main' };
    const { leaks, shared } = attribute([inMain(at)], run, others);
    expect(leaks).toEqual(expected === 'none' ? [] : [leak]);
    expect(shared).toEqual(Array.isArray(expected) ? [{ leak, with: expected }] : []);
  });

  it('is shared by both of two runs at once, whichever is asked', () => {
    const a = { from: 0, until: 10 * minute };
    const c = { from: 5 * minute, until: 20 * minute };
    const change = [inMain(7)];
    expect(attribute(change, a, [{ ...c, dispatchId: 'c', worktree: '/c' }]).shared[0]?.with).toEqual(['c']);
    expect(attribute(change, c, [{ ...a, dispatchId: 'a', worktree: '/a' }]).shared[0]?.with).toEqual(['a']);
  });
});
