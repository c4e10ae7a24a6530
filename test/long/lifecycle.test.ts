import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ownIdentity } from '../../src/adapters/processes.ts';
import type { Intent } from '../../src/domain/intent.ts';
import { after, type Life, unborn } from '../../src/domain/life.ts';
import { type CommandEvent, type LifeEvent, refusalOf } from '../../src/domain/lifecycle.ts';
import { type DispatchScene, dispatchScene } from '../support/dispatches.ts';

const argsOf: Record<CommandEvent, readonly string[]> = {
  create: ['create', 'feat/x'],
  provision: ['provision', 'feat/x'],
  dispatch: ['dispatch', 'feat/x', '-p', '@say x'],
  cancel: ['cancel', 'feat/x', '--grace', '0'],
  merge: ['merge', 'feat/x'],
  cleanup: ['cleanup', 'feat/x', '--force'],
  undo: ['undo'],
};
const commands = Object.keys(argsOf) as CommandEvent[];

/** A worktree that is led through its life by the real commands, and the same life by the table. */
function openWalk(scene: DispatchScene) {
  let life: Life = unborn;
  const state = async () => {
    const ran = await scene.wt(['list', '--json']);
    const rows = ran.json() as { branch: string; state: string; prunable: string | null }[];
    const row = rows.find(({ branch }) => branch === 'feat/x');
    return row === undefined ? 'absent' : row.prunable === null ? row.state : 'vanished';
  };
  const expectState = async () => expect([life, await state()]).toEqual([life, life.state]);
  return {
    life: () => life,
    /** Does something, and holds the state that wt shows to the table's. */
    go: async (act: () => unknown, ...events: LifeEvent[]) => {
      await act();
      life = events.reduce(after, life);
      await expectState();
    },
    /** Tries what the table refuses here, all at once, and holds the codes to it. */
    refuses: async (...but: CommandEvent[]) => {
      const refused = commands.filter(
        (each) => !but.includes(each) && refusalOf(each, life.state) !== undefined,
      );
      const codes = await Promise.all(
        refused.map(async (command) => {
          const { error } = (await scene.wt([...argsOf[command], '--json'])).json() as {
            error: { code: string };
          };
          return [command, error?.code];
        }),
      );
      expect(codes).toEqual(refused.map((command) => [command, refusalOf(command, life.state)]));
      return refused;
    },
  };
}

it('a worktree goes through its states as the table has them, and refuses by it', {
  timeout: 60_000,
}, async () => {
  const scene = dispatchScene([]);
  const { repo, at } = scene;
  const path = at('feat/x');
  const walk = openWalk(scene);
  const wt =
    (...args: string[]) =>
    () =>
      scene.wt([...args, '--json']);
  const prompt = (...lines: string[]) => wt('dispatch', 'feat/x', '-p', lines.join('\n'));
  const stateDir = join(repo.path, '.git', 'wt');

  expect(await walk.refuses('undo')).toEqual(['provision', 'dispatch', 'cancel', 'merge', 'cleanup']);
  await walk.go(wt('create', 'feat/x'), 'create', 'provisioned');
  expect(await walk.refuses()).toEqual(['create', 'cancel', 'undo']);

  // A cleanup of one that was never dispatched, and back.
  await walk.go(wt('cleanup', 'feat/x'), 'cleanup', 'removed');
  await walk.go(wt('undo'), 'undo');

  const intent: Intent = {
    version: 1,
    id: 'provision-by-somebody-else',
    operation: 'provision',
    owner: ownIdentity(),
    started_at: new Date().toISOString(),
    worktree_path: path,
    children: [],
    step: 'running',
    data: {},
  };
  const intentFile = join(stateDir, 'intents', `${intent.id}.json`);
  mkdirSync(join(stateDir, 'intents'), { recursive: true });
  await walk.go(() => writeFileSync(intentFile, JSON.stringify(intent)), 'provision');
  expect(await walk.refuses('create', 'undo')).toEqual(['dispatch', 'cleanup']);
  await walk.go(() => rmSync(intentFile), 'provisioned');

  await walk.go(prompt('@write a.txt one', '@commit first'), 'dispatch', 'started', 'complete');
  await walk.go(prompt('@append a.txt two', '@commit second'), 'dispatch', 'started', 'complete');
  await walk.go(wt('cancel', 'feat/x'), 'cancel');

  // Conflicts with the base, which an agent or a person resolves in the worktree.
  repo.commit('on main', { 'a.txt': 'another\n' });
  await walk.go(wt('merge', 'feat/x'), 'merge', 'conflicts');
  const resolve = () => {
    expect(() => repo.gitIn(path, 'merge', '-q', 'main')).toThrow();
    repo.commit('resolved', { 'a.txt': 'one\ntwo\nanother\n' }, path);
  };
  await walk.go(resolve, 'resolved');
  await walk.go(wt('merge', 'feat/x'), 'merge', 'landed');
  expect(walk.life().state).toBe('merged');
  await walk.go(prompt('@exit 7'), 'dispatch', 'started', 'fail'); // it changed nothing
  await walk.go(() => repo.commit('more', { 'b.txt': 'x\n' }, path), 'worked');
  expect(walk.life().state).toBe('failed');

  await walk.go(wt('dispatch', 'feat/x', '-p', '@hang', '--async'), 'dispatch', 'started');
  expect(await walk.refuses('create', 'undo')).toEqual(['dispatch', 'merge', 'cleanup']);
  await walk.go(wt('provision', 'feat/x'), 'provision', 'provisioned');
  await walk.go(wt('cancel', 'feat/x', '--grace', '1'), 'cancel', 'cancelled');

  // A run that its command is still preparing: this process has begun it.
  const [last] = scene.records();
  if (last === undefined) throw new Error('there is no run');
  const id = 'dispatch-29990101-001';
  const fresh = {
    dispatch_id: id,
    status: 'running',
    reason: null,
    pid: null,
    started_at: '2999-01-01T00:00:00.000Z',
    attempts: [],
  };
  const run = { ...last, phase: 'preparing', launcher: ownIdentity(), supervisor: null, claude: null };
  const prepare = () => {
    mkdirSync(join(stateDir, 'runs', id));
    const text = JSON.stringify({ ...run, dispatch: { ...last.dispatch, ...fresh } });
    writeFileSync(join(stateDir, 'runs', id, 'run.json'), text);
  };
  await walk.go(prepare, 'dispatch');
  expect(await walk.refuses('create', 'undo')).toEqual(['dispatch', 'merge', 'cleanup']);
  await walk.go(() => rmSync(join(stateDir, 'runs', id), { recursive: true }), 'cancelled');

  await walk.go(() => renameSync(path, `${path}-away`), 'vanished');
  expect(await walk.refuses('undo')).toEqual(['create', 'provision', 'dispatch']);
  await walk.go(() => renameSync(`${path}-away`, path), 'returned');
  await walk.go(() => repo.git('worktree', 'remove', '--force', path), 'removed');
  expect(walk.life().state).toBe('absent');

  // What a supervisor would say of a phase that must not follow another.
  for (const name of readdirSync(join(stateDir, 'runs'))) {
    expect([name, readFileSync(join(stateDir, 'runs', name, 'supervisor.log'), 'utf8')]).toEqual([name, '']);
  }
});
