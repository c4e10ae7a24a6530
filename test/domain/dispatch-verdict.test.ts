import { describe, expect, it } from 'vitest';
import { judge, type RunEvidence } from '../../src/domain/dispatch-verdict.ts';
import { ResultEvent } from '../../src/domain/stream-event.ts';

const result = (fields: object = {}) => ResultEvent.parse({ subtype: 'success', is_error: false, ...fields });
const error = (subtype: string, fields: object = {}) => result({ subtype, is_error: true, ...fields });

const evidence = (fields: Partial<RunEvidence> = {}): RunEvidence => ({
  started: true,
  fault: undefined,
  complaint: undefined,
  stopped: undefined,
  exit: { code: 0, signal: null },
  result: result(),
  limit: undefined,
  isStructured: false,
  check: 'none',
  attempts: 1,
  commits: 0,
  changed: false,
  ...fields,
});

const check = (exit_code: number | null, signal: string | null = null) => ({
  ...{ command: 'npm test', exit_code, signal, duration_ms: 1, output: '' },
});
const denied = [{ tool_name: 'Bash', tool_input: { command: 'touch z' } }];

describe('the verdict on a run', () => {
  it.each<[string, Partial<RunEvidence>, string]>([
    ['commits, and no structured output as asked', { commits: 2, isStructured: true }, 'failed error'],
    [
      'the structured output that was asked for',
      { commits: 2, isStructured: true, result: result({ structured_output: null }) },
      'complete null',
    ],
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
    ['a check that passed', { commits: 1, check: check(0) }, 'complete null'],
    ['a check that passed over nothing', { check: check(0) }, 'complete no_commits'],
    ['a check that failed', { commits: 1, check: check(1) }, 'failed error'],
    ['a check that was ended', { commits: 1, check: check(null, 'SIGTERM') }, 'failed error'],
    ['a check that nobody saw end', { commits: 1, check: 'unknown' }, 'failed lost'],
    [
      'a turn limit whose work passed',
      { result: error('error_max_turns'), commits: 1, check: check(0) },
      'complete null',
    ],
    ['a turn limit whose work failed', { result: error('error_max_turns'), check: check(1) }, 'failed error'],
    [
      'a turn limit that nobody checked',
      { result: error('error_max_turns'), check: 'unknown' },
      'failed max_turns',
    ],
    ['an API error that nobody checked', { result: error('success'), check: 'unknown' }, 'failed api_error'],
    [
      'a cancel while the work was checked',
      { stopped: 'cancelled', commits: 1, check: 'unknown' },
      'failed cancelled',
    ],
    [
      'an error after a rejection',
      { result: error('success'), limit: { resetsAt: 9 } },
      'failed rate_limited',
    ],
    [
      'a claude that could not be started again',
      { result: undefined, exit: undefined, fault: 'claude: ENOENT' },
      'failed error',
    ],
    ['a stall', { stopped: 'stalled', result: undefined }, 'failed stalled'],
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
    [
      'which command failed, how, and how often',
      { check: check(2), attempts: 3 },
      'npm test still failed (exit code 2) after 3 attempts',
    ],
    [
      'what ended the command',
      { check: check(null, 'SIGKILL') },
      'npm test still failed (SIGKILL) after one attempt',
    ],
    [
      'why it was not started again',
      { fault: 'its worktree /w is gone' },
      'claude could not be started again: its worktree /w is gone',
    ],
    ['why it was not started', { started: false, fault: 'claude: ENOENT' }, 'claude: ENOENT'],
  ])('says %s', (_, fields, expected) => {
    expect(judge(evidence(fields))).toMatchObject({ message: expected });
  });
});
