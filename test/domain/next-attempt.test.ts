import { describe, expect, it } from 'vitest';
import type { AttemptAnswer, CheckAnswer } from '../../src/domain/answers/dispatch.ts';
import { type AttemptsSoFar, nextStep } from '../../src/domain/next-attempt.ts';

type Attempt = AttemptsSoFar['attempts'][number];
type Request = AttemptsSoFar['request'];

const check = (exit_code: number | null): CheckAnswer => ({
  ...{ command: 'npm test', exit_code, signal: null, duration_ms: 1, output: '' },
});
const did = (
  cause: AttemptAnswer['cause'],
  reason: AttemptAnswer['reason'],
  more: Partial<Attempt> = {},
): Attempt => ({ cause, reason, model: null, check: null, ...more });

const now = new Date('2026-02-20T12:00:00.000Z');
const inMs = (ms: number) => now.getTime() + ms;
const until = { command: 'npm test', attempts: 3 };

function step(
  attempts: readonly Attempt[],
  request: Partial<Request> = {},
  more: Partial<Pick<AttemptsSoFar, 'ranMs' | 'apiStatus' | 'resetsAt'>> & { random?: number } = {},
): string {
  const { random = 0, ...facts } = more;
  const asked: Request = {
    ...{ retries: 0, wait_for_limit: false, until: null, model: null, escalate_model: null },
    ...{ timeout_ms: 3_600_000, ...request },
  };
  const next = nextStep(
    { ...{ ranMs: 0, apiStatus: undefined, resetsAt: undefined }, ...facts, request: asked, attempts },
    { now, random },
  );
  switch (next.kind) {
    case 'go-on':
      return next.escalated ? 'go-on stronger' : 'go-on';
    case 'retry':
      return `retry ${next.afterMs}${next.escalated ? ' stronger' : ''}`;
    case 'park':
      return `park ${next.until.getTime() - now.getTime()}${next.escalated ? ' stronger' : ''}`;
    default:
      return next.kind;
  }
}

describe('what follows an attempt', () => {
  it.each<[string, Attempt[], Partial<Request>, string]>([
    ['work that nothing checks', [did('dispatch', null)], {}, 'finish'],
    ['work to be checked', [did('dispatch', null)], { until }, 'check'],
    ['work that passed', [did('dispatch', null, { check: check(0) })], { until }, 'finish'],
    ['work that failed', [did('dispatch', null, { check: check(1) })], { until }, 'go-on'],
    ['a check that was ended', [did('dispatch', null, { check: check(null) })], { until }, 'go-on'],
    ['a turn limit', [did('dispatch', 'max_turns')], {}, 'finish'],
    ['a turn limit whose work is checked', [did('dispatch', 'max_turns')], { until }, 'check'],
    [
      'the last attempt but one',
      [did('dispatch', null, { check: check(1) }), did('check', null, { check: check(1) })],
      { until, escalate_model: 'opus' },
      'go-on stronger',
    ],
    [
      'the last attempt but one, without a stronger model',
      [did('dispatch', null, { check: check(1) }), did('check', null, { check: check(1) })],
      { until },
      'go-on',
    ],
    [
      'as many attempts as there may be',
      [1, 1, 1].map((code, at) => did(at === 0 ? 'dispatch' : 'check', null, { check: check(code) })),
      { until },
      'finish',
    ],
    [
      'attempts that limits and retries do not count among',
      [did('dispatch', 'api_error'), did('retry', 'rate_limited'), did('limit', null, { check: check(1) })],
      { until: { ...until, attempts: 2 }, escalate_model: 'opus' },
      'go-on stronger',
    ],
    [
      'one attempt of one',
      [did('dispatch', null, { check: check(1) })],
      { until: { ...until, attempts: 1 } },
      'finish',
    ],
    ['an API error', [did('dispatch', 'api_error')], {}, 'finish'],
    ['an API error that may be retried', [did('dispatch', 'api_error')], { retries: 1 }, 'retry 1000'],
    [
      'an API error after the last retry',
      [did('dispatch', 'api_error'), did('retry', 'api_error')],
      { retries: 1 },
      'finish',
    ],
    [
      'an API error of the stronger model',
      [did('dispatch', null, { check: check(1) }), did('check', 'api_error', { model: 'opus' })],
      { retries: 1, until, escalate_model: 'opus' },
      'retry 1000 stronger',
    ],
    ['a limit', [did('dispatch', 'rate_limited')], { retries: 5 }, 'finish'],
    ['a limit to be waited for', [did('dispatch', 'rate_limited')], { wait_for_limit: true }, 'park 60000'],
    ...(['budget', 'error', 'stalled', 'timeout', 'cancelled', 'lost', 'not_started'] as const).map(
      (reason): [string, Attempt[], Partial<Request>, string] => [
        `${reason}, whatever was asked for`,
        [did('dispatch', reason)],
        { until, retries: 5, wait_for_limit: true },
        'finish',
      ],
    ),
  ])('is, after %s, by what was asked for', (_, attempts, request, expected) => {
    expect(step(attempts, request)).toBe(expected);
  });

  it('is an end when the time is used up, and more work would be needed', () => {
    const failed = did('dispatch', null, { check: check(1) });
    expect(step([failed], { until }, { ranMs: 3_600_000 })).toBe('out-of-time');
    expect(step([did('dispatch', 'api_error')], { retries: 1 }, { ranMs: 3_600_000 })).toBe('finish');
    expect(step([did('dispatch', 'rate_limited')], { wait_for_limit: true }, { ranMs: 3_600_000 })).toBe(
      'finish',
    );
    expect(step([did('dispatch', null)], { until }, { ranMs: 3_600_000 })).toBe('check');
  });

  it.each([
    [400, 'finish'],
    [401, 'finish'],
    [404, 'finish'],
    [408, 'retry 1000'],
    [500, 'retry 1000'],
    [529, 'retry 1000'],
    [undefined, 'retry 1000'],
  ])('is no retry of what the API will refuse again (%s)', (apiStatus, expected) => {
    expect(step([did('dispatch', 'api_error')], { retries: 9 }, { apiStatus })).toBe(expected);
  });

  it('waits twice as long before each retry, at most a minute, and not all at the same time', () => {
    const following = (retries: number, random: number) =>
      step(
        [did('dispatch', 'api_error'), ...Array.from({ length: retries }, () => did('retry', 'api_error'))],
        { retries: 99 },
        { random },
      );
    expect([0, 1, 2, 3, 4, 5, 6, 20].map((count) => following(count, 1))).toEqual(
      [2, 4, 8, 16, 32, 60, 60, 60].map((s) => `retry ${s * 1000}`),
    );
    expect(following(0, 0.5)).toBe('retry 1500');
  });

  it('waits for the time that was told, and without one, or when it was wrong, less and less often', () => {
    const met = (times: number, resetsAt?: number) =>
      step(
        Array.from({ length: times }, (_, at) => did(at === 0 ? 'dispatch' : 'limit', 'rate_limited')),
        { wait_for_limit: true },
        { resetsAt },
      );
    const minutes = (...all: number[]) => all.map((each) => `park ${each * 60_000}`);
    expect([1, 2, 3, 4, 5, 6].map((times) => met(times))).toEqual(minutes(1, 2, 4, 8, 15, 15));
    expect(met(1, inMs(5_000))).toBe('park 5000');
    expect([1, 2, 3].map((times) => met(times, inMs(-5_000)))).toEqual(minutes(0, 1, 2));
    expect([2, 3].map((times) => met(times, inMs(5_000)))).toEqual(minutes(1, 2));
    expect(met(2, inMs(3 * 3_600_000))).toBe(`park ${3 * 3_600_000}`);
    expect(met(1, inMs(365 * 86_400_000))).toBe(`park ${8 * 86_400_000}`);
    const worked = [
      did('dispatch', 'rate_limited'),
      did('limit', null, { check: check(1) }),
      did('check', 'rate_limited'),
    ];
    expect(step(worked, { wait_for_limit: true })).toBe('park 60000');
  });
});
