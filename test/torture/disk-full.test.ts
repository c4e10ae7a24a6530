import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { livenessOf, processes } from '../../src/adapters/processes.ts';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { afterEveryTest } from '../support/after.ts';
import { until } from '../support/children.ts';
import {
  type DispatchScene,
  dispatchIn,
  dispatchScene,
  expectNothingLeft,
  scriptAsClaude,
} from '../support/dispatches.ts';

const isShort = process.env.WT_TORTURE === 'short';
const mounted: string[] = [];

afterEveryTest(() => {
  for (const folder of mounted.splice(0)) spawnSync('umount', ['-l', folder]);
});

/** A repository whose control plane has a small disk of its own; skips the test where nobody may mount one. */
function sceneOnSmallDisk({ skip }: TestContext): { scene: DispatchScene; disk: string; filler: string } {
  const scene = dispatchScene(['feat/a', 'feat/b']);
  const disk = join(scene.repo.path, '.git', 'wt');
  mkdirSync(disk, { recursive: true });
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', disk], {
    encoding: 'utf8',
  });
  if (status !== 0) skip(`no file system can be mounted here: ${stderr ?? 'there is no mount'}`);
  mounted.push(disk);
  return { scene, disk, filler: join(disk, 'filler') };
}

const line = (event: object) => `echo '${JSON.stringify(event)}'`;
const init = line({ type: 'system', subtype: 'init', session_id: 'x', model: 'm' });
const result = line({ type: 'result', subtype: 'success', is_error: false, result: 'done', num_turns: 1 });
/** A result that does not fit into what is left of the page that the file ends in. */
const longResult = `printf '%s' '{"type":"result","subtype":"success","result":"'; head -c 9000 /dev/zero | tr '\\0' x; echo '"}'`;
const work = 'cat >/dev/null; echo one > a.txt; git add a.txt; git commit -qm work; echo two > b.txt';
const fill = (filler: string) => `cat /dev/zero > '${filler}' 2>/dev/null`;

const listed = async (scene: DispatchScene) =>
  DispatchAnswer.array().parse((await scene.wt(['runs', '--json'])).json());

/** Starts a dispatch that fills the disk, and waits until its claude has ended. */
async function filled(scene: DispatchScene, filler: string) {
  const wt = scene.start(['dispatch', 'feat/a', '-p', 'x', '--json']);
  await until(() => existsSync(filler));
  const record = await scene.runWhen(({ claude }) => claude !== null);
  await until(async () => {
    const marked = await processes.marked(record.marker);
    return marked.length === 0;
  });
  return { wt, record };
}

function expectWorkKept(scene: DispatchScene): void {
  const tree = scene.at('feat/a');
  expect(scene.repo.gitIn(tree, 'log', '-1', '--format=%s')).toBe('work');
  expect(scene.repo.gitIn(tree, 'status', '--porcelain')).toBe('?? b.txt');
}

describe('a disk that is full when the record is to be written', () => {
  it('costs nothing of a run that had given its result, once there is space again', async (context) => {
    const { scene, filler } = sceneOnSmallDisk(context);
    scriptAsClaude(scene, `${work}; ${init}; ${result}; ${fill(filler)}`);
    const { wt } = await filled(scene, filler);
    // Nothing can be begun meanwhile, and that is said; what only reads goes on.
    const refused = await scene.wt(['dispatch', 'feat/b', '-p', 'x', '--json']);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/no space left/i);
    expect((await scene.wt(['status', '--json'])).code).toBe(0);
    rmSync(filler);
    const answer = dispatchIn(await wt.ended);
    expect(answer).toMatchObject({ status: 'complete', reason: null, commits: 1, result: 'done' });
    expectWorkKept(scene);
    await expectNothingLeft(scene);
    expect(await listed(scene)).toMatchObject([{ status: 'complete' }]);
  });

  it('keeps the work of a run whose result did not fit any more', async (context) => {
    const { scene, filler } = sceneOnSmallDisk(context);
    scriptAsClaude(scene, `${work}; ${init}; ${fill(filler)}; ${longResult}`);
    const { wt } = await filled(scene, filler);
    rmSync(filler);
    const answer = dispatchIn(await wt.ended);
    expect(answer).toMatchObject({
      status: 'failed',
      reason: 'error',
      commits: 1,
      uncommitted_changes: true,
    });
    expectWorkKept(scene);
    await expectNothingLeft(scene);
  });

  it.skipIf(isShort)(
    'that stays full is told, and the run is judged when it is not any more',
    async (context) => {
      const { scene, filler } = sceneOnSmallDisk(context);
      scriptAsClaude(scene, `${work}; ${init}; ${result}; ${fill(filler)}`);
      const { wt, record } = await filled(scene, filler);
      const ran = await wt.ended;
      expect(dispatchIn(ran)).toMatchObject({ status: 'complete', commits: 1 });
      expect(ran.stdout).toMatch(/could not be written: no space left/);
      expect(ran.stderr).not.toMatch(/^\s+at /m);
      await until(() => record.supervisor !== null && livenessOf(record.supervisor) === 'dead');
      expectWorkKept(scene);
      rmSync(filler);
      expect(await listed(scene)).toMatchObject([{ status: 'complete', reason: null, commits: 1 }]);
      await expectNothingLeft(scene);
    },
  );
});
