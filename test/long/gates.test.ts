import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openResults } from '../../src/adapters/gates/results.ts';
import { recover } from '../../src/application/recovery.ts';
import { unfinished } from '../../src/application/unfinished.ts';
import { Sha } from '../../src/domain/sha.ts';
import { bundle } from '../support/bundle.ts';
import { start, until } from '../support/children.ts';
import { branchOff, gateScenes } from '../support/gates.ts';
import { isRunning } from '../support/provisioning.ts';
import { makeRepo, sealedEnv, temporaryFolder } from '../support/repo.ts';

const open = gateScenes();

describe('a wt that is killed while a gate runs', () => {
  it('leaves nothing that the next command does not end and remove', async () => {
    const repo = makeRepo();
    branchOff(repo, 'a', { 'a.txt': 'a\n' });
    repo.commit('more', { 'm.txt': 'm\n' });
    const pid = join(repo.root, 'pid');
    const program = await bundle(
      repo.root,
      `import { openGateScene } from './test/support/gates.ts';
      import { repoAt } from './test/support/repo.ts';
      const scene = await openGateScene(repoAt(process.argv[2] ?? ''));
      await scene.gates(await scene.merged('a'), ["setsid sh -c 'echo $$ > ${pid}; exec sleep 60' & sleep 60"]);`,
    );
    const { child } = start([process.execPath, program, repo.root], { env: repo.env });
    await until(() => isRunning(pid));
    const scene = await open(repo);
    const [room = ''] = scene.rooms();
    await recover(scene.ports, scene.hub);
    expect([isRunning(pid), existsSync(room)]).toEqual([true, true]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await unfinished(scene.hub)).toMatchObject([{ code: 'unfinished_operation' }]);
    await recover(scene.ports, scene.hub);
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(room)).toBe(false);
    expect(scene.rooms()).toEqual([]);
    expect(await scene.hub.intents.list()).toEqual([]);
    expect((await scene.gates(await scene.merged('a'), ['true'])).failure).toBeUndefined();
  });
});

describe('a room', () => {
  it('checks out the submodules that each tree asks for', async () => {
    const repo = makeRepo();
    const inner = makeRepo({ name: 'inner' });
    const allowed = {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'protocol.file.allow',
      GIT_CONFIG_VALUE_0: 'always',
    };
    const git = (cwd: string, ...args: string[]) =>
      execFileSync('git', args, { cwd, env: { ...repo.env, ...allowed }, stdio: 'pipe' });
    git(repo.path, 'submodule', '--quiet', 'add', inner.path, 'sub');
    repo.commit('sub');
    branchOff(repo, 'a', { 'a.txt': '' });
    repo.git('checkout', '-q', '-b', 'b');
    inner.commit('second', { 'second.txt': '' });
    git(join(repo.path, 'sub'), 'pull', '-q');
    repo.commit('b');
    repo.git('checkout', '-q', 'main');
    git(repo.path, 'submodule', '--quiet', 'update');
    repo.commit('on', { 'm.txt': '' });
    const scene = await open(repo, { env: allowed });
    for (const [name, files] of [
      ['a', 'README.md\n'],
      ['b', 'README.md\nsecond.txt\n'],
      ['a', 'README.md\n'],
    ] as const)
      expect(
        (
          await scene.gates(await scene.merged(name), ['ls sub; git status --porcelain; exit 1'], {
            fresh: true,
          })
        ).tail,
      ).toBe(files);
  });
});

describe('the results of gates', () => {
  it('of twenty processes at once are all there, each whole', async () => {
    const folder = temporaryFolder();
    const key = { tree: Sha.parse('a'.repeat(40)), command: 'true' };
    const record = { version: 1 as const, ...key, exit_code: 0, duration_ms: 1, tail: '', warnings: [] };
    const at = new Date().toISOString();
    const program = await bundle(
      folder,
      `import { openResults } from './src/adapters/gates/results.ts';
      const [folder = '', record = '{}', own] = process.argv.slice(2);
      const results = openResults(folder, () => new Date());
      for (let i = 0; i < 10; i++)
        for (const command of ['true', 'own ' + own]) results.remember({ ...JSON.parse(record), command });`,
    );
    const given = JSON.stringify({ ...record, at, tail: 'x'.repeat(4000) });
    const codes = await Promise.all(
      Array.from(
        { length: 20 },
        (_, index) =>
          new Promise((resolve) =>
            spawn(process.execPath, [program, folder, given, String(index)], {
              env: sealedEnv(folder),
              stdio: 'inherit',
            }).on('close', resolve),
          ),
      ),
    );
    expect(codes).toEqual(codes.map(() => 0));
    const results = openResults(folder, () => new Date());
    for (let index = 0; index < 20; index++)
      expect(results.recall({ ...key, command: `own ${index}` })?.record.tail).toHaveLength(4000);
    expect(results.recall(key)?.record.tail).toHaveLength(4000);
  });
});
