import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { livenessOf } from '../../src/adapters/processes.ts';
import { StatusAnswer } from '../../src/domain/answers/status.ts';
import type { DispatchRecord } from '../../src/domain/dispatch.ts';
import { until } from '../support/children.ts';
import {
  type DispatchScene,
  dispatchIn,
  dispatchScene,
  expectNothingLeft,
  scriptAsClaude,
} from '../support/dispatches.ts';

const seconds = () => String(1000 + Math.floor(Math.random() * 1_000_000));
const folderOf = ({ dispatch }: DispatchRecord) => dirname(dispatch.log_path ?? '');
const fileOf = (scene: DispatchScene, name: string) => join(scene.at('feat/a'), name);

describe('a run that meets a limit', () => {
  it('fails with the time when that is over', async () => {
    const scene = dispatchScene();
    const ran = await scene.dispatch('feat/a', ['@write a.txt x', '@rate-limit 4102444800'], '--json');
    const answer = dispatchIn(ran);
    expect(answer).toMatchObject({
      ...{ status: 'failed', reason: 'rate_limited', resets_at: '2100-01-01T00:00:00.000Z' },
      error: { code: 'claude_failed', hint: "wt dispatch feat/a --resume -p 'go on'" },
      attempts: [{ number: 1, cause: 'dispatch', reason: 'rate_limited' }],
    });
    expect(ran.code).toBe(1);
  });

  it('waits for its end when told to, goes on in the same session, and adds up what it took', async () => {
    const scene = dispatchScene();
    const lines = ['@cost 0.5', '@deny Read', '@rate-limit +0.6', '@at 2 cost 0.25', '@at 2 write a.txt x'];
    const more = ['@at 2 commit w', '@at 2 recall'];
    const ran = await scene.dispatch('feat/a', [...lines, ...more], '--wait-for-limit', '--json');
    const answer = dispatchIn(ran);
    expect(answer).toMatchObject({
      ...{ status: 'complete', reason: null, commits: 1, resets_at: null },
      result: expect.stringMatching(/^2 prompts, first: @cost/),
      attempts: [
        { cause: 'dispatch', reason: 'rate_limited', session_id: answer.session_id },
        { cause: 'limit', reason: null, session_id: answer.session_id, exit_code: 0 },
      ],
    });
    const [first, second] = answer.attempts;
    const [, resetsAt] = /"resetsAt":([\d.]+)/.exec(readFileSync(answer.log_path ?? '', 'utf8')) ?? [];
    expect(Date.parse(second?.started_at ?? '')).toBeGreaterThanOrEqual(Math.floor(Number(resetsAt) * 1000));
    expect(answer.pid).toBe(second?.pid);
    expect(answer.num_turns).toBe((first?.num_turns ?? 0) + (second?.num_turns ?? 0));
    expect(answer.total_cost_usd).toBeCloseTo((first?.total_cost_usd ?? 0) + (second?.total_cost_usd ?? 0));
    expect(answer.permission_denials).toHaveLength(1);
    await expectNothingLeft(scene);
  });

  it('runs while it waits, without a claude, and is cancelled at once', async () => {
    const scene = dispatchScene();
    const limit = ['dispatch', 'feat/a', '--wait-for-limit', '--json', '-p', '@rate-limit 4102444800'];
    const wt = scene.start(limit);
    const parked = await scene.runWhen(({ phase }) => phase === 'parked');
    expect(parked).toMatchObject({ claude: null, dispatch: { pid: null, reason: 'rate_limited' } });
    expect(parked.dispatch.resets_at).toBe('2100-01-01T00:00:00.000Z');
    const [, row] = StatusAnswer.array().parse((await scene.wt(['status', '--json'])).json());
    expect(row).toMatchObject({
      ...{ state: 'running', dispatch_status: 'running', pid: null },
      needs: { kind: 'rate_limited', command: 'wt wait feat/a' },
    });
    expect(dispatchIn(await scene.wt(['cancel', 'feat/a', '--json']))).toMatchObject({
      ...{ status: 'failed', reason: 'cancelled', resets_at: null },
    });
    expect((await wt.ended).code).toBe(1);
    await expectNothingLeft(scene);
  });

  it('is rate limited, not lost, when its supervisor dies while it waits', async () => {
    const scene = dispatchScene();
    await scene.wt(['dispatch', 'feat/a', '--wait-for-limit', '--async', '-p', '@rate-limit 4102444800']);
    const { supervisor } = await scene.runWhen(({ phase }) => phase === 'parked');
    process.kill(supervisor?.pid ?? 0, 'SIGKILL');
    await until(() => supervisor !== null && livenessOf(supervisor) === 'dead');
    const [row] = JSON.parse((await scene.wt(['runs', '--json'])).stdout);
    expect(row).toMatchObject({
      ...{ status: 'failed', reason: 'rate_limited', resets_at: '2100-01-01T00:00:00.000Z' },
      warnings: [{ code: 'supervisor_died' }],
    });
    const again = await scene.dispatch('feat/a', ['@recall'], '--resume', '--allow-empty', '--json');
    expect(dispatchIn(again)).toMatchObject({ status: 'complete', session_id: row.session_id });
  });
});

describe('retries', () => {
  it('continue a session after an API error, and no further than told', async () => {
    const scene = dispatchScene();
    const lines = ['@write a.txt x', '@api-error 529', '@at 2 api-error 529', '@at 3 commit w'];
    const once = dispatchIn(await scene.dispatch('feat/a', lines, '--retries', '1', '--json'));
    expect(once).toMatchObject({
      ...{ status: 'failed', reason: 'api_error' },
      attempts: [
        { cause: 'dispatch', reason: 'api_error' },
        { cause: 'retry', reason: 'api_error' },
      ],
    });
    expect(once.attempts[1]?.session_id).toBe(once.attempts[0]?.session_id);
  });

  it('begin a session anew, with the same prompt, where none was announced', async () => {
    const scene = dispatchScene();
    const [said, error] = [
      join(scene.repo.root, 'said'),
      { type: 'result', subtype: 'success', is_error: true },
    ];
    const init = { type: 'system', subtype: 'init', session_id: 'its-own' };
    const done = { ...error, is_error: false, result: 'done' };
    const lines = (...events: object[]) =>
      events.map((event) => `echo '${JSON.stringify(event)}'`).join('; ');
    scriptAsClaude(
      scene,
      `echo "$@" "$(cat)" >> ${said}; if [ -e once ]; then ${lines(init, done)}; else touch once; ${lines(error)}; exit 1; fi`,
    );
    const answer = dispatchIn(await scene.dispatch('feat/a', ['do it'], '--retries', '1', '--json'));
    expect(answer).toMatchObject({ status: 'complete', session_id: 'its-own', result: 'done' });
    const [first, second] = readFileSync(said, 'utf8').trimEnd().split('\n');
    const idOf = (line = '') => / --session-id (\S+) .*do it$/.exec(line)?.[1];
    expect(idOf(first)).toBe(answer.attempts[0]?.session_id);
    expect(idOf(second)).toBeDefined();
    expect(idOf(second)).not.toBe(idOf(first));
  });

  it('are not made for what asking again does not help', async () => {
    const scene = dispatchScene();
    const refused = dispatchIn(
      await scene.dispatch('feat/a', ['@api-error 400'], '--retries', '3', '--json'),
    );
    expect(refused).toMatchObject({ reason: 'api_error', attempts: [{ reason: 'api_error' }] });
  });
});

describe('dispatch --until', () => {
  it('continues the session with the end of the output until the command passes', async () => {
    const scene = dispatchScene();
    const check = 'test -e done.txt || { echo "no done.txt, marker $WT_DISPATCH_ID" >&2; exit 3; }';
    const flags = ['--until', check, '--attempts', '5', '--json'];
    const lines = ['@say one', '@at 3 write done.txt x', '@at 3 commit w'];
    const answer = dispatchIn(await scene.dispatch('feat/a', lines, ...flags));
    expect(answer).toMatchObject({
      ...{ status: 'complete', reason: null, commits: 1, error: null },
      attempts: [
        { cause: 'dispatch', reason: null, check: { exit_code: 3, signal: null } },
        { cause: 'check', reason: null, check: { exit_code: 3, command: check } },
        { cause: 'check', reason: null, check: { exit_code: 0, output: '' } },
      ],
    });
    const told = `no done.txt, marker ${answer.dispatch_id}`;
    expect(answer.attempts[0]?.check?.output).toBe(`${told}\n`);
    const [record] = scene.records();
    if (record === undefined) throw new Error('there is no run');
    const prompt = readFileSync(join(folderOf(record), 'prompt-2.md'), 'utf8');
    expect(prompt).toContain(check);
    expect(prompt).toContain('exit code 3');
    expect(prompt).toContain(told);
    expect(readFileSync(join(folderOf(record), 'check-1.log'), 'utf8')).toBe(`${told}\n`);
    expect(record.attempt_offsets?.length).toBe(3);
  });

  it('gives the last attempt to the stronger model, and fails with the command that still fails', async () => {
    const scene = dispatchScene();
    const flags = ['--until', 'echo no; exit 4', '--attempts', '2', '--model', 'small'];
    const ran = await scene.dispatch(
      'feat/a',
      ['@write a.txt x', '@commit w'],
      ...[...flags, '--escalate-model', 'large', '--json'],
    );
    expect(dispatchIn(ran)).toMatchObject({
      ...{ status: 'failed', reason: 'error', commits: 1 },
      attempts: [{ model: 'small' }, { model: 'large' }],
      error: {
        code: 'command_failed',
        message: expect.stringContaining('echo no; exit 4 still failed (exit code 4) after 2 attempts'),
        details: { exit_code: 4, output: 'no\n' },
      },
    });
    expect(ran.code).toBe(1);
    const stream = readFileSync(scene.records()[0]?.dispatch.log_path ?? '', 'utf8');
    expect(stream.match(/"model":"(small|large)","permissionMode"/g)).toHaveLength(2);
  });

  it('takes a run for done that its turn limit ended when the command passes', async () => {
    const scene = dispatchScene();
    const lines = ['@write a.txt x', '@max-turns'];
    const answer = dispatchIn(await scene.dispatch('feat/a', lines, '--until', 'test -e a.txt', '--json'));
    expect(answer).toMatchObject({
      ...{ status: 'complete', reason: 'dirty', warnings: [{ code: 'max_turns' }] },
      attempts: [{ reason: 'max_turns', check: { exit_code: 0 } }],
    });
  });

  it('checks nothing after an error that is not about the work', async () => {
    const scene = dispatchScene();
    const flags = ['--until', 'touch checked', '--json'];
    expect(dispatchIn(await scene.dispatch('feat/a', ['@budget'], ...flags))).toMatchObject({
      ...{ reason: 'budget', attempts: [{ check: null }] },
    });
    expect(existsSync(fileOf(scene, 'checked'))).toBe(false);
  });

  it('is cancelled with everything its command has started', async () => {
    const scene = dispatchScene();
    const word = seconds();
    const check = `setsid sh -c 'cd /; exec sleep ${word}' & trap '' TERM; sleep ${word}; sleep ${word}`;
    const wt = scene.start(['dispatch', 'feat/a', '-p', '@write a.txt x', '--until', check, '--json']);
    const checking = await scene.runWhen(({ phase }) => phase === 'checking');
    expect(checking).toMatchObject({ claude: null, dispatch: { status: 'running', pid: null } });
    expect(JSON.parse((await scene.wt(['status', 'feat/a', '--json'])).stdout)).toMatchObject([
      { state: 'running', dispatch_status: 'running' },
    ]);
    await until(() => scene.running(word));
    const cancelled = await scene.wt(['cancel', 'feat/a', '--grace', '0.2', '--json']);
    expect(dispatchIn(cancelled)).toMatchObject({ status: 'failed', reason: 'cancelled' });
    await wt.ended;
    await expectNothingLeft(scene);
  });

  it('is lost when its supervisor dies while the command runs', async () => {
    const scene = dispatchScene();
    const word = seconds();
    const flags = ['--until', `sleep ${word}`, '--async'];
    await scene.wt(['dispatch', 'feat/a', '-p', '@write a.txt x', ...flags]);
    await until(() => scene.running(word));
    const [{ supervisor = null } = {}] = scene.records();
    process.kill(supervisor?.pid ?? 0, 'SIGKILL');
    await until(() => supervisor !== null && livenessOf(supervisor) === 'dead');
    expect(JSON.parse((await scene.wt(['runs', '--json'])).stdout)).toMatchObject([
      { status: 'failed', reason: 'lost', uncommitted_changes: true },
    ]);
    await expectNothingLeft(scene);
  });
});

describe('a run that stalls', () => {
  it('is ended when there is no event and no tool at work for too long', async () => {
    const scene = dispatchScene();
    const ran = await scene.dispatch('feat/a', ['@write a.txt x', '@hang'], '--stall', '0.8', '--json');
    expect(dispatchIn(ran)).toMatchObject({ status: 'failed', reason: 'stalled', uncommitted_changes: true });
    expect(ran.code).toBe(1);
    await expectNothingLeft(scene);
  });

  it('is not one whose tool takes long, nor one that waits for the API as it said', async () => {
    const scene = dispatchScene();
    const lines = ['@run sleep 1.6', '@retry 529', '@sleep 1200', '@write a.txt x'];
    const ran = await scene.dispatch('feat/a', lines, '--stall', '0.8', '--json');
    expect(dispatchIn(ran)).toMatchObject({ status: 'complete', reason: 'dirty' });
  });
});

describe('the time limit', () => {
  it('counts the time of claude in all attempts, and none of the waiting', async () => {
    const scene = dispatchScene();
    const lines = ['@sleep 1000', '@rate-limit +1', '@at 2 sleep 60000'];
    const ran = await scene.dispatch('feat/a', lines, '--wait-for-limit', '--timeout', '3', '--json');
    const answer = dispatchIn(ran);
    expect(answer).toMatchObject({
      reason: 'timeout',
      attempts: [{ reason: 'rate_limited' }, { reason: 'timeout' }],
    });
    expect(ran.code).toBe(124);
    const ranMs = scene.records()[0]?.ran_ms ?? 0;
    expect(ranMs).toBeGreaterThanOrEqual(3000);
    expect(ranMs).toBeLessThan((answer.duration_ms ?? 0) - 500);
  });
});
