import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { livenessOf, processes } from '../../src/adapters/processes.ts';
import { notifyMarker } from '../../src/adapters/supervisor/notify.ts';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { until } from '../support/children.ts';
import { type DispatchScene, dispatchIn, dispatchScene } from '../support/dispatches.ts';
import {
  endings,
  eventsIn,
  folderOf,
  follow,
  journal,
  journalOf,
  toldRun,
  types,
} from '../support/journals.ts';

describe('events', () => {
  it('are followed until nobody reads any more', async () => {
    const scene = dispatchScene();
    const { child, ended } = follow(scene);
    child.stdout?.destroy();
    await scene.dispatch('feat/a', ['@say one']);
    expect((await ended).code).toBe(0);
  });

  it('has a follower find out itself that a supervisor was killed', async () => {
    const scene = dispatchScene();
    const { child, ended, seen } = follow(scene);
    expect(await scene.wt(['dispatch', 'feat/a', '-p', '@sleep 60000', '--async'])).toMatchObject({
      code: 0,
    });
    await until(() => types(seen()).includes('dispatch.started'));
    killRun(scene);
    await until(() => types(seen()).includes('dispatch.finished'));
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    expect(seen().at(-1)).toMatchObject({ data: { status: 'failed', reason: 'lost' } });
  });
});

describe('the end of a run', () => {
  it('stands in the journal when the command that waited for it has answered', async () => {
    const scene = dispatchScene();
    for (let count = 1; count <= 2; count++) {
      await scene.dispatch('feat/a', ['@say one']);
      const { stdout } = await scene.wt(['events']);
      expect(types(eventsIn(stdout)).filter((type) => type === 'dispatch.finished')).toHaveLength(count);
    }
  });

  it.each([
    ['before the event', (text: string) => text.replace(/[^\n]*"dispatch\.finished"[^\n]*\n/, '')],
    ['after the event', (text: string) => text],
  ])('is told once when its supervisor was killed %s, by however many commands', async (_, cut) => {
    const scene = dispatchScene();
    await scene.dispatch('feat/a', ['@say one']);
    const record = await toldRun(scene);
    writeFileSync(join(folderOf(scene, record), 'run.json'), JSON.stringify({ ...record, announced: false }));
    writeFileSync(journalOf(scene), cut(readFileSync(journalOf(scene), 'utf8')));
    const commands = [['runs'], ['events'], ['wait', 'feat/a'], ['runs', '--json']];
    expect((await Promise.all(commands.map((args) => scene.wt(args)))).map(({ code }) => code)).toEqual([
      0, 0, 1, 0,
    ]);
    await scene.wt(['events']);
    expect(endings(scene)).toMatchObject([
      { dispatch_id: record.dispatch.dispatch_id, data: { branch: 'feat/a' } },
    ]);
    expect(scene.records()).toEqual([record]);
  });

  it('is told once of a run that was lost, by however many commands', async () => {
    const scene = dispatchScene();
    expect(await scene.wt(['dispatch', 'feat/a', '-p', '@sleep 60000', '--async'])).toMatchObject({
      code: 0,
    });
    killRun(scene);
    await Promise.all([scene.wt(['runs']), scene.wt(['events']), scene.wt(['status']), scene.wt(['runs'])]);
    expect(endings(scene)).toMatchObject([{ data: { status: 'failed', reason: 'lost' } }]);
    expect(scene.records()).toMatchObject([{ announced: true }]);
  });
});

describe('who is to be told of a run', () => {
  it('gets the dispatch object, in the main worktree, and nothing of the run in the environment', async () => {
    const scene = dispatchScene();
    const { repo } = scene;
    const config = join(repo.home, '.config', 'wt', 'config.yaml');
    const got = join(repo.root, 'got.json');
    writeFileSync(config, `${readFileSync(config, 'utf8')}notify: "pwd; env; echo by config"\n`);
    const answer = dispatchIn(
      await scene.dispatch('feat/a', ['@write a.txt x', '@commit x'], '--json', '--notify', `cat > ${got}`),
    );
    const record = await toldRun(scene);
    expect(DispatchAnswer.parse(JSON.parse(readFileSync(got, 'utf8')))).toEqual(answer);
    const log = readFileSync(join(folderOf(scene, record), 'notify.log'), 'utf8');
    expect(log).toContain(`cat > ${got}: exit code 0\n`);
    expect(log).toContain(`\n${repo.path}\n`);
    expect(log).toContain('\nby config\n');
    expect(log).toContain(`HOME=${repo.home}`);
    expect(log).not.toMatch(/WT_DISPATCH|GIT_CONFIG_COUNT/);
  });

  it('is told when it is parked by a limit, and again when it has ended', async () => {
    const scene = dispatchScene();
    const got = join(scene.repo.root, 'got');
    const resetsAt = Math.floor(Date.now() / 1000) + 3600;
    const flags = ['--async', '--wait-for-limit', '--notify', `cat >> ${got}`];
    await scene.dispatch('feat/a', [`@rate-limit ${resetsAt}`], ...flags);
    await until(() => existsSync(got) && readFileSync(got, 'utf8').endsWith('\n'));
    await scene.wt(['cancel', 'feat/a']);
    await toldRun(scene);
    const [parked, ended] = readFileSync(got, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => DispatchAnswer.parse(JSON.parse(line)));
    const resets_at = new Date(resetsAt * 1000).toISOString();
    expect(parked).toMatchObject({ status: 'running', reason: 'rate_limited', resets_at });
    expect(ended).toMatchObject({ status: 'failed', reason: 'cancelled' });
    expect(journal(scene)).toMatchObject([
      { type: 'dispatch.started' },
      { type: 'dispatch.parked', data: { attempt: 1, reason: 'rate_limited', resets_at } },
      { type: 'dispatch.finished', data: { status: 'failed', attempts: 1 } },
    ]);
  });

  it('may hang: nobody waits for it, and who kills its owner has it begin anew, with nothing left over', async () => {
    const scene = dispatchScene();
    const flag = join(scene.repo.root, 'flag');
    const count = join(scene.repo.root, 'count');
    const hangs = `echo told >> ${count}; [ -e ${flag} ] && exec cat > ${flag}; touch ${flag}; setsid sleep 611 & sleep 612`;
    await scene.dispatch('feat/a', ['@say one'], '--notify', hangs);
    const [run] = scene.records();
    if (run === undefined) throw new Error('there is no run');
    expect(run).toMatchObject({ phase: 'ended', announced: false });
    const marked = async () => (await processes.marked(notifyMarker(run))).map(({ command }) => command);
    await until(async () => (await marked()).filter((command) => command.startsWith('sleep')).length === 2);
    await scene.wt(['events']);
    expect(endings(scene)).toHaveLength(1);

    process.kill(run.supervisor?.pid ?? Number.NaN, 'SIGKILL');
    await until(() => run.supervisor !== null && livenessOf(run.supervisor) === 'dead');
    await Promise.all([scene.wt(['runs']), scene.wt(['events'])]);
    const told = await toldRun(scene);
    expect(readFileSync(count, 'utf8')).toBe('told\ntold\n');
    expect(JSON.parse(readFileSync(flag, 'utf8'))).toEqual(told.dispatch);
    expect(told.dispatch).toEqual(run.dispatch);
    expect(await marked()).toEqual([]);
    expect(endings(scene)).toHaveLength(1);
    expect(existsSync(join(folderOf(scene, told), 'notify.log'))).toBe(true);
  });
});

/** Kills the newest run's supervisor and claude, so that nobody is left to tell of its end. */
function killRun(scene: DispatchScene): void {
  const [run] = scene.records();
  for (const victim of [run?.supervisor, run?.claude]) process.kill(victim?.pid ?? Number.NaN, 'SIGKILL');
}
