import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAsk } from '../../../src/adapters/git/ask.ts';
import { processes } from '../../../src/adapters/processes.ts';
import { openCheckpointSaver } from '../../../src/adapters/supervisor/checkpoint-saver.ts';
import {
  checkpointWhenDue,
  firstCheckpoint,
  lastCheckpoint,
} from '../../../src/adapters/supervisor/checkpoints.ts';
import type { Supervised } from '../../../src/adapters/supervisor/supervised.ts';
import type { DispatchRecord } from '../../../src/domain/dispatch.ts';
import { checkpointScene, dispatchId } from '../../support/checkpoints.ts';
import { testMarker, until } from '../../support/children.ts';
import { aRecord } from '../../support/records.ts';

/** A run in a worktree, in the hands of this process. */
function supervised({ everyMs = 1 } = {}) {
  const scene = checkpointScene();
  const { repo, path, gitDir, git } = scene;
  const folder = join(repo.path, '.git', 'wt', 'runs', dispatchId);
  mkdirSync(folder, { recursive: true });
  const blank = aRecord({ id: dispatchId, phase: 'running', worktree: path, gitDir });
  let record: DispatchRecord = {
    ...blank,
    dispatch: { ...blank.dispatch, start_sha: git('rev-parse', 'HEAD') },
    request: { ...blank.request, checkpoint_ms: everyMs },
  };
  const marker = testMarker();
  const ask = openAsk({ cwd: path, variables: { ...repo.env, [marker.name]: marker.value } });
  const run = {
    folder,
    ask,
    record: () => record,
    saveDispatch: (change: Partial<DispatchRecord['dispatch']>) => {
      record = { ...record, dispatch: { ...record.dispatch, ...change } };
      return record;
    },
  } as unknown as Supervised;
  const end = (isDirty?: boolean) => lastCheckpoint({ folder, ask, record }, isDirty);
  return { scene, run, end, folder, marker, hangs: () => processes.marked(marker) };
}

describe('the checkpoints of a run', () => {
  it('are taken one at a time and beside the looks, when it is time and something has changed', async () => {
    const { scene, run, end } = supervised();
    await firstCheckpoint(run);
    scene.write('a', '1\n');
    await until(() => {
      checkpointWhenDue(run);
      checkpointWhenDue(run);
      return run.record().dispatch.checkpoint === `${dispatchId}/1`;
    });
    const taken = async () => (await scene.list()).map(({ number, kind }) => [number, kind]);
    expect(await taken()).toEqual([[1, 'run']]);
    scene.write('a', '2\n');
    await until(() => {
      checkpointWhenDue(run);
      return run.record().dispatch.checkpoint === `${dispatchId}/2`;
    });
    expect((await end(true)).dispatch).toMatchObject({ checkpoint: `${dispatchId}/2`, warnings: [] });
    scene.write('a', '3\n');
    expect((await end(undefined)).dispatch.checkpoint).toBe(`${dispatchId}/3`);
    expect(await taken()).toEqual([
      [1, 'run'],
      [2, 'run'],
      [3, 'end'],
    ]);
    expect(readdirSync(run.folder)).toEqual([]);
  });

  it('begin with what was uncommitted already, and need no change of it for a last one', async () => {
    const { scene, run, end } = supervised({ everyMs: 100_000 });
    scene.write('mine', '1\n');
    await firstCheckpoint(run);
    expect(run.record().dispatch.checkpoint).toBe(`${dispatchId}/0`);
    checkpointWhenDue(run);
    expect((await end(true)).dispatch.checkpoint).toBe(`${dispatchId}/0`);
  });

  it('are found again by who concludes the run in another process', async () => {
    const { scene, end } = supervised();
    scene.write('a', '1\n');
    await scene.save();
    expect((await end(false)).dispatch.checkpoint).toBe(`${dispatchId}/1`);
  });

  it('are given up with a filter that hangs, and nothing of it is left', async () => {
    const { scene, run, end, hangs } = supervised();
    await firstCheckpoint(run);
    scene.repo.git('config', 'filter.slow.clean', 'sleep 1000');
    scene.write('.gitattributes', '*.slow filter=slow\n');
    scene.write('x.slow', '1\n');
    checkpointWhenDue(run);
    await until(() => {
      checkpointWhenDue(run);
      return existsSync(join(run.folder, `checkpoint.index.${process.pid}.lock`));
    });
    await until(async () => (await hangs()).some(({ command }) => command.includes('sleep 1000')));
    scene.repo.git('config', 'filter.slow.clean', 'cat');
    const { dispatch } = await end(true);
    expect(dispatch).toMatchObject({ checkpoint: `${dispatchId}/1`, warnings: [] });
    expect(await hangs()).toEqual([]);
    expect(readdirSync(run.folder)).toEqual([]);
  });

  it('do not need the worktree or the run folder to be there', async () => {
    const { scene, run, end, folder } = supervised();
    await firstCheckpoint(run);
    rmSync(scene.path, { recursive: true });
    expect((await end(undefined)).dispatch).toMatchObject({ checkpoint: null, warnings: [] });
    rmSync(folder, { recursive: true });
    expect((await end(undefined)).dispatch).toMatchObject({ checkpoint: null });
  });

  it('are tried less and less when they fail, and the failure is told once', async () => {
    const { scene, run } = supervised();
    scene.repo.git('config', 'filter.bad.clean', 'false');
    scene.repo.git('config', 'filter.bad.required', 'true');
    scene.write('.gitattributes', '*.bad filter=bad\n');
    scene.write('x.bad', '1\n');
    const saver = openCheckpointSaver({ folder: run.folder, ask: run.ask, record: run.record() });
    await saver?.take('run');
    await saver?.take('run');
    expect(saver?.failedInARow()).toBe(2);
    expect(saver?.warnings()).toEqual([
      { code: 'checkpoint_failed', message: expect.stringMatching(/^no checkpoint could be taken: git/) },
    ]);
    rmSync(join(scene.path, 'x.bad'));
    writeFileSync(join(scene.path, 'good'), '1\n');
    await saver?.take('run');
    expect([saver?.failedInARow(), saver?.newest()]).toEqual([0, `${dispatchId}/1`]);
    expect(saver?.warnings()[0]?.message).toMatch(/^a checkpoint could not be taken/);
  });
});
