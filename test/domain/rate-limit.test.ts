import { describe, expect, it } from 'vitest';
import { limitBehind, type RateLimit } from '../../src/domain/rate-limit.ts';
import { ResultEvent, readEvents } from '../../src/domain/stream-event.ts';

const failed = (fields: object) => ResultEvent.parse({ subtype: 'success', is_error: true, ...fields });
const at = (seconds: number): RateLimit => ({ resetsAt: seconds * 1000 });
const unknown: RateLimit = { resetsAt: undefined };

describe('the limit behind an error', () => {
  it.each<[string, ResultEvent, RateLimit | undefined, RateLimit | undefined]>([
    ['HTTP 429', failed({ api_error_status: 429 }), undefined, unknown],
    ['HTTP 429 after a rejection', failed({ api_error_status: 429 }), at(4102444800), at(4102444800)],
    ['an error after a rejection', failed({ result: 'stopped' }), at(9), at(9)],
    ['a rejection without a time', failed({ api_error_status: 429 }), unknown, unknown],
    [
      'the words of claude 1',
      failed({ result: 'Claude AI usage limit reached|1760000400' }),
      undefined,
      at(1760000400),
    ],
    [
      'those words with more in between',
      failed({ result: "Claude AI usage limit reached and won't reset|1766502000" }),
      undefined,
      at(1766502000),
    ],
    [
      'the words of claude 2',
      failed({ result: "You've hit your session limit · resets 12:50am (America/Los_Angeles)" }),
      undefined,
      unknown,
    ],
    ['the words of a week', failed({ result: "You've hit your weekly limit" }), undefined, unknown],
    ['an older spelling', failed({ result: '5-hour limit reached ∙ resets 2am' }), undefined, unknown],
    ['an API error', failed({ api_error_status: 500, result: 'rate limiter crashed' }), undefined, undefined],
    ['an outage after a rejection', failed({ api_error_status: 503 }), at(9), undefined],
    ['a bad request', failed({ api_error_status: 400, result: 'bad' }), undefined, undefined],
    ['a success after a rejection', failed({ is_error: false }), at(9), undefined],
    ['the turn limit', failed({ subtype: 'error_max_turns', errors: ['rate limit'] }), at(9), undefined],
    ['the budget', failed({ subtype: 'error_max_budget_usd' }), at(9), undefined],
    ['a time beyond all dates', failed({ api_error_status: 429 }), { resetsAt: 9e15 }, unknown],
  ])('is told from %s', (_, result, announced, expected) => {
    expect(limitBehind(result, announced)).toEqual(expected);
  });

  it.each<[object | undefined, unknown]>([
    [
      { status: 'rejected', resetsAt: 4102444800 },
      { isReached: true, resetsAt: 4102444800000 },
    ],
    [
      { status: 'rejected', resetsAt: 4102444800000 },
      { isReached: true, resetsAt: 4102444800000 },
    ],
    [{ status: 'rejected' }, { isReached: true, resetsAt: undefined }],
    [
      { status: 'rejected', resetsAt: -1 },
      { isReached: true, resetsAt: undefined },
    ],
    [
      { status: 'rejected', resetsAt: 'soon' },
      { isReached: true, resetsAt: undefined },
    ],
    [{ status: 'rejected', resetsAt: 9, isUsingOverage: true }, { isReached: false }],
    [{ status: 'allowed_warning', resetsAt: 9 }, { isReached: false }],
    [{ status: 'allowed' }, { isReached: false }],
    [undefined, { kind: 'other', type: 'rate_limit_event' }],
  ])('is announced by the event %j', (rate_limit_info, expected) => {
    const [event] = readEvents(JSON.stringify({ type: 'rate_limit_event', rate_limit_info }));
    expect(event).toMatchObject(expected as object);
  });
});
