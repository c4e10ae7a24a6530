import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runLockOwner } from '../../src/domain/run-lock.ts';
import { until } from '../support/children.ts';
import { type DispatchScene, dispatchIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';

/** The reason by which git says that a worktree is locked; `undefined` when it is not. */
const lockOf = ({ repo, at }: DispatchScene, branch: string) =>
  repo
    .git('worktree', 'list', '--porcelain')
    .split('\n\n')
    .find((record) => record.startsWith(`worktree ${at(branch)}\n`))
    ?.split('\n')
    .find((line) => line.startsWith('locked'))
    ?.slice('locked '.length);

const isAtWork = (scene: DispatchScene) => scene.runWhen(({ phase }) => phase === 'running');

/** Kills a supervisor and its claude, as the machine does that runs out of memory. */
async function crash(scene: DispatchScene): Promise<void> {
  const { supervisor, claude } = await isAtWork(scene);
  for (const identity of [supervisor, claude]) if (identity !== null) process.kill(identity.pid, 'SIGKILL');
}

describe('the lock of a worktree while a run goes on', () => {
  it('names the run and its supervisor, keeps other tools off, and is gone with the run', async () => {
    const scene = dispatchScene();
    const { repo, at } = scene;
    const { ended } = scene.start(['dispatch', 'feat/a', '-p', '@hang', '--json']);
    const { supervisor } = await isAtWork(scene);
    const [record] = scene.records();
    expect(lockOf(scene, 'feat/a')).toBe(
      `wt dispatch ${record?.dispatch.dispatch_id} (pid ${supervisor?.pid} start ${supervisor?.start_time})`,
    );
    expect(() => repo.git('worktree', 'remove', '--force', at('feat/a'))).toThrow(/locked/);
    renameSync(at('feat/a'), `${at('feat/a')}.aside`);
    repo.git('worktree', 'prune', '--expire=now');
    renameSync(`${at('feat/a')}.aside`, at('feat/a'));
    expect(repo.git('worktree', 'list')).toContain(at('feat/a'));

    const [cleaned, merged] = await Promise.all([
      scene.wt(['cleanup', 'feat/a', '--force', '--json']),
      scene.wt(['merge', 'feat/a', '--json']),
    ]);
    for (const ran of [cleaned, merged]) {
      expect(ran).toMatchObject({ code: 4 });
      expect(ran?.json()).toMatchObject({ error: { code: 'dispatch_running' } });
    }
    await scene.wt(['cancel', 'feat/a']);
    await ended;
    expect(lockOf(scene, 'feat/a')).toBeUndefined();
    expect(await scene.wt(['cleanup', 'feat/a', '--force'])).toMatchObject({ code: 0 });
    await expectNothingLeft(scene);
  });

  it('holds nothing up after a crash: work lands and the worktree goes, each at the first go', async () => {
    const scene = dispatchScene();
    const { ended } = scene.start([
      'dispatch',
      'feat/a',
      '-p',
      '@write a.txt x\n@commit work\n@hang',
      '--async',
    ]);
    await ended;
    await until(() => scene.repo.gitIn(scene.at('feat/a'), 'log', '-1', '--format=%s') === 'work');
    await crash(scene);
    expect(runLockOwner(lockOf(scene, 'feat/a'))).toMatchObject({ tool: 'wt' });
    const merged = await scene.wt(['merge', 'feat/a', '--json']);
    expect(merged.json()).toMatchObject({ status: 'merged', error: null });
    expect(lockOf(scene, 'feat/a')).toBeUndefined();

    await scene.start(['dispatch', 'feat/a', '-p', '@hang', '--async']).ended;
    await crash(scene);
    expect(lockOf(scene, 'feat/a')).toBeDefined();
    const cleaned = await scene.wt(['cleanup', '--merged', '--min-age', '0s', '--json']);
    expect(cleaned.json()).toMatchObject([{ worktree_path: scene.at('feat/a'), removed: true, error: null }]);
    await expectNothingLeft(scene);
  });

  it('is taken over with the run, when its supervisor alone has died', async () => {
    const scene = dispatchScene();
    await scene.start(['dispatch', 'feat/a', '-p', '@hang', '--async']).ended;
    const { supervisor } = await isAtWork(scene);
    process.kill(supervisor?.pid ?? 0, 'SIGKILL');
    expect(await scene.wt(['wait', 'feat/a', '--timeout', '1'])).toMatchObject({ code: 124 });
    const adopted = await scene.runWhen((record) => record.supervisor?.pid !== supervisor?.pid);
    await until(() => runLockOwner(lockOf(scene, 'feat/a'))?.pid === adopted.supervisor?.pid);
    await scene.wt(['cancel', 'feat/a']);
    expect(lockOf(scene, 'feat/a')).toBeUndefined();
    await expectNothingLeft(scene);
  });

  it("leaves somebody else's alone, and takes the place of one that a dead run left", async () => {
    const scene = dispatchScene(['feat/a', 'feat/b']);
    const { repo, at } = scene;
    repo.git('worktree', 'lock', '--reason', 'on a stick', at('feat/a'));
    repo.git(
      'worktree',
      'lock',
      '--reason',
      'wt dispatch dispatch-20250101-001 (pid 4194300 start 1)',
      at('feat/b'),
    );
    const seen =
      "@run git worktree list --porcelain | grep ^locked > lock.txt; echo '*' >> $(git rev-parse --git-path info/exclude)";
    const { answers } = await scene.dispatchAll({ 'feat/a': [seen], 'feat/b': [seen] });
    const [, second] = answers;
    const lines = readFileSync(join(at('feat/b'), 'lock.txt'), 'utf8');
    expect(lines).toContain('locked on a stick');
    expect(lines).toContain(`locked wt dispatch ${second?.dispatch_id} (pid `);
    expect([lockOf(scene, 'feat/a'), lockOf(scene, 'feat/b')]).toEqual(['on a stick', undefined]);
  });

  it('stands for the run while its supervisor lives, though somebody deleted its record', async () => {
    const scene = dispatchScene();
    await scene.start(['dispatch', 'feat/a', '-p', '@hang', '--async']).ended;
    const { supervisor } = await isAtWork(scene);
    process.kill(supervisor?.pid ?? 0, 'SIGSTOP');
    const runs = join(scene.repo.path, '.git', 'wt', 'runs');
    renameSync(runs, `${runs}.aside`);
    const refused = await scene.wt(['cleanup', 'feat/a', '--force', '--json']);
    expect(refused.json()).toMatchObject({ error: { code: 'dispatch_running' } });
    renameSync(`${runs}.aside`, runs); // for those who tidy up
    process.kill(supervisor?.pid ?? 0, 'SIGCONT');
    expect(await scene.wt(['cancel', 'feat/a'])).toMatchObject({ code: 0 });
  });
});

describe('what changes outside of a worktree', () => {
  it('is named by the one run that can have done it, and by all where several can', async () => {
    const scene = dispatchScene(['feat/a', 'feat/b']);
    const { repo } = scene;
    const until = (condition: string) => `@run until ${condition}; do sleep 0.02; done`;
    const tell = (name: string) => `@run touch '${join(repo.root, name)}'`;
    const told = (name: string) => until(`[ -e '${join(repo.root, name)}' ]`);
    const change = (name: string) => `@run echo x > '${join(repo.path, name)}'`;
    const otherEnded = until(`grep -qs '"phase": "ended"' '${repo.path}'/.git/wt/runs/*/run.json`);
    // A second apart: clocks and file systems are given that much.
    const { answers } = await scene.dispatchAll({
      'feat/a': [tell('a'), told('b'), change('both.txt')],
      'feat/b': [tell('b'), told('a'), otherEnded, '@sleep 1200', change('mine.txt')],
    });
    const [a, b] = answers;
    expect(a?.leaks).toEqual([{ path: 'both.txt', worktree: repo.path }]);
    expect(a?.warnings).toMatchObject([
      { code: 'leaks_shared', message: expect.stringContaining(`${b?.dispatch_id}`) },
    ]);
    expect(b?.leaks).toEqual([
      { path: 'both.txt', worktree: repo.path },
      { path: 'mine.txt', worktree: repo.path },
    ]);
    expect(b?.warnings).toMatchObject([
      { code: 'leaks_found', message: expect.stringContaining('mine.txt') },
      { code: 'leaks_shared', message: expect.stringMatching(`${a?.dispatch_id}.*both.txt`) },
    ]);
  });
});

describe('the guard that an agent is started with', () => {
  const settingsIn = (scene: DispatchScene) => {
    const [record] = scene.records();
    const folder = join(scene.repo.path, '.git', 'wt', 'runs', record?.dispatch.dispatch_id ?? '');
    const file = join(folder, 'settings.json');
    const { args = [] } = record?.request ?? {};
    expect(args[args.lastIndexOf('--settings') + 1]).toBe(file);
    expect(args.filter((word) => word.startsWith('--settings'))).toHaveLength(1);
    return JSON.parse(readFileSync(file, 'utf8'));
  };

  it('is the hook of this wt, beside the settings of the person', async () => {
    const scene = dispatchScene();
    const shared = join(scene.repo.root, 'shared');
    mkdirSync(shared);
    const theirs = { matcher: 'Write', hooks: [{ type: 'command', command: 'mine' }] };
    writeFileSync(
      join(scene.at('feat/a'), 'own.json'),
      JSON.stringify({ model: 'x', hooks: { PreToolUse: [theirs] } }),
    );
    const flags = [
      '--allow-outside',
      '../shared',
      '--json',
      '--',
      '--settings',
      'own.json',
      '--effort',
      'high',
    ];
    const answer = dispatchIn(await scene.dispatch('feat/a', ['@write a.txt x'], ...flags));
    expect(answer).toMatchObject({ status: 'complete', warnings: [] });
    const { model, hooks } = settingsIn(scene);
    expect([model, hooks.PreToolUse[0]]).toEqual(['x', theirs]);
    expect(hooks.PreToolUse[1].hooks[0].command).toMatch(
      new RegExp(
        `^\\S+ \\S+/bin/wt.js hook pre-tool-use --worktree ${scene.at('feat/a')} --allow-outside ${shared} --warn$`,
      ),
    );
    expect(hooks.PreToolUse[2].matcher).toBe('Bash');
    const [record] = scene.records();
    expect(record?.request).toMatchObject({
      allow_outside: [shared],
      args: expect.arrayContaining(['--effort', 'high']),
    });
  });

  it.each<[string, string[], string]>([
    ['a directory that is not there', ['--allow-outside', 'nowhere'], 'jerry/nowhere is not there'],
    ['a file for a directory', ['--allow-outside', 'README.md'], 'jerry/README.md is no directory'],
    ['settings that are not there', ['--', '--settings', 'none.json'], 'feat/a/none.json'],
    ['settings that are no JSON', ['--', '--settings={"a":}'], 'not JSON'],
    ['settings that claude would ignore', ['--', '--settings', '{"env":{"A":1}}'], "not claude's: env.A"],
    ['settings without a value', ['--', '--settings'], '--settings'],
  ])('refuses %s before anything is begun', async (_, flags, message) => {
    const scene = dispatchScene();
    const ran = await scene.dispatch('feat/a', ['@say x'], '--json', ...flags);
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({ error: { code: 'usage', message: expect.stringContaining(message) } });
    expect(scene.records()).toEqual([]);
  });

  it('is told of when it did not run: what tools wrote outside is in the stream', async () => {
    const scene = dispatchScene();
    const outside = join(scene.repo.root, 'elsewhere.txt');
    const lines = ['@write in.txt x', `@write ${outside} x`, '@commit work'];
    const answer = dispatchIn(await scene.dispatch('feat/a', lines, '--json'));
    expect(answer).toMatchObject({ status: 'complete', reason: null });
    expect(answer.warnings).toMatchObject([
      { code: 'wrote_outside', message: expect.stringContaining(outside) },
    ]);
    const allowed = dispatchIn(
      await scene.dispatch('feat/a', lines, '--json', '--allow-empty', '--allow-outside', scene.repo.root),
    );
    expect(allowed.warnings).toEqual([]);
  });
});

describe('the recorded base of a worktree', () => {
  it('is where a new one stands, or it is taken back', async () => {
    const scene = dispatchScene([]);
    const { repo } = scene;
    repo.commit('second', { 'b.txt': 'x' });
    repo.git('branch', 'feat/packed');
    repo.git('pack-refs', '--all');
    const packed = await scene.wt(['create', 'feat/packed', '--existing', '--no-provision', '--json']);
    expect(packed.json()).toMatchObject({ error: null, base_sha: repo.git('rev-parse', 'main') });

    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const meddle = `'${real}' "$@"; code=$?; case "$*" in *"worktree add"*) '${real}' update-ref refs/heads/feat/new main~1;; esac; exit $code`;
    writeFileSync(join(repo.root, 'bin', 'git'), `#!/bin/sh\n${meddle}\n`, { mode: 0o755 });
    const moved = await scene.wt(['create', 'feat/new', '--no-provision', '--json']);
    expect(moved.code).toBe(4);
    expect(moved.json()).toMatchObject({
      error: { code: 'target_moved', message: expect.stringContaining('feat/new') },
    });
    expect(repo.git('worktree', 'list')).not.toContain('feat/new');
    expect(repo.git('rev-parse', 'feat/new')).toBe(repo.git('rev-parse', 'main~1'));
  });

  it('is missed with a warning by a run whose branch does not contain it any more', async () => {
    const scene = dispatchScene([]);
    const { repo } = scene;
    repo.commit('second', { 'b.txt': 'x' });
    await scene.wt(['create', 'feat/new', '--no-provision']);
    const path = join(repo.root, 'jerry-wt', 'feat/new');
    const fresh = dispatchIn(await scene.dispatch('feat/new', ['@write a.txt x', '@commit work'], '--json'));
    expect(fresh.warnings).toEqual([]);
    const further = dispatchIn(
      await scene.dispatch('feat/new', ['@write c.txt x', '@commit work'], '--json'),
    );
    expect(further.warnings).toEqual([]);
    repo.gitIn(path, 'reset', '-q', '--hard', 'HEAD~3');
    const reset = dispatchIn(await scene.dispatch('feat/new', ['@write a.txt x', '@commit work'], '--json'));
    expect(reset).toMatchObject({ status: 'complete', reason: null });
    expect(reset.warnings).toMatchObject([
      { code: 'base_mismatch', message: expect.stringContaining(reset.base_sha?.slice(0, 10) ?? '?') },
    ]);
  });
});
