import { describe, expect, it } from 'vitest';
import { dispatch } from '../../src/application/commands/dispatch.ts';
import { refuseIdleOptions } from '../../src/application/dispatch-options.ts';

const parse = (input: object) => dispatch.input.safeParse({ rest: [], ...input });

describe('the options of a dispatch', () => {
  it('have defaults where the configuration has none', () => {
    expect(parse({ prompt: 'x' }).data).toEqual({
      ...{ worktree: [], prompt: 'x', all: false, outputFormat: 'text', async: false, resume: false },
      completeBarriers: false,
      ...{ env: {}, allowEmpty: false, allowPush: false, commit: false, rest: [] },
      ...{ waitForLimit: false, notify: [], allowOutside: [], force: false },
    });
  });

  it('are read from what the command line gives: text', () => {
    const given = { tools: 'Read,Bash(git log:*)', timeout: '90m', maxTurns: '3', maxBudgetUsd: '0.5' };
    expect(parse({ ...given, max: '2', env: ['A=b=c', 'D=', 'A=last'] }).data).toMatchObject({
      ...{ tools: ['Read', 'Bash(git log:*)'], timeout: 5400, maxTurns: 3, maxBudgetUsd: 0.5, max: 2 },
      env: { A: 'last', D: '' },
    });
  });

  it.each([
    { timeout: '0' },
    { timeout: 'soon' },
    { maxTurns: '1.5' },
    { maxTurns: '-1' },
    { maxBudgetUsd: 'much' },
    { max: '0' },
    { env: ['NOPE'] },
    { env: ['1A=x'] },
    { model: '--dangerous' },
    { permissionMode: 'two words' },
    { outputFormat: 'xml' },
    { tools: 'Bash(' },
    { until: '' },
    { until: ' ' },
    { until: 'a\0b' },
    { notify: ['a\0b'] },
    { notify: ['true', ''] },
    { attempts: '0' },
    { attempts: '101' },
    { attempts: '1.5' },
    { retries: '-1' },
    { retries: '101' },
    { stall: '0' },
    { escalateModel: '--x' },
    { promptFile: '' },
  ])('refuse %j', (input) => {
    expect(parse(input).success).toBe(false);
  });

  it('are refused where they would mean nothing', () => {
    const refusal = (input: object) => {
      const { data } = parse(input);
      if (data === undefined) throw new Error('it does not parse');
      return () => refuseIdleOptions(data);
    };
    expect(refusal({ attempts: '2' })).toThrow('--attempts');
    expect(refusal({ escalateModel: 'opus' })).toThrow('--escalate-model');
    expect(refusal({ attempts: '2', escalateModel: 'opus', until: 'npm test', stall: '9000' })).not.toThrow();
  });

  it.each([
    ['complete', null, false, 'ok'],
    ['complete', 'dirty', false, 'ok'],
    ['complete', 'no_commits', false, 'failed'],
    ['complete', 'denied', false, 'failed'],
    ['complete', 'denied', true, 'ok'],
    ['running', null, false, 'ok'],
  ] as const)('make %s (%s), empty runs allowed: %s, %s', (status, reason, allowEmpty, expected) => {
    const { data } = parse({ allowEmpty });
    if (data === undefined) throw new Error('it does not parse');
    expect(dispatch.verdict?.({ status, reason } as never, data)).toBe(expected);
  });
});
