import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processes } from '../../src/adapters/processes.ts';
import { wt } from '../support/bin.ts';
import { testMarker, until } from '../support/children.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { meddlingGit, startWt, stoppingGit } from '../support/shim.ts';

const makeLarge = () => {
  const repo = makeRepo();
  repo.commit('files', {
    '.gitignore': 'ignored/\n',
    ...Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`d${n % 5}/f${n}.txt`, `file ${n}\n`.repeat(50)]),
    ),
  });
  return repo;
};

/** A marker in the environment of wt, by which everything that it started is found. */
const tagged = (env: NodeJS.ProcessEnv) => {
  const marker = testMarker();
  return { env: { ...env, [marker.name]: marker.value }, left: () => processes.marked(marker), marker };
};

const traces = (repo: TestRepo) => {
  const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  return {
    branches: repo.git('for-each-ref', '--format=%(refname)', 'refs/heads').split('\n'),
    registrations: list(join(repo.path, '.git/worktrees')),
    beside: list(repo.root).filter((name) => name !== 'home' && name !== 'jerry'),
    intents: list(join(repo.path, '.git/wt/intents')).filter((name) => name.endsWith('.json')),
  };
};
const untouched = { branches: ['refs/heads/main'], registrations: [], beside: [], intents: [] };

/** Any writing command begins with the recovery; this one does no more. */
const recover = async (repo: TestRepo, env = repo.env) => {
  const ran = await wt(repo.path, env, ['create', 'main']);
  expect(ran.code).toBe(4);
  return ran.stderr;
};

/** A create that is killed, with all that it started, where git has stopped. */
const killedCreate = async (repo: TestRepo, git: ReturnType<typeof stoppingGit>, name: string) => {
  const orphans = tagged(git.env);
  const running = startWt(repo.path, orphans.env, ['create', name]);
  await until(git.hasStopped);
  running.kill('SIGKILL');
  await running.ended;
  await killAll(orphans);
};

const isWhole = (repo: TestRepo, branch: string) => {
  const path = join(repo.root, 'jerry-wt', branch);
  expect(repo.gitIn(path, 'status', '--porcelain', '--branch')).toBe(`## ${branch}`);
  expect(repo.git('worktree', 'list', '--porcelain')).not.toContain('locked');
  expect(traces(repo)).toMatchObject({ registrations: [branch.split('/').at(-1)], intents: [] });
};

/** What an orphan of a killed wt was, ended as if the machine had killed it too. */
const killAll = (repo: { left: () => ReturnType<typeof processes.marked> }) =>
  repo.left().then((all) => {
    for (const { pid } of all) process.kill(pid, 'SIGKILL');
  });

describe('wt create that is stopped', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('by %s while git writes files leaves nothing', async (signal) => {
    const repo = makeLarge();
    const started = join(repo.home, 'smudging');
    repo.commit('slow', { '.gitattributes': '*.slow filter=slow\n', 'd3/a.slow': 'slow\n' });
    repo.git('config', 'filter.slow.smudge', `touch '${started}'; sleep 60; cat`);
    const { env, left } = tagged(repo.env);
    const running = startWt(repo.path, env, ['create', 'feat/x', '--json']);
    await until(() => existsSync(started));
    running.kill(signal);
    expect(await running.ended).toEqual({ code: signal === 'SIGINT' ? 130 : 143, signal: null });
    expect(JSON.parse(running.stdout())).toMatchObject({ error: { code: 'interrupted' } });
    expect(traces(repo)).toEqual(untouched);
    expect(await left()).toEqual([]);
  });

  it('while it provisions leaves nothing either, and ends what it had started', async () => {
    const repo = makeLarge();
    const started = join(repo.home, 'provisioning');
    mkdirSync(join(repo.home, '.config/wt'), { recursive: true });
    const hook = `mkdir -p ignored/deep && touch ignored/deep/file '${started}' && sleep 60`;
    writeFileSync(join(repo.home, '.config/wt/config.yaml'), `hooks:\n  post_create: "${hook}"\n`);
    const { env, left } = tagged(repo.env);
    const running = startWt(repo.path, env, ['create', 'feat/x']);
    await until(() => existsSync(started));
    running.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130 });
    expect(traces(repo)).toEqual(untouched);
    expect(await left()).toEqual([]);
  });

  it('before its turn says so for each, and keeps what was done', async () => {
    const repo = makeLarge();
    const git = stoppingGit(repo, 'before', '*reset*');
    const { env, left } = tagged(git.env);
    const running = startWt(repo.path, env, ['create', 'a', 'b', 'c', 'd', '--json', '--no-provision']);
    await until(git.hasStopped);
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 143 });
    expect(JSON.parse(running.stdout()).map((each: { error: { code: string } }) => each.error.code)).toEqual(
      Array(4).fill('interrupted'),
    );
    expect(traces(repo)).toEqual(untouched);
    expect(await left()).toEqual([]);
  });

  it('takes back only what it made: somebody else’s file keeps the worktree', async () => {
    const repo = makeLarge();
    const git = stoppingGit(repo, 'after', '*reset*');
    const running = startWt(repo.path, tagged(git.env).env, ['create', 'x']);
    await until(git.hasStopped);
    const mine = join(repo.root, 'jerry-wt/x/mine.txt');
    writeFileSync(mine, 'mine\n');
    running.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130 });
    expect(running.stderr()).toMatch(/x stays: it holds what this command did not put there \(mine.txt\)/);
    expect(readFileSync(mine, 'utf8')).toBe('mine\n');
    expect(repo.gitIn(join(repo.root, 'jerry-wt/x'), 'status', '--porcelain')).toBe('?? mine.txt');
    expect(traces(repo).intents).toEqual([]);
  });
});

describe('wt create that is killed', () => {
  it.each([
    ['before', '*worktree*add*', 'gone'],
    ['after', '*worktree*add*', 'gone'],
    ['before', '*reset*--hard*', 'gone'],
    ['after', '*update-index*', 'whole'],
  ] as const)('%s git %s: the next command finds it %s', async (when, pattern, outcome) => {
    const repo = makeRepo();
    repo.commit('files', Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`f${n}`, `${n}\n`])));
    const git = stoppingGit(repo, when, pattern);
    const { env, left } = tagged(git.env);
    const running = startWt(repo.path, env, ['create', 'feat/x', '--no-provision']);
    await until(git.hasStopped);
    running.kill('SIGKILL');
    await running.ended;
    expect(traces(repo).intents).toHaveLength(1);

    const told = await recover(repo);
    if (outcome === 'whole') {
      isWhole(repo, 'feat/x');
      expect(told).toContain('wt provision feat/x runs what is missing');
    } else {
      expect(traces(repo)).toEqual(untouched);
      expect(told).toMatch(/took back .*jerry-wt\/feat\/x/);
      expect(await left()).toEqual([]);
    }
  });

  it('together with its git, in the middle of a file, is taken back with the half file', async () => {
    const repo = makeLarge();
    const git = stoppingGit(repo, 'after', '*reset*--hard*');
    await killedCreate(repo, git, 'feat/x');
    const path = join(repo.root, 'jerry-wt/feat/x');
    writeFileSync(join(path, 'd0/f0.txt'), 'file 0\nfil');
    writeFileSync(join(path, 'd1/f1.txt'), '');
    writeFileSync(join(repo.path, '.git/worktrees/x/index.lock'), '');
    await recover(repo);
    expect(traces(repo)).toEqual(untouched);
  });

  it.each([
    ['a file that git ignores', 'ignored/.env', 'SECRET=1\n'],
    ['an edited file', 'd0/f0.txt', 'file 0, mine\n'],
  ])('long ago, stays when somebody worked there since: %s', async (_, file, text) => {
    const repo = makeLarge();
    const git = stoppingGit(repo, 'after', '*reset*--hard*');
    await killedCreate(repo, git, 'feat/x');
    const mine = join(repo.root, 'jerry-wt/feat/x', file);
    mkdirSync(join(mine, '..'), { recursive: true });
    writeFileSync(mine, text);
    expect(await recover(repo)).toContain(`stays: it holds other work (${file})`);
    expect(readFileSync(mine, 'utf8')).toBe(text);
    expect(traces(repo)).toMatchObject({ registrations: ['x'], intents: [] });
    expect(repo.git('worktree', 'list', '--porcelain')).not.toContain('locked');
  });

  it('stays with what somebody begins there while it is being taken back', async () => {
    const repo = makeLarge();
    const git = stoppingGit(repo, 'after', '*reset*--hard*');
    await killedCreate(repo, git, 'feat/x');
    const path = join(repo.root, 'jerry-wt/feat/x');
    const begin = `cd '${path}'; echo mine >> d0/f0.txt; echo new > new.txt`;
    const told = await recover(repo, meddlingGit(repo, '*diff-files*', begin));
    expect(told).toContain('stays: it holds other work (d0/f0.txt, new.txt)');
    expect(readFileSync(join(path, 'd0/f0.txt'), 'utf8')).toMatch(/mine\n$/);
    expect(readFileSync(join(path, 'new.txt'), 'utf8')).toBe('new\n');
    expect(repo.gitIn(path, 'status', '--porcelain')).toContain('?? new.txt');
    expect(traces(repo)).toMatchObject({ registrations: ['x'], intents: [] });
  });

  it('long ago, stays when somebody committed there since', async () => {
    const repo = makeLarge();
    const git = stoppingGit(repo, 'after', '*reset*--hard*');
    await killedCreate(repo, git, 'feat/x');
    const tip = repo.commit('work', { 'a.txt': 'a\n' }, join(repo.root, 'jerry-wt/feat/x'));
    expect(await recover(repo)).toContain('commits on feat/x');
    expect(repo.git('rev-parse', 'feat/x')).toBe(tip);
  });

  it('never touches a folder that is another one by now', async () => {
    const repo = makeLarge();
    const git = stoppingGit(repo, 'after', '*worktree*add*');
    await killedCreate(repo, git, 'x');
    const path = join(repo.root, 'jerry-wt/x');
    writeFileSync(join(path, '.git'), `gitdir: ${join(repo.root, 'elsewhere')}\n`);
    writeFileSync(join(path, 'theirs.txt'), 'theirs\n');
    await recover(repo);
    expect(readFileSync(join(path, 'theirs.txt'), 'utf8')).toBe('theirs\n');
    expect(traces(repo)).toMatchObject({ registrations: [], branches: ['refs/heads/main'], intents: [] });
  });

  it('is taken back by a create of the same name, which then succeeds', async () => {
    const repo = makeLarge();
    const git = stoppingGit(repo, 'after', '*reset*--hard*');
    const running = startWt(repo.path, tagged(git.env).env, ['create', 'feat/x']);
    await until(git.hasStopped);
    running.kill('SIGKILL');
    await running.ended;
    const again = await wt(repo.path, repo.env, ['create', 'feat/x', '--no-provision']);
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/^took back /)]);
    isWhole(repo, 'feat/x');
  });

  it('in another container is left alone and reported', async () => {
    const repo = makeLarge();
    const git = stoppingGit(repo, 'after', '*reset*--hard*');
    await killedCreate(repo, git, 'x');
    const folder = join(repo.path, '.git/wt/intents');
    const file = join(folder, readdirSync(folder)[0] ?? '');
    const intent = JSON.parse(readFileSync(file, 'utf8'));
    intent.owner.pid_namespace = 'pid:[1]';
    writeFileSync(file, JSON.stringify(intent));
    expect(await recover(repo)).toContain('it is left alone');
    expect(traces(repo)).toMatchObject({ registrations: ['x'], intents: [expect.anything()] });
  });

  it('at any instant leaves a whole worktree or none', async () => {
    const repo = makeLarge();
    const rounds = process.env.WT_TEST_FULL === '1' ? 60 : 4;
    const outcomes: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const orphans = tagged(repo.env);
      const running = startWt(repo.path, orphans.env, ['create', 'feat/x']);
      const wait = 100 + Math.random() * 400;
      await new Promise((resolve) => setTimeout(resolve, wait));
      running.kill('SIGKILL');
      await running.ended;
      if (round % 2 === 0) await killAll(orphans);
      await recover(repo);
      const { registrations, ...rest } = traces(repo);
      outcomes.push(registrations.length === 0 ? 'gone' : 'whole');
      if (registrations.length === 0) expect({ ...rest, registrations }).toEqual(untouched);
      else {
        isWhole(repo, 'feat/x');
        repo.git('worktree', 'remove', '--force', join(repo.root, 'jerry-wt/feat/x'));
        repo.git('branch', '-q', '-D', 'feat/x');
        rmSync(join(repo.root, 'jerry-wt'), { recursive: true });
      }
    }
    expect(outcomes).toHaveLength(rounds);
  });
});
