import { appendFileSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { until } from '../support/children.ts';
import { dispatchesIn, dispatchIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';

describe('wait --any', () => {
  it('gives one that had ended before at once, and says which', async () => {
    const scene = dispatchScene(['done', 'idle', 'busy']);
    await scene.dispatch('done', ['@write a.txt x']);
    await scene.dispatch('idle', ['@say nothing']);
    await scene.dispatch('busy', ['@hang'], '--async');
    const [any, failed, all] = await Promise.all([
      scene.wt(['wait', 'busy', 'done', '--any', '--json']),
      scene.wt(['wait', 'done', 'idle', 'busy', '--any', '--json']),
      scene.wt(['wait', 'done', 'busy', '--timeout', '0.2', '--json']),
    ]);
    const told = (ran: typeof any) =>
      dispatchesIn(ran).map(({ branch, status, error }) => [branch, status, error?.code ?? null]);
    expect(told(any)).toEqual([
      ['busy', 'running', null],
      ['done', 'complete', null],
    ]);
    expect([any.code, failed.code]).toEqual([0, 1]); // one of those that ended did nothing
    expect(told(all)).toEqual([
      ['done', 'complete', null],
      ['busy', 'running', 'timeout'],
    ]);
    expect(all.code).toBe(124);
  });

  it('comes back with the first to end, also one that is killed with its supervisor', async () => {
    const scene = dispatchScene(['one', 'two']);
    await scene.wt(['dispatch', 'one', 'two', '-p', '@hang', '--async']);
    const any = scene.start(['wait', '--any', '--json']);
    const all = scene.start(['wait', '--json']);
    const named = scene.start(['wait', 'one', 'two', '--any', '--json']);
    const kill = (branch: string) => {
      const record = scene.records().find(({ dispatch }) => dispatch.branch === branch);
      for (const { pid } of [record?.supervisor, record?.claude].filter((it) => it != null))
        process.kill(pid, 'SIGKILL');
    };
    const statuses = async ({ ended }: typeof any) => {
      const ran = await ended;
      return [
        ran.code,
        dispatchesIn(ran)
          .map(({ branch, status }) => `${branch} ${status}`)
          .sort(),
      ];
    };
    await Promise.all([any, named].map(({ child }) => until(() => isWaiting(child.pid))));
    kill('one');
    expect(await statuses(any)).toEqual([1, ['one failed', 'two running']]);
    expect(await statuses(named)).toEqual([1, ['one failed', 'two running']]);
    await until(() => isWaiting(all.child.pid));
    kill('two');
    expect(await statuses(all)).toEqual([1, ['one failed', 'two failed']]);
    const nothing = await scene.wt(['wait', '--any', '--json']);
    expect([nothing.code, nothing.json()]).toEqual([0, []]);
    await expectNothingLeft(scene);
  });

  it('tells of one that nobody saw end', async () => {
    const scene = dispatchScene();
    await scene.dispatch('feat/a', ['@hang'], '--async');
    const [record] = scene.records();
    for (const { pid } of [record?.supervisor, record?.claude].filter((it) => it != null))
      process.kill(pid, 'SIGKILL');
    const ran = await scene.wt(['wait', '--json']);
    expect(dispatchesIn(ran)).toMatchObject([{ status: 'failed', reason: 'lost' }]);
    expect(ran.code).toBe(1);
  });
});

/** Whether a wait has looked up its runs, and now has the watches by which it hears of them. */
const isWaiting = (pid: number | undefined): boolean =>
  readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).includes('inotify');
    } catch {
      return false; // it was closed meanwhile
    }
  });

describe('logs', () => {
  it('give the bytes as they are, and leave the run alone on Ctrl-C', async () => {
    const scene = dispatchScene();
    await scene.dispatch('feat/a', ['@say first', '@hang'], '--async');
    const [record] = scene.records();
    const path = record?.dispatch.log_path ?? '';
    const followers = [['--raw'], []].map((flags) => scene.start(['logs', 'feat/a', '--follow', ...flags]));
    const seen = followers.map(({ child }) => {
      const chunks: Buffer[] = [];
      child.stdout?.removeAllListeners('data');
      child.stdout?.setEncoding('latin1').on('data', (text) => chunks.push(Buffer.from(text, 'latin1')));
      return () => Buffer.concat(chunks);
    });
    await until(() => readFileSync(path, 'utf8').includes('first'));
    appendFileSync(path, Buffer.from([0xff, 0xfe, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x0a]));
    await until(() => seen.every((bytes) => bytes().includes('first')));
    await until(() => seen[0]?.().equals(readFileSync(path)) === true);
    await until(() => seen[1]?.().includes('\ufffd\ufffd\n') === true);
    for (const { child } of followers) child.kill('SIGINT');
    expect((await Promise.all(followers.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([
      130, 130,
    ]);
    expect(seen[1]?.().includes(0x1b)).toBe(false);
    expect(scene.records()[0]?.phase).toBe('running');
    const cancelled = await scene.wt(['cancel', 'feat/a', '--grace', '0', '--json']);
    expect(dispatchIn(cancelled)).toMatchObject({ status: 'failed', reason: 'cancelled' });
  });
});
