import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { livenessOf, ownIdentity } from '../../src/adapters/processes.ts';
import { DispatchRecord } from '../../src/domain/dispatch.ts';
import { wt } from '../support/bin.ts';
import { until } from '../support/children.ts';
import { type DispatchScene, dispatchScene } from '../support/dispatches.ts';
import { mayUnshare } from '../support/unshare.ts';

/** A run whose supervisor and claude were killed together, and its folder as they left it. */
async function killedRun(lines: readonly string[] = ['@write a.txt x', '@hang']) {
  const scene = dispatchScene(['feat/a']);
  expect((await scene.dispatch('feat/a', lines, '--async')).code).toBe(0);
  const { supervisor, claude, dispatch } = await scene.runWhen(({ phase }) => phase === 'running');
  if (supervisor === null || claude === null) throw new Error('it does not run');
  await until(() => existsSync(join(scene.at('feat/a'), 'a.txt')));
  process.kill(supervisor.pid, 'SIGKILL');
  process.kill(claude.pid, 'SIGKILL');
  await until(() => livenessOf(supervisor) === 'dead' && livenessOf(claude) === 'dead');
  const id = dispatch.dispatch_id ?? '';
  const file = join(scene.repo.path, '.git', 'wt', 'runs', id, 'run.json');
  const left = readFileSync(file, 'utf8');
  return {
    scene,
    id,
    file,
    left,
    /** Makes it as it was before anybody looked. */
    rewind: () => writeFileSync(file, left),
    now: () => DispatchRecord.parse(JSON.parse(readFileSync(file, 'utf8'))),
  };
}

const lost = { status: 'failed', reason: 'lost' };

describe('a run that was killed with its supervisor', () => {
  it('is lost to every command that reads it, whichever is the first', { timeout: 60_000 }, async () => {
    const { scene, id, file, left, rewind, now } = await killedRun();
    const json = async (...args: string[]) => (await scene.wt([...args, '--json'])).json();
    const row = { dispatch_status: 'failed', state: 'failed', pid: null };
    const first: [string, () => Promise<unknown>, unknown][] = [
      ['status', () => json('status', 'feat/a'), [{ ...row, needs: { kind: 'lost' } }]],
      ['list', () => json('list'), [{}, row]],
      ['runs', () => json('runs'), [lost]],
      ['wait', () => json('wait', 'feat/a'), lost],
      ['wait for all', () => json('wait'), [lost]],
      ['cancel', () => json('cancel', id), lost],
      ['merge', () => json('merge', '-a'), [{ status: 'skipped', reason: 'not_complete' }]],
      ['cleanup', () => json('cleanup', 'feat/a'), { error: { code: 'dirty_worktree' } }],
      ['events', () => json('events'), expect.any(Array)],
      ['logs', async () => (await scene.wt(['logs', id])).stdout, expect.stringContaining('lost')],
    ];
    for (const [name, look, expected] of first) {
      rewind();
      expect([name, await look()]).toMatchObject([name, expected]);
      expect([name, now()]).toMatchObject([name, { phase: 'ended', dispatch: lost }]);
    }
    // Those that only look tell the same, and leave the verdict to others.
    for (const [name, look, expected] of [
      ['merge -n', () => json('merge', '-a', '-n'), [{ status: 'skipped', reason: 'not_complete' }]],
      ['cleanup -n', () => json('cleanup', 'feat/a', '-n'), { error: { code: 'dirty_worktree' } }],
    ] as const) {
      rewind();
      expect([name, await look()]).toMatchObject([name, expected]);
      expect([name, readFileSync(file, 'utf8')]).toEqual([name, left]);
    }
    rewind();
    const next = await scene.dispatch('feat/a', ['@say on'], '--resume', '--allow-empty', '--json');
    expect(next.json()).toMatchObject({ status: 'complete', session_id: now().dispatch.session_id });
    expect(now()).toMatchObject({ dispatch: lost });
  });

  it('has one verdict where many look at once', async () => {
    const { scene, now } = await killedRun();
    const all = await Promise.all(Array.from({ length: 8 }, () => scene.wt(['status', 'feat/a', '--json'])));
    const [row] = all.map((ran) => ran.json());
    expect(row).toMatchObject([{ dispatch_status: 'failed', needs: { kind: 'lost' } }]);
    for (const ran of all) expect([ran.code, ran.json()]).toEqual([0, row]);
    const verdict = now();
    expect(verdict.dispatch.warnings.filter(({ code }) => code === 'supervisor_died')).toHaveLength(1);
    await scene.wt(['runs']);
    expect(now()).toEqual(verdict);
  });

  it.runIf(mayUnshare('--mount'))('is lost to all also where that cannot be written down', async () => {
    const { scene, file, left } = await killedRun();
    const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
    const through = ['unshare', '--mount', 'sh', '-c', readOnly, join(scene.repo.path, '.git', 'wt')];
    const look = (...args: string[]) => wt(scene.repo.path, scene.env, [...args, '--json'], { through });
    const row = { state: 'failed', dispatch_status: 'failed' };
    const [listed, status, runs] = await Promise.all([look('list'), look('status', 'feat/a'), look('runs')]);
    expect(listed.json()).toMatchObject([{}, row]);
    expect(status.json()).toMatchObject([{ ...row, warnings: [{ code: 'not_reconciled' }] }]);
    expect(runs.json()).toMatchObject([lost]);
    expect([listed.code, status.code, runs.code]).toEqual([0, 0, 0]);
    expect(readFileSync(file, 'utf8')).toBe(left);
  });
});

describe('a run whose record is of another place or time', () => {
  const change = (scene: DispatchScene, file: string, left: string, place: object) => {
    const record = DispatchRecord.parse(JSON.parse(left));
    const moved = { ...ownIdentity(), ...place };
    writeFileSync(file, JSON.stringify({ ...record, launcher: moved, supervisor: moved, claude: null }));
    return async () => {
      const [row] = (await scene.wt(['status', 'feat/a', '--json'])).json() as Record<string, unknown>[];
      return row;
    };
  };

  it('is lost after a boot, or when its pid is another process, and not by a new name of the host', async () => {
    const { scene, file, left } = await killedRun();
    const failed = { state: 'failed', dispatch_status: 'failed', needs: { kind: 'lost' } };
    expect(await change(scene, file, left, { boot_id: 'an earlier one' })()).toMatchObject(failed);
    expect(await change(scene, file, left, { start_time: '1' })()).toMatchObject(failed);
    expect(await change(scene, file, left, { hostname: 'renamed' })()).toMatchObject({ state: 'running' });
  });

  it('is unknown on another host or in another container: nobody ends it, and its worktree is kept', async () => {
    const { scene, id, file, left } = await killedRun();
    const places = [{ boot_id: 'theirs', hostname: 'another-host' }, { pid_namespace: 'pid:[1]' }];
    for (const place of places) {
      const row = change(scene, file, left, place);
      const text = readFileSync(file, 'utf8');
      expect(await row()).toMatchObject({
        ...{ state: null, dispatch_status: null, dispatch_id: id, pid: null, needs: null },
        warnings: [{ code: 'run_elsewhere' }],
      });
      for (const args of [
        ['cleanup', 'feat/a', '--force'],
        ['cleanup', 'feat/a', '-n'],
        ['merge', 'feat/a'],
        ['dispatch', 'feat/a', '-p', 'x'],
      ]) {
        const refused = await scene.wt([...args, '--json']);
        expect([args, refused.code, refused.json()]).toMatchObject([
          args,
          4,
          {
            error: { code: 'dispatch_running', message: expect.stringContaining('cannot be told from here') },
          },
        ]);
      }
      expect((await scene.wt(['merge', '-a', '--json'])).json()).toMatchObject([{ reason: 'running' }]);
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });
});
