import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { livenessOf, processes } from '../../src/adapters/processes.ts';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { afterEveryTest } from '../support/after.ts';
import { until } from '../support/children.ts';
import { type DispatchScene, dispatchIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';

const runsOf = ({ repo }: DispatchScene) => join(repo.path, '.git', 'wt', 'runs');
const factsOf = ({ repo }: DispatchScene) => join(repo.path, '.git', 'worktrees', 'a', 'wt.json');

const listed = async (scene: DispatchScene) =>
  DispatchAnswer.array().parse((await scene.wt(['runs', '--json'])).json());

/** Makes a worktree that wt knows, with its facts. */
async function createdScene(): Promise<DispatchScene> {
  const scene = dispatchScene([]);
  const created = await scene.wt(['create', 'feat/a', '--no-provision', '--json']);
  expect(created.code, created.stderr).toBe(0);
  return scene;
}

/** Of runs whose folder is deleted, so that no record tells of them. */
const markers: { readonly name: string; readonly value: string }[] = [];

afterEveryTest(async () => {
  for (const marker of markers.splice(0)) await processes.endTree({ roots: [], marker, graceMs: 0 });
});

const day = 24 * 3_600_000;
const later = (ms: number) => new Date(Date.now() + ms).toISOString();

/** A clock that was ahead for a while: the records and facts that were written then carry its time. */
function writtenWhenTheClockWas(aheadMs: number, scene: DispatchScene): void {
  const facts = JSON.parse(readFileSync(factsOf(scene), 'utf8'));
  writeFileSync(factsOf(scene), JSON.stringify({ ...facts, created_at: later(aheadMs) }));
  for (const { dispatch } of scene.records()) {
    const id = dispatch.dispatch_id ?? '';
    const ahead = id.replace(/\d{8}/, later(aheadMs).slice(0, 10).replaceAll('-', ''));
    const path = join(runsOf(scene), ahead, 'run.json');
    if (ahead !== id) renameSync(join(runsOf(scene), id), join(runsOf(scene), ahead));
    const text = readFileSync(path, 'utf8').replaceAll(id, ahead);
    const record = JSON.parse(text);
    record.dispatch.started_at = later(aheadMs);
    record.dispatch.finished_at = later(aheadMs + 1_000);
    writeFileSync(path, JSON.stringify(record));
  }
}

describe('a run', () => {
  it.each(['its folder', 'all of the control plane'])(
    'whose keeper finds %s deleted leaves nothing running, and no command falls over it',
    async (what) => {
      const scene = dispatchScene();
      const prompt = '@write a.txt one\n@commit work\n@run sleep 7301';
      const { ended } = scene.start(['dispatch', 'feat/a', '-p', prompt, '--json']);
      await until(() => scene.running('7301'));
      const [record] = scene.records();
      const folder = join(runsOf(scene), record?.dispatch.dispatch_id ?? '');
      rmSync(what === 'its folder' ? folder : join(scene.repo.path, '.git', 'wt'), { recursive: true });
      const marker = record?.marker ?? { name: '', value: '' };
      markers.push(marker);
      await until(async () => (await processes.marked(marker)).length === 0);
      const supervisor = record?.supervisor;
      await until(() => supervisor != null && livenessOf(supervisor) === 'dead');
      const ran = await ended;
      expect(ran.code).toBe(5);
      expect(ran.json()).toMatchObject({ error: { code: 'dispatch_not_found' } });
      expect(ran.stderr).not.toMatch(/^\s+at /m);
      expect(existsSync(folder)).toBe(false);
      expect(scene.repo.gitIn(scene.at('feat/a'), 'log', '-1', '--format=%s')).toBe('work');
      expect(await listed(scene)).toEqual([]);
      const again = await scene.dispatch('feat/a', ['@write b.txt x'], '--json');
      expect(dispatchIn(again)).toMatchObject({ status: 'complete', reason: 'dirty' });
    },
  );
});

describe('a clock that was set back', () => {
  it.each([
    ['an hour', 3_600_000],
    ['three days', 3 * day],
  ])('by %s hides no run that is under way from any command', async (_, aheadMs) => {
    const scene = await createdScene();
    await scene.dispatch('feat/a', ['@write a.txt one', '@commit work']);
    writtenWhenTheClockWas(aheadMs, scene);
    const begun = await scene.dispatch('feat/a', ['@run sleep 7302'], '--async', '--json');
    const { dispatch_id: id } = dispatchIn(begun);
    expect(begun.code, begun.stderr).toBe(0);

    const second = await scene.dispatch('feat/a', ['@say x'], '--json');
    expect(second.json()).toMatchObject({ error: { code: 'dispatch_running' } });
    const status = await scene.wt(['status', 'feat/a', '--json']);
    expect(status.json()).toMatchObject([{ dispatch_status: 'running', dispatch_id: id }]);
    const cleanup = await scene.wt(['cleanup', 'feat/a', '--json']);
    expect(cleanup.json()).toMatchObject({ error: { code: 'dispatch_running' } });
    const waited = await scene.wt(['wait', 'feat/a', '--timeout', '0.1', '--json']);
    expect(waited.json()).toMatchObject({ dispatch_id: id, error: { code: 'timeout' } });
    const cancelled = await scene.wt(['cancel', 'feat/a', '--grace', '0', '--json']);
    expect(dispatchIn(cancelled)).toMatchObject({ dispatch_id: id, status: 'failed', reason: 'cancelled' });
    const after = await scene.wt(['status', 'feat/a', '--json']);
    expect(after.json()).toMatchObject([{ dispatch_status: 'failed', dispatch_id: id }]);
    await expectNothingLeft(scene);
  });

  it('gives no run a negative duration, nor one that ends before it began', async () => {
    const scene = dispatchScene();
    const { ended } = scene.start(['dispatch', 'feat/a', '-p', '@run sleep 7303\n@write a.txt x', '--json']);
    await until(() => scene.running('7303'));
    const [record] = scene.records();
    const path = join(runsOf(scene), record?.dispatch.dispatch_id ?? '', 'run.json');
    // The supervisor is gone, so that the record of that time stays, and another command concludes it.
    const began = later(3_600_000);
    process.kill(record?.supervisor?.pid ?? 0, 'SIGKILL');
    const text = readFileSync(path, 'utf8').replaceAll(record?.dispatch.started_at ?? '', began);
    writeFileSync(path, text);
    process.kill(record?.claude?.pid ?? 0, 'SIGKILL');
    const answer = dispatchIn(await ended);
    expect(answer).toMatchObject({ status: 'failed', reason: 'lost', started_at: began });
    expect(answer.duration_ms).toBeGreaterThanOrEqual(0);
    expect(Date.parse(answer.finished_at ?? '')).toBeGreaterThanOrEqual(Date.parse(began));
    await expectNothingLeft(scene);
  });
});

describe('the facts of a newer wt', () => {
  it('stop what would change the worktree, with 7, and are never written again', async () => {
    const scene = await createdScene();
    const text = JSON.stringify({ version: 2, from: 'the future' });
    writeFileSync(factsOf(scene), text);
    const commands = [
      ['dispatch', 'feat/a', '-p', '@say x', '--json'],
      ['cleanup', 'feat/a', '--force', '--json'],
      ['merge', 'feat/a', '--json'],
      ['provision', 'feat/a', '--json'],
    ];
    for (const command of commands) {
      const ran = await scene.wt(command);
      expect(ran.code, `${command[0]}: ${ran.stdout}`).toBe(7);
      expect(ran.stdout).toContain('state_too_new');
    }
    const status = await scene.wt(['status', '--json']);
    expect(status.stdout).toContain('state_too_new'); // a row with a warning: the others are told of all the same
    expect(readFileSync(factsOf(scene), 'utf8')).toBe(text);
    expect(scene.records()).toEqual([]);
    expect(existsSync(scene.at('feat/a'))).toBe(true);
  });

  it('are in no way of the worktrees beside', async () => {
    const scene = dispatchScene(['feat/b']);
    const run = join(runsOf(scene), 'dispatch-20260101-001');
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, 'prompt.md'), 'an old run whose record is gone');
    const ran = await scene.dispatch('feat/b', ['@write b.txt x'], '--json');
    expect(dispatchIn(ran)).toMatchObject({ status: 'complete', reason: 'dirty' });
  });
});
