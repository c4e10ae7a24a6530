import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { marked } from '../../src/adapters/processes.ts';
import { DispatchRecord } from '../../src/domain/dispatch.ts';
import { type Ran, wt, wtBin } from '../support/bin.ts';
import { start, until } from '../support/children.ts';
import { type DispatchScene, dispatchScene } from '../support/dispatches.ts';
import { mayUnshare } from '../support/unshare.ts';

// As in a container: pids of its own, and the same checkout. What runs in it ends with it.
const container = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];

type Wt = (...args: string[]) => Promise<Ran>;

/** What every command says of a run that goes on, or went on, where its processes cannot be seen. */
async function expectUnknown(scene: DispatchScene, wt: Wt): Promise<void> {
  const file = join(
    scene.repo.path,
    '.git',
    'wt',
    'runs',
    scene.records()[0]?.dispatch.dispatch_id ?? '',
    'run.json',
  );
  const phase = () => DispatchRecord.parse(JSON.parse(readFileSync(file, 'utf8'))).phase;
  const [status, runs, ...refused] = await Promise.all([
    wt('status', 'feat/a'),
    wt('runs'),
    wt('cleanup', 'feat/a', '--force'),
    wt('merge', 'feat/a'),
    wt('dispatch', 'feat/a', '-p', '@say x'),
  ]);
  expect(status.json()).toMatchObject([
    { state: null, dispatch_status: null, pid: null, needs: null, warnings: [{ code: 'run_elsewhere' }] },
  ]);
  expect(runs.json()).toMatchObject([{ status: 'running', warnings: [{ code: 'run_elsewhere' }] }]);
  for (const ran of refused) {
    expect([ran.code, ran.json()]).toMatchObject([
      4,
      { error: { code: 'dispatch_running', details: { elsewhere: true } } },
    ]);
  }
  expect(phase()).toBe('running');
}

describe.runIf(mayUnshare(...container.slice(1)))('a run in a container', () => {
  it('is neither lost nor ended by the host, and its worktree is kept, also when the container is gone', async () => {
    const scene = dispatchScene(['feat/a']);
    const host: Wt = (...args) => scene.wt([...args, '--json']);
    const inside = '"$@" >/dev/null 2>&1; echo "$?"; exec sleep 1000';
    const dispatch = [process.execPath, wtBin, 'dispatch', 'feat/a', '-p', '@hang', '--async'];
    const [program = '', ...args] = [...container, 'sh', '-c', inside, 'sh', ...dispatch];
    const { child, lines } = start([program, ...args], { cwd: scene.repo.path, env: scene.env });
    expect(await lines(1)).toEqual(['0']);
    const { marker } = await scene.runWhen(({ phase }) => phase === 'running');
    await expectUnknown(scene, host);
    expect(await marked(marker)).not.toEqual([]);

    child.kill('SIGKILL');
    await until(async () => (await marked(marker)).length === 0);
    await expectUnknown(scene, host);
    const cancelled = await host('cancel', 'feat/a', '--grace', '0');
    expect([cancelled.code, cancelled.json()]).toMatchObject([4, { error: { code: 'dispatch_running' } }]);
  });

  it('does not touch a run of the host either; a cancel is heard by its supervisor', async () => {
    const scene = dispatchScene(['feat/a']);
    const guest: Wt = (...args) =>
      wt(scene.repo.path, scene.env, [...args, '--json'], { through: container });
    expect((await scene.dispatch('feat/a', ['@hang'], '--async')).code).toBe(0);
    await expectUnknown(scene, guest);
    expect((await guest('cancel', 'feat/a', '--grace', '0')).code).toBe(0);
    expect(scene.records()[0]?.dispatch).toMatchObject({ status: 'failed', reason: 'cancelled' });
  });
});
