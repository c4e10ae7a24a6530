import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CreateAnswer } from '../../src/domain/answers/create.ts';
import { wt } from '../support/bin.ts';
import { answerOf, create, errorOf, factsOf, traces, withOrigin } from '../support/creations.ts';
import { makeRepo } from '../support/repo.ts';

describe('wt create', () => {
  it('makes branch, worktree and binding of a project, clean and unlocked', async () => {
    const repo = makeRepo();
    repo.commit('more', { 'projects/PROJ-006-multi-instance/PLAN.md': '# plan\n', 'src/a.ts': 'a\n' });
    const head = repo.git('rev-parse', 'main');
    const path = join(repo.root, 'jerry-wt/feat/proj-006-multi-instance');

    const ran = await create(repo, 'PROJ-006-multi-instance', '--address', 'p/one/agent-a');
    expect(ran.code).toBe(0);
    expect(answerOf(ran)).toMatchObject({
      worktree_path: path,
      branch: 'feat/proj-006-multi-instance',
      base: 'main',
      base_ref: 'main',
      base_sha: head,
      project_id: 'PROJ-006-multi-instance',
      provisioned: true,
      orchestration: { file: null, address: 'p/one/agent-a', status: null },
      warnings: [{ code: 'orchestration_missing' }],
      error: null,
    });
    expect(repo.gitIn(path, 'status', '--porcelain', '--branch')).toBe('## feat/proj-006-multi-instance');
    expect(repo.gitIn(path, 'rev-parse', 'HEAD')).toBe(head);
    expect(readFileSync(join(path, 'src/a.ts'), 'utf8')).toBe('a\n');
    expect(repo.git('worktree', 'list', '--porcelain')).not.toContain('locked');
    expect(repo.git('config', '--local', '--list')).not.toContain('branch.');
    expect(factsOf(repo, path)).toMatchObject({
      project_id: 'PROJ-006-multi-instance',
      variable: 'JERRY_PROJECT',
      base: 'main',
      base_sha: head,
      branch: 'feat/proj-006-multi-instance',
      branch_created: true,
      share_venv: false,
      address: 'p/one/agent-a',
    });
    expect(traces(repo).intents).toEqual([]);
  });

  it('makes a worktree on a branch of any valid name, also with --branch and --path', async () => {
    const repo = makeRepo();
    const plain = answerOf(await create(repo, 'fix-login', '--no-provision'));
    expect(plain).toMatchObject({
      worktree_path: join(repo.root, 'jerry-wt/fix-login'),
      branch: 'fix-login',
      project_id: null,
      provisioned: false,
      provisioning_time_ms: null,
      steps: [],
    });
    mkdirSync(join(repo.path, 'sub'));
    const placed = await wt(join(repo.path, 'sub'), repo.env, [
      'new',
      'PROJ-007-x',
      '--json',
      '-b',
      'topic/seven',
      '--path',
      '../../a b "c"\'d',
    ]);
    expect(answerOf(placed)).toMatchObject({
      worktree_path: join(repo.root, 'a b "c"\'d'),
      branch: 'topic/seven',
      project_id: 'PROJ-007-x',
    });
    expect(answerOf(placed).warnings).toMatchObject([{ code: 'project_missing' }]);
  });

  it('tells people what it made, and what to type next', async () => {
    const repo = makeRepo();
    const ran = await wt(repo.path, repo.env, ['create', 'fix-login']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(`path   ${join(repo.root, 'jerry-wt/fix-login')}`);
    expect(ran.stdout).toContain('fix-login from main');
    expect(ran.stdout).toContain('wt dispatch fix-login');
  });

  it('starts few git processes', async () => {
    const repo = makeRepo();
    await create(repo, 'first'); // git's version is asked once per installation
    const ran = await wt(repo.path, repo.env, ['create', 'fix-login', '-v', '--no-provision']);
    const commands = ran.stderr.split('\n').filter((line) => /\$ git /.test(line));
    expect(commands.map((line) => line.replace(/^.*\$ git (?:-c \S+ )*/, '').split(' ')[0])).toEqual([
      'rev-parse',
      'worktree',
      'for-each-ref',
      'worktree',
      'reset',
    ]);
  });

  it('makes several at once, each with its own outcome', async () => {
    const repo = makeRepo();
    repo.git('branch', 'taken');
    const ran = await create(repo, 'one', 'taken', 'PROJ-001-two', '--no-provision');
    const answers = CreateAnswer.array().parse(ran.json());
    expect(answers.map(({ branch, error }) => [branch, error?.code ?? null])).toEqual([
      ['one', null],
      ['taken', 'branch_exists'],
      ['feat/proj-001-two', null],
    ]);
    expect(ran.code).toBe(4);
    expect(repo.git('worktree', 'list').split('\n')).toHaveLength(3);
    const lines = await wt(repo.path, repo.env, ['create', 'three', '--ndjson', '--no-provision']);
    expect(
      lines.stdout
        .trim()
        .split('\n')
        .map((line) => CreateAnswer.parse(JSON.parse(line)).branch),
    ).toEqual(['three']);
  });

  it('settles the index of a large tree: no entry is as young as the index', async () => {
    const repo = makeRepo();
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`d/f${n}`, `${n}\n`]));
    repo.commit('many', files);
    const { worktree_path: path } = answerOf(await create(repo, 'large'));
    const gitDir = repo.gitIn(path ?? '', 'rev-parse', '--absolute-git-dir');
    const written = Math.floor(statSync(join(gitDir, 'index')).mtimeMs / 1000);
    const entries = [...repo.gitIn(path ?? '', 'ls-files', '--debug').matchAll(/mtime: (\d+):/g)];
    expect(entries).toHaveLength(301);
    expect(Math.max(...entries.map(([, seconds]) => Number(seconds)))).toBeLessThan(written);
  });

  it('runs the post-checkout hook as git does, and its failure is a warning', async () => {
    const repo = makeRepo();
    const hook = join(repo.path, '.git/hooks/post-checkout');
    writeFileSync(hook, '#!/bin/sh\necho "$@ $(pwd) $GIT_DIR" > "$HOME/hook"\necho no lfs >&2\nexit 3\n');
    chmodSync(hook, 0o755);
    const answer = answerOf(await create(repo, 'fix-login'));
    expect(answer.warnings).toMatchObject([
      { code: 'hook_failed', message: expect.stringContaining('no lfs') },
    ]);
    const [none, sha, flag, where] = readFileSync(join(repo.home, 'hook'), 'utf8').trim().split(' ');
    expect([none, sha, flag, where]).toEqual([
      '0'.repeat(40),
      repo.git('rev-parse', 'main'),
      '1',
      answer.worktree_path,
    ]);
  });

  it('finds a hook below a relative core.hooksPath', async () => {
    const repo = makeRepo();
    repo.git('config', 'core.hooksPath', '.hooks');
    mkdirSync(join(repo.path, '.hooks'));
    writeFileSync(join(repo.path, '.hooks/post-checkout'), '#!/bin/sh\npwd > "$HOME/hook"\n');
    chmodSync(join(repo.path, '.hooks/post-checkout'), 0o755);
    repo.commit('hooks');
    rmSync(join(repo.home, 'hook'), { force: true });
    const { worktree_path: path } = answerOf(await create(repo, 'fix-login'));
    expect(readFileSync(join(repo.home, 'hook'), 'utf8').trim()).toBe(path);
  });
});

describe('the base of wt create', () => {
  /** A repository whose `origin` is a bare clone of it, one commit ahead of main. */
  it('is for --base a branch, a remote one, a tag or an id', async () => {
    const { repo, local, ahead } = withOrigin();
    repo.git('tag', 'v1', 'main');
    const cases: [string, string | null, string][] = [
      ['origin/main', 'main', ahead],
      ['origin/release', 'release', ahead],
      ['v1', null, local],
      ['HEAD', 'main', local],
      ['main~0', null, local],
    ];
    for (const [index, [given, base, sha]] of cases.entries()) {
      const answer = answerOf(await create(repo, `x${index}`, '--no-provision', '--base', given));
      const facts = { base, base_ref: given, base_sha: sha };
      expect(answer).toMatchObject({ ...facts, error: null });
      expect(factsOf(repo, answer.worktree_path ?? '')).toMatchObject(facts);
    }
    expect(repo.git('config', '--local', '--list')).not.toContain('branch.x');
  });

  it('warns when it lags behind its upstream', async () => {
    const { repo } = withOrigin();
    expect(answerOf(await create(repo, 'x', '--no-provision')).warnings).toMatchObject([
      {
        code: 'base_behind_upstream',
        message: expect.stringContaining("'main' is 1 commit behind origin/main"),
      },
    ]);
  });

  it('that does not exist is not found, and leaves nothing', async () => {
    const repo = makeRepo();
    const before = traces(repo);
    const ran = await create(repo, 'x', '--base', 'nope');
    expect([ran.code, errorOf(ran).code]).toEqual([5, 'base_not_found']);
    expect(traces(repo)).toEqual(before);
  });

  it('needs a first commit', async () => {
    const repo = makeRepo({ empty: true });
    const ran = await create(repo, 'x');
    expect([ran.code, errorOf(ran).code]).toEqual([5, 'base_not_found']);
    expect(errorOf(ran).message).toContain('no commits yet');
  });
});

describe('wt create --existing', () => {
  it('checks out a local branch, which stays its owner’s', async () => {
    const repo = makeRepo();
    const fork = repo.git('rev-parse', 'main');
    repo.git('checkout', '-q', '-b', 'topic');
    const tip = repo.commit('work', { 't.txt': 't\n' });
    repo.git('checkout', '-q', 'main');
    repo.commit('later', { 'm.txt': 'm\n' });
    const answer = answerOf(await create(repo, 'topic', '--existing', '--no-provision'));
    expect(answer).toMatchObject({ branch: 'topic', base: 'main', base_sha: fork });
    expect(repo.gitIn(answer.worktree_path ?? '', 'rev-parse', 'HEAD')).toBe(tip);
    expect(factsOf(repo, answer.worktree_path ?? '').branch_created).toBe(false);
  });

  it('makes it from the only remote branch of that name, without tracking it', async () => {
    const repo = makeRepo();
    repo.git('update-ref', 'refs/remotes/origin/topic', repo.commit('work'));
    const answer = answerOf(await create(repo, 'topic', '--existing', '--no-provision'));
    expect(repo.gitIn(answer.worktree_path ?? '', 'status', '--porcelain', '--branch')).toBe('## topic');
    expect(factsOf(repo, answer.worktree_path ?? '').branch_created).toBe(false);
  });

  it('finds no branch of that name', async () => {
    const repo = makeRepo();
    const ran = await create(repo, 'topic', '--existing');
    expect([ran.code, errorOf(ran).code]).toEqual([5, 'base_not_found']);
  });
});

describe('what wt create refuses', () => {
  it('names that are no branch and no project id', async () => {
    const repo = makeRepo();
    const before = traces(repo);
    const cases: [string, string][] = [
      ['', 'invalid_branch'],
      ['PROJ-6-x', 'invalid_project_id'],
      ['../x', 'invalid_branch'],
      ['-rf', 'usage'],
      ['x'.repeat(300), 'invalid_branch'],
    ];
    const outcomes = await Promise.all(cases.map(([name]) => create(repo, name)));
    expect(outcomes.map((ran) => [ran.code, errorOf(ran).code])).toEqual(cases.map(([, code]) => [2, code]));
    expect(traces(repo)).toEqual(before);
  });

  it('arguments that do not fit together, before anything is made', async () => {
    const repo = makeRepo();
    const before = traces(repo);
    const cases: [string[], string][] = [
      [['a', 'a'], 'the same branch'],
      [['a', 'b', '--path', 'c'], '--path is for one worktree'],
      [['a', 'b', '--branch', 'c'], '--branch is for one worktree'],
      [['a', '--path', '.git/x'], 'inside the git folder'],
      [['a', '--path', `d/${'x'.repeat(300)}`], 'too long'],
      [['a', 'PROJ-1-x'], 'invalid project id'],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => create(repo, ...args)));
    for (const [index, ran] of outcomes.entries()) {
      expect(ran.code).toBe(2);
      expect(errorOf(ran).message).toContain(cases[index]?.[1]);
    }
    expect(traces(repo)).toEqual(before);
  });

  it('a name, branch or path that is taken', async () => {
    const repo = makeRepo();
    await create(repo, 'PROJ-001-x', '--no-provision');
    repo.git('branch', 'feat/taken');
    for (const name of ['a-file', 'full/x']) repo.write(`../${name}`, 'mine\n');
    symlinkSync('nowhere', join(repo.root, 'a-link'));
    const before = traces(repo);
    const cases: [string[], string][] = [
      [['PROJ-001-x'], 'worktree_exists'],
      [['PROJ-001-x', '--branch', 'another'], 'worktree_exists'],
      [['feat/taken'], 'branch_exists'],
      [['feat'], 'branch_exists'],
      [['main'], 'branch_checked_out'],
      [['x', '--path', '../a-file'], 'path_exists'],
      [['x', '--path', '../a-file/below/it'], 'path_exists'],
      [['x', '--path', '../full'], 'path_exists'],
      [['x', '--path', '../a-link'], 'path_exists'],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => create(repo, ...args, '--no-provision')));
    expect(outcomes.map((ran, index) => [cases[index]?.[0], ran.code, errorOf(ran).code])).toEqual(
      cases.map(([args, code]) => [args, 4, code]),
    );
    expect(traces(repo)).toEqual(before);
  });
});

describe('wt create in unusual places', () => {
  it('has a bare hub: the worktrees are beside it', async () => {
    const repo = makeRepo();
    const hub = join(repo.root, 'prover.git');
    repo.git('clone', '-q', '--bare', repo.path, hub);
    const ran = await wt(hub, repo.env, ['create', 'x', '--json']);
    expect(answerOf(ran)).toMatchObject({
      worktree_path: join(repo.root, 'prover-wt/x'),
      base: 'main',
      error: null,
    });
    const inside = await wt(join(repo.root, 'prover-wt/x'), repo.env, ['create', 'y', '--json']);
    expect(answerOf(inside)).toMatchObject({ worktree_path: join(repo.root, 'prover-wt/y'), error: null });
  });
});
