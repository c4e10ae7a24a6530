import { describe, expect, it } from 'vitest';
import { nameColumn, progressLine } from '../../src/application/progress-view.ts';
import { blankDispatch, type DispatchRecord } from '../../src/domain/dispatch.ts';
import { noProgress } from '../../src/domain/dispatch-progress.ts';

const record = (change: object = {}, dispatch: object = {}, until: object | null = null) =>
  ({
    phase: 'running',
    request: { until },
    dispatch: { ...blankDispatch, started_at: '2026-11-20T10:00:00.000Z', ...dispatch },
    ...change,
  }) as unknown as DispatchRecord;
const at = { now: new Date('2026-11-20T10:01:12.000Z'), columns: 80 };
const busy = { ...noProgress, turns: 3, tool: { id: 't', name: 'Bash', essence: 'npm test' }, said: 'I try' };

describe('the live line of a run', () => {
  it('says what the agent does now', () => {
    expect(progressLine('fix', record(), busy, at)).toBe('fix  1m12s  3 turns  Bash npm test');
    expect(progressLine('fix', record(), { ...busy, tool: undefined }, at)).toBe(
      'fix  1m12s  3 turns  I try',
    );
    const retry = { ...busy, retry: { attempt: 2, delayMs: 600, error: 'overloaded' } };
    expect(progressLine('fix', record(), retry, at)).toContain('waiting for the API (overloaded, try 2)');
  });

  it('leaves out what there is no room for', () => {
    expect(progressLine('fix', record(), busy, { ...at, columns: 40 })).toBe('fix  1m12s  Bash npm test');
  });

  it('says which attempt it is, and what they have cost', () => {
    const attempts = [{ total_cost_usd: 0.5 }, { total_cost_usd: null }];
    const until = { command: 'npm test', attempts: 3 };
    expect(progressLine('fix', record({ phase: 'checking' }, { attempts }, until), noProgress, at)).toBe(
      'fix  1m12s  attempt 2 of 3  $0.50  checking: npm test',
    );
    expect(progressLine('fix', record({}, { attempts }), busy, at)).toContain('attempt 2  3 turns');
    expect(progressLine('fix', record({}, { attempts: attempts.slice(1) }), busy, at)).not.toContain(
      'attempt',
    );
  });

  it('says how long it is parked, with the day where that is not today', () => {
    const parked = (resets_at: string | null, reason: string | null = 'rate_limited') =>
      progressLine('fix', record({ phase: 'parked' }, { resets_at, reason }), noProgress, at);
    expect(parked('2026-11-20T10:30:00.000Z')).toMatch(/parked until \d\d:\d\d$/);
    expect(parked('2026-11-22T10:30:00.000Z')).toMatch(/parked until 2026-11-\d\d \d\d:\d\d$/);
    expect(parked(null)).toMatch(/parked$/);
    expect(parked(null, null)).toContain('waiting before the API is asked again');
  });
});

describe('the names of several runs', () => {
  it('take one column, a third of the terminal at most, and stay apart', () => {
    const names = ['fix', 'improve-the-very-long-named-search-endpoint', '日本語のキャッシュ'];
    const label = nameColumn(names, 45);
    expect(names.map(label)).toEqual(['fix            ', 'improve…ndpoint', '日本語の…ッシュ']);
    expect(nameColumn(['a', 'bcd'], 80)('a')).toBe('a  ');
  });
});
