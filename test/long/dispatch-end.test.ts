import { describe, expect, it } from 'vitest';
import { livenessOf, processes } from '../../src/adapters/processes.ts';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { until } from '../support/children.ts';
import {
  type DispatchScene,
  dispatchIn,
  dispatchScene,
  expectNothingLeft,
  scriptAsClaude,
} from '../support/dispatches.ts';

const seconds = () => String(1000 + Math.floor(Math.random() * 1_000_000));

/** Starts a dispatch whose agent sits in a tool that sleeps, and waits until that tool runs. */
async function inATool(scene: DispatchScene, ...flags: string[]) {
  const word = seconds();
  const wt = scene.start([
    'dispatch',
    'feat/a',
    '-p',
    `@write a.txt one\n@commit work\n@run sleep ${word}`,
    ...flags,
  ]);
  await until(() => scene.running(word));
  const [record] = scene.records();
  if (record === undefined) throw new Error('there is no run');
  return { wt, record, word };
}

describe('a run', () => {
  it('is ended with its tools when its time is up', async () => {
    const scene = dispatchScene();
    const word = seconds();
    const ran = await scene.dispatch(
      'feat/a',
      ['@ignore-term', '@write a.txt one', '@commit work', `@run trap '' TERM; sleep ${word}; sleep ${word}`],
      '--timeout',
      '1.5',
      '--json',
    );
    const answer = dispatchIn(ran);
    expect(answer).toMatchObject({
      status: 'failed',
      reason: 'timeout',
      commits: 1,
      error: { code: 'timeout' },
    });
    expect(answer.warnings).toMatchObject([
      { code: 'processes_ended', message: expect.stringContaining(word) },
    ]);
    expect(ran.code).toBe(124);
    await expectNothingLeft(scene);
    expect((await scene.wt(['wait', 'feat/a'])).code).toBe(1);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is ended with its tools by %s to the waiting wt', async (signal, code) => {
    const scene = dispatchScene();
    const { wt } = await inATool(scene, '--json');
    wt.child.kill(signal);
    const ran = await wt.ended;
    expect(dispatchIn(ran)).toMatchObject({ status: 'failed', reason: 'cancelled', commits: 1 });
    expect(ran.code).toBe(code);
    await expectNothingLeft(scene);
  });

  it('goes on when the terminal is closed, and when the waiting wt is killed; cancel ends it', async () => {
    const scene = dispatchScene(['feat/a', 'feat/b']);
    const { wt, record } = await inATool(scene, '--json');
    wt.child.kill('SIGHUP');
    const ran = await wt.ended;
    expect(ran.code).toBe(0);
    expect(dispatchIn(ran)).toMatchObject({ status: 'running', pid: record.dispatch.pid });
    expect(record.claude === null ? 'dead' : livenessOf(record.claude)).toBe('alive');

    const second = scene.start(['dispatch', 'feat/b', '-p', '@hang']);
    const other = await scene.runWhen(
      ({ phase, dispatch }) => phase === 'running' && dispatch.branch === 'feat/b',
    );
    second.child.kill('SIGKILL');
    await second.ended;
    expect(other.claude === null ? 'dead' : livenessOf(other.claude)).toBe('alive');

    const impatient = await scene.wt(['wait', '--timeout', '0.2', '--json']);
    expect(impatient.code).toBe(124);
    expect(DispatchAnswer.array().parse(impatient.json())).toMatchObject([
      { status: 'running', error: { code: 'timeout' } },
      { status: 'running', error: { code: 'timeout' } },
    ]);
    const waiting = scene.start(['wait', '--json']);
    const cancelled = await scene.wt(['cancel', '-a', '--json']);
    expect(cancelled.code).toBe(0);
    expect(DispatchAnswer.array().parse(cancelled.json())).toMatchObject([
      { branch: 'feat/b', status: 'failed', reason: 'cancelled', error: null },
      { branch: 'feat/a', status: 'failed', reason: 'cancelled', error: null },
    ]);
    expect((await waiting.ended).code).toBe(1);
    await expectNothingLeft(scene);
    const again = await scene.wt(['cancel', 'feat/a', '--json']);
    expect(dispatchIn(again)).toMatchObject({ reason: 'cancelled' });
    expect(again.code).toBe(0);
  });

  it('holds no stream of the wt that started it, nor the marker of a run that this wt is part of', async () => {
    const outer = { name: 'WT_DISPATCH_MARKER', value: crypto.randomUUID() };
    const scene = dispatchScene(['feat/a'], { [outer.name]: outer.value });
    const word = seconds();
    const { child, ended } = scene.start([
      'dispatch',
      'feat/a',
      '-p',
      `@run sleep ${word}`,
      '--async',
      '--json',
    ]);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const ran = await ended; // only once nobody holds the pipes any more
    await exited;
    expect(await processes.marked(outer)).toEqual([]);
    expect(dispatchIn(ran)).toMatchObject({ status: 'running', reason: null, exit_code: null, commits: 0 });
    expect(ran.code).toBe(0);
    const second = await scene.wt(['dispatch', 'feat/a', '-p', '@say x', '--json']);
    expect(second.json()).toMatchObject({ error: { code: 'dispatch_running' } });
    expect(second.code).toBe(4);
    const follower = scene.start(['logs', 'feat/a', '--follow']);
    follower.child.stdout?.destroy(); // as `| head -1` does
    expect((await follower.ended).code).toBe(0);
    await scene.wt(['cancel', 'feat/a', '--grace', '0']);
    await expectNothingLeft(scene);
  });

  it('is lost with its supervisor and its claude: nothing is left running, and every command says the same', async () => {
    const scene = dispatchScene();
    const { wt, record, word } = await inATool(scene);
    wt.child.kill('SIGKILL');
    for (const gone of [record.supervisor, record.claude]) {
      process.kill(gone?.pid ?? 0, 'SIGKILL');
      await until(() => gone !== null && livenessOf(gone) === 'dead');
    }
    expect(await scene.running(word)).toBe(true);
    const both = await Promise.all([scene.wt(['runs', '--json']), scene.wt(['runs', '--json'])]);
    const [one, two] = both.map((ran) => DispatchAnswer.array().parse(ran.json()));
    expect(one).toEqual(two);
    expect(one).toMatchObject([{ status: 'failed', reason: 'lost', commits: 1, exit_code: null }]);
    expect(one?.[0]?.warnings.map(({ code }) => code)).toEqual(['processes_ended', 'supervisor_died']);
    await expectNothingLeft(scene);
    const resumed = await scene.dispatch('feat/a', ['@recall'], '--resume', '--allow-empty', '--json');
    expect(dispatchIn(resumed)).toMatchObject({ session_id: record.dispatch.session_id, status: 'complete' });
  });

  it('is ended by a cancel also when its supervisor is stopped', async () => {
    const scene = dispatchScene();
    const { wt, record } = await inATool(scene);
    process.kill(record.supervisor?.pid ?? 0, 'SIGSTOP');
    const cancelled = dispatchIn(await scene.wt(['cancel', 'feat/a', '--json']));
    expect(cancelled).toMatchObject({ status: 'failed', reason: 'cancelled', commits: 1 });
    expect((await wt.ended).code).toBe(1);
    await expectNothingLeft(scene);
  });

  it('takes what it left in the background with it, and names that', async () => {
    const scene = dispatchScene();
    const word = seconds();
    const ran = await scene.dispatch(
      'feat/a',
      ['@write a.txt one', '@commit work', `@background sleep ${word}`, `@run setsid sleep ${word} & disown`],
      '--json',
    );
    const answer = dispatchIn(ran);
    expect(answer).toMatchObject({ status: 'complete', reason: null, exit_code: 0 });
    expect(answer.warnings).toMatchObject([
      { code: 'processes_ended', message: expect.stringMatching(new RegExp(`${word}.*${word}`)) },
    ]);
    await expectNothingLeft(scene);
  });

  it('that its claude ends never is ended by its time, and a silent one has its last words told', async () => {
    const scene = dispatchScene(['never', 'silent']);
    scriptAsClaude(
      scene,
      'case $PWD in */never) trap "" TERM; while :; do sleep 0.05; done;; *) echo "no such flag" >&2; exit 3;; esac',
    );
    const [never, silent] = await Promise.all([
      scene.dispatch('never', ['x'], '--timeout', '0.3', '--json'),
      scene.dispatch('silent', ['x'], '--json'),
    ]);
    expect(dispatchIn(never)).toMatchObject({ reason: 'timeout', signal: 'SIGKILL' });
    expect(never.code).toBe(124);
    expect(dispatchIn(silent)).toMatchObject({
      reason: 'error',
      error: { message: expect.stringContaining('claude ended with 3: no such flag') },
    });
    await expectNothingLeft(scene);
  });

  it('is one per worktree, however many are started at once', async () => {
    const scene = dispatchScene();
    const tries = await Promise.all(
      ['1', '2', '3'].map((n) => scene.dispatch('feat/a', ['@sleep 1500', `@write ${n}.txt x`], '--json')),
    );
    const codes = tries.map(({ code }) => code).sort();
    expect(codes).toEqual([0, 4, 4]);
    expect(scene.records()).toHaveLength(1);
    expect(await processes.marked(scene.records()[0]?.marker ?? { name: '', value: '' })).toEqual([]);
  });
});
