import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { livenessOf } from '../../src/adapters/processes.ts';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import type { DispatchRecord } from '../../src/domain/dispatch.ts';
import { until } from '../support/children.ts';
import { type DispatchScene, dispatchIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';

const seconds = () => String(1000 + Math.floor(Math.random() * 1_000_000));

async function killed(process_: DispatchRecord['supervisor']): Promise<void> {
  if (process_ === null) throw new Error('there is no such process');
  process.kill(process_.pid, 'SIGKILL');
  await until(() => livenessOf(process_) === 'dead');
}

/** A run whose claude waits for a file, at the line `@wait` or before the first, and whose supervisor is dead. */
async function orphaned(scene: DispatchScene, lines: readonly string[], ...flags: string[]) {
  const word = seconds();
  const go = join(scene.repo.root, `go-${word}`);
  const wait = `@run until [ -e '${go}' ]; do sleep 0.0${word}; done`;
  const all = lines.includes('@wait') ? lines : ['@wait', ...lines];
  const prompt = all.map((line) => (line === '@wait' ? wait : line)).join('\n');
  await scene.wt(['dispatch', 'feat/a', '-p', prompt, '--async', ...flags]);
  const record = await scene.runWhen(({ phase }) => phase === 'running');
  await until(() => scene.running(`0.0${word}`));
  await killed(record.supervisor);
  return { record, go: () => writeFileSync(go, '') };
}

const listed = async (scene: DispatchScene) =>
  DispatchAnswer.array().parse((await scene.wt(['runs', '--json'])).json());

describe('a run whose supervisor has died while its claude works', () => {
  it('is taken over by the next command, once, however many there are, and comes to its own end', async () => {
    const scene = dispatchScene();
    const { record, go } = await orphaned(scene, ['@write a.txt x', '@commit w', '@say done']);
    const [one, two] = await Promise.all([listed(scene), listed(scene)]);
    expect(one).toEqual(two);
    expect(one).toMatchObject([
      { status: 'running', pid: record.dispatch.pid, warnings: [{ code: 'supervisor_died' }] },
    ]);
    const [kept] = scene.records();
    expect(kept?.supervisor?.pid).not.toBe(record.supervisor?.pid);
    expect(kept?.supervisor && livenessOf(kept.supervisor)).toBe('alive');
    go();
    expect(dispatchIn(await scene.wt(['wait', 'feat/a', '--json']))).toMatchObject({
      ...{ status: 'complete', reason: null, commits: 1, result: 'done', exit_code: null },
      attempts: [{ cause: 'dispatch', reason: null, exit_code: null }],
    });
    await expectNothingLeft(scene);
  });

  it('is taken over again when that supervisor dies too, and can be cancelled', async () => {
    const scene = dispatchScene();
    const { record } = await orphaned(scene, ['@write a.txt x']);
    expect(await listed(scene)).toMatchObject([{ status: 'running' }]);
    const second = scene.records()[0]?.supervisor ?? null;
    await killed(second);
    expect(await listed(scene)).toMatchObject([{ status: 'running', pid: record.dispatch.pid }]);
    const third = scene.records()[0]?.supervisor ?? null;
    expect(new Set([record.supervisor?.pid, second?.pid, third?.pid]).size).toBe(3);
    const cancelled = await scene.wt(['cancel', 'feat/a', '--grace', '0', '--json']);
    expect(dispatchIn(cancelled)).toMatchObject({ status: 'failed', reason: 'cancelled' });
    await expectNothingLeft(scene);
  });

  it('is ended by a cancel without another supervisor', async () => {
    const scene = dispatchScene();
    const { record } = await orphaned(scene, ['@write a.txt x']);
    const cancelled = await scene.wt(['cancel', '-a', '--grace', '0', '--json']);
    const [answer] = DispatchAnswer.array().parse(cancelled.json());
    expect(answer).toMatchObject({ status: 'failed', reason: 'cancelled' });
    expect(answer?.warnings.map(({ code }) => code)).toContain('supervisor_died');
    expect(scene.records()[0]?.supervisor).toEqual(record.supervisor);
    await expectNothingLeft(scene);
  });

  it('is cancelled although its claude comes to a result while it is ended', async () => {
    const scene = dispatchScene();
    await orphaned(scene, ['@ignore-term', '@wait', '@write a.txt x', '@say done']);
    const cancelled = await scene.wt(['cancel', '-a', '--grace', '20', '--json']);
    expect(cancelled.json()).toMatchObject([{ status: 'failed', reason: 'cancelled', result: 'done' }]);
    await expectNothingLeft(scene);
  });

  it('is checked and continued by the one that took it over', async () => {
    const scene = dispatchScene();
    const flags = ['--until', 'test -e done.txt', '--attempts', '2'];
    const { go } = await orphaned(scene, ['@at 2 write done.txt x'], ...flags);
    await listed(scene);
    go();
    const record = await scene.runWhen(({ phase }) => phase === 'ended');
    expect(record.dispatch).toMatchObject({
      ...{ status: 'complete', reason: 'dirty' },
      attempts: [
        { cause: 'dispatch', check: { exit_code: 1 } },
        { cause: 'check', exit_code: 0 },
      ],
    });
  });

  it('is lost when its claude dies without a result and nobody sees how', async () => {
    const scene = dispatchScene();
    const { record } = await orphaned(scene, ['@write a.txt x']);
    await listed(scene);
    await killed(record.claude);
    const ended = await scene.runWhen(({ phase }) => phase === 'ended');
    expect(ended.dispatch).toMatchObject({ status: 'failed', reason: 'lost', exit_code: null });
    await expectNothingLeft(scene);
  });

  it('is ended where its worktree is gone', async () => {
    const scene = dispatchScene();
    await orphaned(scene, ['@write a.txt x']);
    renameSync(scene.at('feat/a'), join(scene.repo.root, 'moved'));
    expect(await listed(scene)).toMatchObject([{ status: 'failed' }]);
    await expectNothingLeft(scene);
  });
});

describe('a run whose folder is deleted', () => {
  it('leaves nothing running, neither its claude nor its supervisor', async () => {
    const scene = dispatchScene();
    const word = seconds();
    await scene.wt(['dispatch', 'feat/a', '-p', `@write a.txt x\n@run sleep ${word}`, '--async']);
    await until(() => scene.running(word));
    const [record] = scene.records();
    if (record === undefined) throw new Error('there is no run');
    const folder = dirname(record.dispatch.log_path ?? '');
    rmSync(folder, { recursive: true });
    for (const gone of [record.claude, record.supervisor]) {
      await until(() => gone !== null && livenessOf(gone) === 'dead');
    }
    expect(existsSync(folder)).toBe(false);
    expect(readFileSync(join(scene.at('feat/a'), 'a.txt'), 'utf8')).toBe('x\n');
  });
});
