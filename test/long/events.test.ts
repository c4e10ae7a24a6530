import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { livenessOf, processes } from '../../src/adapters/processes.ts';
import { notifyMarker } from '../../src/adapters/supervisor/notify.ts';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import type { DispatchRecord } from '../../src/domain/dispatch.ts';
import { Event } from '../../src/domain/event.ts';
import { afterEveryTest } from '../support/after.ts';
import { until } from '../support/children.ts';
import { type DispatchScene, dispatchIn, dispatchScene, type StartedWt } from '../support/dispatches.ts';

const journalOf = ({ repo }: DispatchScene) => join(repo.path, '.git', 'wt', 'events.jsonl');
const folderOf = ({ repo }: DispatchScene, { dispatch }: DispatchRecord) =>
  join(repo.path, '.git', 'wt', 'runs', dispatch.dispatch_id ?? '');

/** The lines of a text, each an event of the schema with no key too many. */
const eventsIn = (text: string): Event[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const event = Event.parse(JSON.parse(line));
      expect(event).toEqual(JSON.parse(line));
      return event;
    });

const types = (events: readonly Event[]) => events.map(({ type }) => type);
const journal = (scene: DispatchScene) => eventsIn(readFileSync(journalOf(scene), 'utf8'));
const endings = (scene: DispatchScene) => journal(scene).filter(({ type }) => type === 'dispatch.finished');

/** The run once everybody was told of its end and its supervisor has gone. */
async function toldRun(scene: DispatchScene): Promise<DispatchRecord> {
  const record = await scene.runWhen(({ announced }) => announced);
  await until(() => record.supervisor === null || livenessOf(record.supervisor) === 'dead');
  return record;
}

describe('events', () => {
  it('tell in order what happened: worktrees, runs, landings', async () => {
    const scene = dispatchScene(['feat/b']);
    const { wt, repo, at } = scene;
    expect(await wt(['events'])).toMatchObject({ code: 0, stdout: '' });
    await wt(['create', 'feat/a']);
    await scene.dispatch('feat/a', ['@write a.txt one', '@commit work']);
    repo.commit('other', { 'a.txt': 'other' }, at('feat/b'));
    await wt(['merge', 'feat/a']);
    await wt(['merge', 'feat/b', '-n']);
    await wt(['merge', 'feat/b']);
    await wt(['cleanup', 'feat/a']);
    await wt(['undo']);
    const asArray = await wt(['events', '--json']);
    const events = Event.array().parse(asArray.json());
    expect(events).toMatchObject([
      { type: 'worktree.created', worktree_path: at('feat/a'), data: { branch: 'feat/a', base: 'main' } },
      { type: 'dispatch.started', worktree_path: at('feat/a'), data: { attempt: 1, model: null } },
      { type: 'dispatch.finished', data: { status: 'complete', reason: null, commits: 1 } },
      { type: 'landing.merged', data: { target: 'main', target_after: repo.git('rev-parse', 'main') } },
      { type: 'landing.conflicts', worktree_path: at('feat/b'), data: { conflicts: 1, paths: ['a.txt'] } },
      { type: 'worktree.removed', data: { trash: expect.any(String), branch_deleted: true } },
      { type: 'worktree.restored', worktree_path: at('feat/a'), data: { branch: 'feat/a' } },
    ]);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);

    const piped = await wt(['events', '-v']);
    expect(eventsIn(piped.stdout)).toEqual(events);
    expect(piped.stderr.match(/\$ git \S+/g)).toEqual(['$ git rev-parse']);
    const some = await wt(['events', '--since', '4', '--ndjson']);
    expect(eventsIn(some.stdout)).toEqual(events.slice(4));
    expect(await wt(['events', '--since', '99'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('there is no event 99: the last one is 7'),
    });
    expect(await wt(['events', '--since', '-1', '--json'])).toMatchObject({ code: 2 });
    expect(readFileSync(journalOf(scene), 'utf8')).not.toContain('@write');
  }, 90_000);

  it('are followed as they come, from a cursor on, until Ctrl-C', async () => {
    const scene = dispatchScene();
    await scene.dispatch('feat/a', ['@say one']);
    await toldRun(scene);
    const { child, ended, seen } = follow(scene, '--since', '1', '--json');
    await until(() => types(seen()).length === 1);
    await scene.dispatch('feat/a', ['@say two']);
    await until(() => types(seen()).length === 3);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(seen().map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect(types(seen())).toEqual(['dispatch.finished', 'dispatch.started', 'dispatch.finished']);
  });

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

const followers: StartedWt[] = [];
afterEveryTest(() => {
  for (const { child } of followers.splice(0)) child.kill('SIGKILL');
});

/** Starts a follower, and gives the whole lines that it has written so far. */
function follow(scene: DispatchScene, ...flags: string[]) {
  const follower = scene.start(['events', '--follow', ...flags]);
  followers.push(follower);
  let text = '';
  follower.child.stdout?.on('data', (piece: string) => {
    text += piece;
  });
  return { ...follower, seen: () => eventsIn(text.slice(0, text.lastIndexOf('\n') + 1)) };
}
