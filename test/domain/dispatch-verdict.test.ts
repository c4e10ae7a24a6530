import { describe, expect, it } from 'vitest';
import { judge, type RunEvidence } from '../../src/domain/dispatch-verdict.ts';
import { ResultEvent } from '../../src/domain/stream-event.ts';

const result = (fields: object = {}) => ResultEvent.parse({ subtype: 'success', is_error: false, ...fields });
const error = (subtype: string, fields: object = {}) => result({ subtype, is_error: true, ...fields });

const evidence = (fields: Partial<RunEvidence> = {}): RunEvidence => ({
  started: true,
  complaint: undefined,
  stopped: undefined,
  exit: { code: 0, signal: null },
  result: result(),
  commits: 0,
  changed: false,
  ...fields,
});

const denied = [{ tool_name: 'Bash', tool_input: { command: 'touch z' } }];

describe('the verdict on a run', () => {
  it.each<[string, Partial<RunEvidence>, string]>([
    ['commits', { commits: 2, changed: true }, 'complete null'],
    [
      'commits beside denials',
      { commits: 1, result: result({ permission_denials: denied }) },
      'complete null',
    ],
    ['changed files without a commit', { changed: true }, 'complete dirty'],
    [
      'changed files beside denials',
      { changed: true, result: result({ permission_denials: denied }) },
      'complete dirty',
    ],
    ['nothing but denials', { result: result({ permission_denials: denied }) }, 'complete denied'],
    ['nothing at all', {}, 'complete no_commits'],
    ['a success with a bad exit code', { exit: { code: 1, signal: null }, commits: 1 }, 'complete null'],
    ['a success that nobody saw end', { exit: undefined, commits: 1 }, 'complete null'],
    ['a success whose work is unknown', { commits: undefined, changed: undefined }, 'failed error'],
    ['a success whose changes are unknown', { changed: undefined }, 'failed error'],
    ['commits whose changes are unknown', { commits: 1, changed: undefined }, 'complete null'],
    [
      'subtype success with is_error (HTTP 400)',
      { result: error('success', { api_error_status: 400 }) },
      'failed api_error',
    ],
    [
      'an API that cannot be reached',
      { result: error('success', { api_error_status: null }) },
      'failed api_error',
    ],
    ['an API error beside commits', { commits: 3, result: error('success') }, 'failed api_error'],
    ['HTTP 429', { result: error('success', { api_error_status: 429 }) }, 'failed rate_limited'],
    ['the turn limit', { result: error('error_max_turns') }, 'failed max_turns'],
    ['the budget', { result: error('error_max_budget_usd') }, 'failed budget'],
    ['an error in execution', { result: error('error_during_execution') }, 'failed error'],
    [
      'an error that does not say is_error',
      { result: result({ subtype: 'error_max_turns' }) },
      'failed max_turns',
    ],
    ['an error of a kind to come', { result: error('error_of_tomorrow') }, 'failed error'],
    ['exit 0 without a result', { result: undefined }, 'failed error'],
    ['exit 1 without a result', { result: undefined, exit: { code: 1, signal: null } }, 'failed error'],
    [
      'a signal of somebody else',
      { result: undefined, exit: { code: null, signal: 'SIGKILL' } },
      'failed error',
    ],
    ['no result, and nobody saw it end', { result: undefined, exit: undefined }, 'failed lost'],
    [
      'a claude that was never started',
      { started: false, result: undefined, exit: undefined },
      'failed not_started',
    ],
    [
      'the time limit',
      { stopped: 'timeout', result: undefined, exit: { code: 143, signal: null } },
      'failed timeout',
    ],
    [
      'a cancel',
      { stopped: 'cancelled', result: undefined, exit: { code: 143, signal: null } },
      'failed cancelled',
    ],
    ['Ctrl-C beside commits', { stopped: 'interrupted', commits: 2, result: undefined }, 'failed cancelled'],
    [
      'a cancel before the start',
      { stopped: 'cancelled', started: false, exit: undefined },
      'failed cancelled',
    ],
  ])('is, for %s, by evidence', (_, fields, expected) => {
    const { status, reason } = judge(evidence(fields));
    expect(`${status} ${reason}`).toBe(expected);
  });

  it.each<[string, Partial<RunEvidence>, string]>([
    [
      "claude's own words about an error",
      { result: error('error_max_turns', { errors: ['Reached maximum number of turns (2)'] }) },
      'Reached maximum number of turns (2)',
    ],
    [
      'the complaint of a claude that refused its arguments',
      { result: undefined, exit: { code: 1, signal: null }, complaint: "error: unknown option '--nope'" },
      "claude ended with 1: error: unknown option '--nope'",
    ],
    [
      'the signal that ended it',
      { result: undefined, exit: { code: null, signal: 'SIGKILL' } },
      'claude was ended by SIGKILL',
    ],
    ['that there was no result', { result: undefined }, 'claude ended without a result'],
  ])('says %s', (_, fields, expected) => {
    expect(judge(evidence(fields))).toMatchObject({ message: expected });
  });
});
