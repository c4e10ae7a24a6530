import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DoctorCheck } from '../../src/domain/answers/doctor.ts';
import { wt } from '../support/bin.ts';
import { start } from '../support/children.ts';
import { gitDirOf, type RemovalScene, remains, removalScene } from '../support/removals.ts';

const bad = (checks: readonly DoctorCheck[]) => checks.filter(({ status }) => status !== 'ok');
const codes = (checks: readonly DoctorCheck[]) => bad(checks).map(({ code, status }) => [code, status]);

/** Finds it, mends it, and then there is nothing any more. */
async function mends({ doctor }: RemovalScene, code: string, message: RegExp): Promise<DoctorCheck> {
  const [found, ...others] = bad(await doctor());
  expect([found, others]).toMatchObject([{ code, status: 'problem', fix: expect.any(String) }, []]);
  expect(found?.message).toMatch(message);
  const fixed = bad(await doctor('fix'));
  expect(fixed).toMatchObject([{ code, status: 'fixed' }]);
  expect(bad(await doctor('fix'))).toEqual([]);
  return fixed[0] as DoctorCheck;
}

/** A repository with one landing. */
async function landed() {
  const scene = removalScene();
  const { repo } = scene;
  scene.add('feat/a', { work: 'a' });
  expect((await wt(repo.path, repo.env, ['merge', 'feat/a'])).code).toBe(0);
  expect(codes(await scene.doctor())).toEqual([]);
  return {
    scene,
    ref: (n: number) => `refs/wt/landed/${n}`,
    record: (n: number) => join(repo.path, '.git/wt/landings', `${n}.json`),
    after: repo.git('rev-parse', 'main'),
  };
}

const dead = '(pid 4194300 start 7)';
const old = new Date(Date.now() - 3_600_000);

describe('wt doctor finds and mends', () => {
  it('a worktree whose folder was deleted by hand, without losing what was staged', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    writeFileSync(join(path, 'staged'), 'staged');
    repo.gitIn(path, 'add', '.');
    rmSync(path, { recursive: true });
    await mends(
      scene,
      'stale_registration',
      /feat\/x is gone; git has it registered still, and keeps the branch feat\/x/,
    );
    repo.git('switch', '-q', 'feat/x');
    const [id] = remains(repo).trash;
    expect(repo.git('show', `refs/wt/trash/${id}/index:staged`)).toBe('staged');
  });

  it.each([`claude agent a-1 ${dead}`, `wt dispatch dispatch-20260220-001 ${dead}`])(
    'one that %s had locked before it went',
    async (reason) => {
      const scene = removalScene();
      const path = scene.add('feat/x');
      scene.repo.git('worktree', 'lock', '--reason', reason, path);
      rmSync(path, { recursive: true });
      await mends(scene, 'stale_lock', /feat\/x is gone/);
      expect(scene.repo.git('worktree', 'list')).not.toContain('feat/x');
    },
  );

  it('the lock of a dispatch that is no more, and leaves the worktree', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    scene.repo.git('worktree', 'lock', '--reason', `wt dispatch dispatch-20260220-001 ${dead}`, path);
    await mends(scene, 'stale_lock', /is locked by somebody who is gone/);
    expect(existsSync(join(gitDirOf(scene.repo, path), 'locked'))).toBe(false);
  });

  it('a worktree that was moved', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    const moved = join(repo.root, 'jerry-wt/elsewhere/y');
    mkdirSync(join(moved, '..'), { recursive: true });
    renameSync(path, moved);
    await mends(scene, 'moved_worktree', /feat\/x was moved to .*elsewhere\/y/);
    expect(repo.gitIn(moved, 'status', '--porcelain')).toBe('');
    expect(repo.git('worktree', 'list')).toContain(moved);
  });

  it('worktrees whose repository was moved', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x', { path: join(scene.repo.root, 'x') });
    const moved = join(scene.repo.root, 'tom');
    renameSync(scene.repo.path, moved);
    const there = { cwd: moved };
    expect(codes(await scene.doctor(undefined, there))).toEqual([['moved_worktree', 'problem']]);
    expect(codes(await scene.doctor('fix', there))).toEqual([['moved_worktree', 'fixed']]);
    expect(scene.repo.gitIn(path, 'status', '--porcelain')).toBe('');
  });

  it('lock files of gits that are dead, in every place that git has for them', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const gitDir = gitDirOf(repo, scene.add('feat/x'));
    const common = join(repo.path, '.git');
    const files = [
      ...[
        'index.lock',
        'HEAD.lock',
        'config.lock',
        'packed-refs.lock',
        'shallow.lock',
        'refs/heads/main.lock',
      ].map((name) => join(common, name)),
      ...['index.lock', 'HEAD.lock'].map((name) => join(gitDir, name)),
    ];
    for (const file of files) {
      writeFileSync(file, '');
      utimesSync(file, old, old);
    }
    const found = bad(await scene.doctor());
    expect(found.map(({ code, status }) => `${code} ${status}`)).toEqual(
      files.map(() => 'lock_file problem'),
    );
    expect(files.filter((file) => !found.some(({ message }) => message.includes(file)))).toEqual([]);
    expect(codes(await scene.doctor('fix'))).toEqual(files.map(() => ['lock_file', 'fixed']));
    expect(files.filter((file) => existsSync(file))).toEqual([]);
    expect(bad(await scene.doctor('fix'))).toEqual([]);
  });

  it('what a killed wt left: drafts, and an operation that was cut short', async () => {
    const scene = removalScene();
    const state = join(scene.repo.path, '.git/wt');
    mkdirSync(join(state, 'intents'), { recursive: true });
    const draft = join(state, 'intents/x.json.1.abcdef.wt-tmp');
    writeFileSync(draft, '');
    utimesSync(draft, old, old);
    writeFileSync(
      join(state, 'intents/a.json'),
      JSON.stringify({
        version: 1,
        id: 'a',
        operation: 'create',
        owner: { ...(await scene.hub()).processes.own(), pid: 4194300, start_time: '7' },
        started_at: old.toISOString(),
        worktree_path: '/w/a',
        children: [],
        step: 'waiting',
        data: {},
      }),
    );
    expect(codes(await scene.doctor())).toEqual([
      ['leftover', 'warning'],
      ['unfinished', 'problem'],
    ]);
    expect(codes(await scene.doctor('fix'))).toEqual([
      ['leftover', 'fixed'],
      ['unfinished', 'fixed'],
    ]);
    expect(remains(scene.repo).intents).toEqual([]);
    expect(bad(await scene.doctor('fix'))).toEqual([]);
  });
});

describe('wt doctor leaves, and tells', () => {
  const untouched = async ({ doctor }: RemovalScene, expected: unknown) => {
    const found = bad(await doctor());
    expect(found).toMatchObject([expected]);
    expect(bad(await doctor('fix'))).toEqual(found);
  };

  it('a lock file that somebody has open, and one that is fresh', async () => {
    const scene = removalScene();
    const lock = join(scene.repo.path, '.git/index.lock');
    writeFileSync(lock, '');
    await untouched(scene, {
      code: 'lock_file',
      status: 'warning',
      fix: expect.stringContaining(`rm ${lock}`),
    });
    utimesSync(lock, old, old);
    const holder = start(['sh', '-c', `exec 9<'${lock}'; echo ready; exec sleep 60`]);
    await holder.lines(1);
    const [check] = (await scene.doctor('fix')).filter(({ code }) => code === 'lock_file');
    expect(check).toMatchObject({ status: 'ok', message: expect.stringContaining(`(${holder.pid})`) });
    expect(existsSync(lock)).toBe(true);
  });

  it('a worktree whose folder is gone while the agent that locked it runs', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    const { pid, start_time: began } = (await scene.hub()).processes.own();
    scene.repo.git('worktree', 'lock', '--reason', `claude agent x (pid ${pid} start ${began})`, path);
    rmSync(path, { recursive: true });
    await untouched(scene, {
      code: 'stale_lock',
      status: 'warning',
      message: expect.stringContaining('runs'),
    });
  });

  it('a lock for a reason of somebody else', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    scene.repo.git('worktree', 'lock', '--reason', 'on a stick', path);
    expect(bad(await scene.doctor())).toEqual([]);
    rmSync(path, { recursive: true });
    await untouched(scene, {
      code: 'stale_lock',
      status: 'warning',
      message: expect.stringContaining('locked: on a stick'),
      fix: expect.stringContaining('git worktree unlock'),
    });
  });

  it('a worktree in an empty folder that may be where a disk belongs', async () => {
    const scene = removalScene();
    const stick = join(scene.repo.home, 'stick');
    mkdirSync(stick);
    scene.repo.git('worktree', 'add', '-q', join(stick, 'x'));
    rmSync(join(stick, 'x'), { recursive: true });
    const repo = join(scene.repo.root, 'deep');
    mkdirSync(repo);
    renameSync(scene.repo.path, join(repo, 'jerry'));
    const found = bad(await scene.doctor('fix', { cwd: join(repo, 'jerry') }));
    expect(found).toMatchObject([{ code: 'stale_registration', status: 'warning' }]);
    expect(found[0]?.message).toContain('its disk may not be mounted');
  });

  it('state that is damaged or from a newer wt, and makes the other checks', async () => {
    const scene = removalScene();
    const gitDir = gitDirOf(scene.repo, scene.add('feat/x'));
    mkdirSync(join(scene.repo.path, '.git/wt/runs/dispatch-20260220-001'), { recursive: true });
    writeFileSync(join(scene.repo.path, '.git/wt/runs/dispatch-20260220-001/run.json'), '{"version": 1');
    writeFileSync(join(gitDir, 'wt.json'), '{"version": 99}');
    const found = await scene.doctor('fix');
    expect(codes(found)).toEqual([
      ['damaged_state', 'problem'],
      ['newer_state', 'problem'],
    ]);
    expect(found.map(({ code }) => code)).toContain('mirror_remote');
  });

  it('records of landings that are torn or from a newer wt', async () => {
    const { scene, record } = await landed();
    const text = readFileSync(record(1), 'utf8');
    for (const [damaged, code] of [
      [text.slice(0, 40), 'damaged_state'],
      ['{"version": 99}', 'newer_state'],
    ] as const) {
      writeFileSync(record(1), damaged);
      expect(codes(await scene.doctor('fix'))).toEqual([[code, 'problem']]);
      expect(readFileSync(record(1), 'utf8')).toBe(damaged);
    }
    // Put aside as the doctor says, its number stays its own.
    renameSync(record(1), `${record(1)}.unreadable`);
    scene.repo.git('switch', '-q', '-c', 'feat/b');
    scene.repo.commit('b', { b: 'b' });
    const b = join(scene.repo.root, 'b');
    scene.repo.git('switch', '-q', 'main');
    scene.repo.git('worktree', 'add', '-q', b, 'feat/b');
    expect((await wt(scene.repo.path, scene.repo.env, ['merge', 'feat/b'])).code).toBe(0);
    expect(existsSync(record(2))).toBe(true);
  });

  it('a ref of a landing that is gone, one without a record, and one that was moved', async () => {
    const { scene, ref, after, record } = await landed();
    const { git } = scene.repo;
    git('update-ref', '-d', ref(1));
    await mends(scene, 'landing_ref', /landing-1 has lost its ref refs\/wt\/landed\/1/);
    expect(git('rev-parse', ref(1))).toBe(after);
    git('update-ref', ref(7), 'main');
    await mends(scene, 'landing_record', /refs\/wt\/landed\/7 has no record/);
    expect(git('for-each-ref', '--format=%(refname)', 'refs/wt/landed')).toBe(ref(1));
    const lone = git('commit-tree', '-m', 'lone', 'main^{tree}');
    git('update-ref', ref(7), lone);
    const [only] = bad(await scene.doctor('fix'));
    expect(only).toMatchObject({ code: 'landing_record', status: 'warning' });
    expect(only?.fix).toBe(`git branch landed-7 ${lone}, then wt doctor --fix`);
    expect(git('rev-parse', ref(7))).toBe(lone);
    git('update-ref', '-d', ref(7));
    git('update-ref', ref(1), lone);
    expect(codes(await scene.doctor('fix'))).toEqual([['landing_ref', 'warning']]);
    const text = readFileSync(record(1), 'utf8');
    writeFileSync(record(1), text.replaceAll(after, '1'.repeat(40)));
    git('update-ref', '-d', ref(1));
    const [lost] = bad(await scene.doctor('fix'));
    expect(lost).toMatchObject({ code: 'landing_ref', status: 'warning' });
    expect(lost?.message).toMatch(/landing-1 cannot be undone: .* the repository has no 1111111111/);
  });

  it('a mirror remote, a hook without its interpreter and a folder of hooks that is not there', async () => {
    const scene = removalScene();
    const { repo } = scene;
    repo.git('config', 'remote.up.url', 'x');
    repo.git('config', 'remote.up.mirror', 'true');
    const hook = join(repo.path, '.git/hooks/pre-commit');
    mkdirSync(join(hook, '..'), { recursive: true });
    writeFileSync(
      hook,
      "#!/bin/sh\n# File generated by pre-commit: x\nINSTALL_PYTHON='/gone/.venv/bin/python'\n",
    );
    expect(codes(await scene.doctor('fix'))).toEqual([
      ['mirror_remote', 'warning'],
      ['hook_interpreter', 'problem'],
    ]);
    repo.git('config', 'core.hooksPath', join(repo.root, 'nowhere'));
    expect(codes(await scene.doctor())).toContainEqual(['hooks', 'warning']);
  });
});

describe('wt doctor as a program', () => {
  it('exits with 1 while there is a problem, and works outside a repository', async () => {
    const { repo, add } = removalScene();
    expect((await wt(repo.path, repo.env, ['doctor'])).code).toBe(0);
    rmSync(add('feat/x'), { recursive: true });
    const ran = await wt(repo.path, repo.env, ['doctor']);
    expect([ran.code, ran.stdout]).toEqual([
      1,
      expect.stringContaining('wt doctor --fix mends one of these'),
    ]);
    expect((await wt(repo.path, repo.env, ['doctor', '--fix'])).code).toBe(0);
    const outside = await wt(repo.home, repo.env, ['doctor', '--json']);
    expect(outside.code).toBe(0);
    expect((outside.json() as { checks: unknown[] }).checks).toContainEqual(
      expect.objectContaining({ code: 'repository', status: 'unknown' }),
    );
  });
});
