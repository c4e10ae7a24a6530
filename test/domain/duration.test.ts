import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/domain/duration.ts';

describe('durations', () => {
  it.each([
    ['7d', 604_800_000],
    ['12h', 43_200_000],
    ['1h30m', 5_400_000],
    ['1w', 604_800_000],
    [' 90m ', 5_400_000],
    ['45s', 45_000],
    ['0s', 0],
  ])('reads %j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '7', 'd', '7 days', '-7d', '1.5h', '7D', '7d!', 'soon', '9999999999d', '999999999w'])(
    'does not read %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('writes what it reads', () => {
    fc.assert(
      fc.property(fc.nat({ max: 400_000_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });

  it('writes whole days rather than hours', () => {
    expect(formatDuration(604_800_000)).toBe('7d');
    expect(formatDuration(90_061_000)).toBe('1d1h1m1s');
  });
});
