import { describe, expect, it } from 'vitest';
import { changedPaths, type Fingerprint, isChanged } from '../../src/domain/leaks.ts';

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
