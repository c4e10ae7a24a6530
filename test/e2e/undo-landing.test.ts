import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UndoAnswer } from '../../src/domain/answers/cleanup.ts';
import { wt } from '../support/bin.ts';
import { makeRepo } from '../support/repo.ts';

it('wt undo in a bare hub takes back cleanup, then landing, and tells a script which', async () => {
  const repo = makeRepo();
  const hub = join(repo.root, 'prover.git');
  execFileSync('git', ['clone', '-q', '--bare', repo.path, hub], { env: repo.env });
  repo.gitIn(hub, 'remote', 'remove', 'origin');
  const run = (...args: string[]) => wt(hub, repo.env, args);
  const main = join(repo.root, 'prover-wt', 'main');
  const path = join(repo.root, 'prover-wt', 'feat', 'a');
  repo.gitIn(hub, 'worktree', 'add', '-q', main, 'main');
  expect((await run('create', 'feat/a', '--no-provision')).code).toBe(0);
  repo.commit('a', { a: 'a\n' }, path);
  repo.commit('beside', { beside: 'x\n' }, main);
  const before = repo.gitIn(main, 'rev-parse', 'HEAD');
  expect((await run('merge', 'feat/a', '--cleanup')).code).toBe(0);
  expect(existsSync(path)).toBe(false);

  const listed = await run('undo', '--list');
  expect(listed.stdout.replace(/trash-\d{8}/, 'trash-<day>').split('\n')).toEqual([
    'trash-<day>-001  feat/a was removed',
    `                    ${path}`,
    'landing-1           feat/a landed on main',
    `                    ${path}`,
    '',
  ]);
  const first = await run('undo', '--json');
  expect([first.code, UndoAnswer.parse(first.json())]).toMatchObject([
    0,
    { operation: 'cleanup', branch: 'feat/a', target: null },
  ]);
  expect(existsSync(join(path, 'a'))).toBe(true);

  writeFileSync(join(main, 'a'), 'mine\n');
  const refused = await run('undo', '--json');
  expect([refused.code, refused.json()]).toMatchObject([4, { error: { code: 'dirty_target' } }]);
  repo.gitIn(main, 'checkout', '-q', 'a');
  const second = await run('undo');
  expect([second.code, second.stdout.split('\n')]).toEqual([
    0,
    ['took feat/a back from main (landing-1)', '  wt merge feat/a --into main lands it again', ''],
  ]);
  expect([repo.gitIn(main, 'rev-parse', 'HEAD'), repo.gitIn(main, 'status', '--porcelain')]).toEqual([
    before,
    '',
  ]);
  const nothing = await run('undo', 'landing-1');
  expect([nothing.code, nothing.stderr]).toMatchObject([
    5,
    expect.stringContaining('landing-1 was taken back'),
  ]);
});
