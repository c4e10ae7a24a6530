import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CreateAnswer } from '../../src/domain/answers/create.ts';
import { WorktreeFacts } from '../../src/domain/worktree-facts.ts';
import { type Ran, wt } from '../support/bin.ts';
import { makeRepo, type TestRepo, temporaryFolder } from '../support/repo.ts';

const create = (repo: TestRepo, ...args: string[]) => wt(repo.path, repo.env, ['create', '--json', ...args]);

/** One answer, every key of which is declared. */
const answerOf = (ran: Ran): CreateAnswer => {
  const json = ran.json();
  const answer = CreateAnswer.parse(json);
  expect(answer).toEqual(json);
  return answer;
};

const errorOf = (ran: Ran) =>
  (ran.json() as { error: { code: string; message: string; hint: string | null; details: object } }).error;

const factsOf = (repo: TestRepo, worktree: string) => {
  const gitDir = repo.gitIn(worktree, 'rev-parse', '--absolute-git-dir');
  return WorktreeFacts.parse(JSON.parse(readFileSync(join(gitDir, 'wt.json'), 'utf8')));
};

/** What a failed create must leave as it was: branches, registrations, what is beside the repository, intents. */
const traces = (repo: TestRepo) => ({
  refs: repo.git('for-each-ref'),
  registrations: existsSync(join(repo.path, '.git/worktrees'))
    ? readdirSync(join(repo.path, '.git/worktrees'))
    : [],
  beside: readdirSync(repo.root, { recursive: true })
    .map(String)
    .filter((file) => !/^(jerry|home)(\/|$)/.test(file))
    .sort(),
  intents: existsSync(join(repo.path, '.git/wt/intents'))
    ? readdirSync(join(repo.path, '.git/wt/intents'))
    : [],
});

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
  const withOrigin = () => {
    const repo = makeRepo();
    const origin = join(repo.root, 'home', 'origin.git');
    repo.git('clone', '-q', '--bare', repo.path, origin);
    repo.git('remote', 'add', 'origin', origin);
    const local = repo.git('rev-parse', 'main');
    const ahead = repo.commit('ahead', { 'b.txt': 'b\n' });
    repo.git('push', '-q', 'origin', 'main:release');
    repo.git('push', '-q', '-u', 'origin', 'main');
    repo.git('reset', '-q', '--hard', local);
    return { repo, origin, local, ahead };
  };

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

  it('is fetched first with --fetch, and nothing is made when that fails', async () => {
    const { repo, origin, ahead } = withOrigin();
    const other = join(repo.root, 'home', 'other');
    repo.gitIn(repo.home, 'clone', '-q', origin, other);
    const newest = repo.commit('newest', { 'c.txt': 'c\n' }, other);
    repo.gitIn(other, 'push', '-q', 'origin', 'HEAD:main');
    expect(answerOf(await create(repo, 'x', '--no-provision', '--base', 'origin/main'))).toMatchObject({
      base_sha: ahead,
    });
    expect(
      answerOf(await create(repo, 'y', '--no-provision', '--base', 'origin/main', '--fetch')),
    ).toMatchObject({
      base_sha: newest,
    });
    rmSync(origin, { recursive: true });
    const before = traces(repo);
    const offline = await create(repo, 'z', '--no-provision', '--fetch');
    expect([offline.code, errorOf(offline).code]).toEqual([1, 'git_failed']);
    expect(traces(repo)).toEqual(before);
    const alone = makeRepo();
    expect(errorOf(await create(alone, 'z', '--fetch'))).toMatchObject({ code: 'usage' });
  });

  it('is fetched again when a worktree that is just being added trips git up', async () => {
    const { repo, ahead } = withOrigin();
    const real = execFileSync('sh', ['-c', 'command -v git'], { env: repo.env, encoding: 'utf8' }).trim();
    const once = join(repo.home, 'once');
    const shim = join(repo.home, 'git');
    const fail = `touch '${once}'; echo 'fatal: bad object worktrees/y/HEAD' >&2; exit 1`;
    writeFileSync(
      shim,
      `#!/bin/sh\ncase "$1" in fetch) [ -e '${once}' ] || { ${fail}; };; esac\nexec '${real}' "$@"\n`,
    );
    chmodSync(shim, 0o755);
    const env = { ...repo.env, PATH: `${repo.home}:${repo.env.PATH}` };
    const args = ['create', 'x', '--no-provision', '--base', 'origin/main', '--fetch', '--json'];
    expect(answerOf(await wt(repo.path, env, args))).toMatchObject({ base_sha: ahead, error: null });
    expect(existsSync(once)).toBe(true);
  });

  it('is the configured one, and a --fetch that is only configured may fail', async () => {
    const { repo, origin } = withOrigin();
    repo.write('.wt.yaml', 'base: release\ncreate:\n  fetch: true\n');
    repo.git('branch', 'release');
    rmSync(origin, { recursive: true });
    const answer = answerOf(await create(repo, 'x', '--no-provision'));
    expect(answer).toMatchObject({ base: 'release', base_ref: 'release', error: null });
    expect(answer.warnings).toMatchObject([{ code: 'fetch_failed' }]);
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

  it('is the default branch also from a detached HEAD and from another branch', async () => {
    const repo = makeRepo();
    repo.git('checkout', '-q', '--detach');
    repo.commit('detached');
    expect(answerOf(await create(repo, 'x', '--no-provision'))).toMatchObject({
      base: 'main',
      base_sha: repo.git('rev-parse', 'main'),
    });
    repo.git('checkout', '-q', '-b', 'feature');
    expect(answerOf(await create(repo, 'y', '--no-provision'))).toMatchObject({ base: 'main' });
    expect(answerOf(await create(repo, 'z', '--no-provision', '--base', 'HEAD'))).toMatchObject({
      base: 'feature',
    });
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

  it('gives the base itself no base', async () => {
    const repo = makeRepo();
    repo.git('checkout', '-q', '-b', 'elsewhere');
    expect(answerOf(await create(repo, 'main', '--existing', '--no-provision'))).toMatchObject({
      branch: 'main',
      base: null,
      base_ref: 'main',
    });
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

  it('allows a name in any script', async () => {
    const repo = makeRepo();
    expect(answerOf(await create(repo, 'größe-δ', '--no-provision'))).toMatchObject({
      branch: 'größe-δ',
      worktree_path: join(repo.root, 'jerry-wt/größe-δ'),
    });
    expect(repo.gitIn(join(repo.root, 'jerry-wt/größe-δ'), 'status', '--porcelain')).toBe('');
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

  it('names that differ only in case where the file system does not tell them apart', async () => {
    const repo = makeRepo();
    repo.git('config', 'core.ignorecase', 'true');
    repo.git('branch', 'Fix-Login');
    expect(errorOf(await create(repo, 'fix-login'))).toMatchObject({ code: 'branch_exists' });
  });

  it('a worktree whose folder was deleted by hand, with the command that clears it', async () => {
    const repo = makeRepo();
    const { worktree_path: path } = answerOf(await create(repo, 'x', '--no-provision'));
    rmSync(path ?? '', { recursive: true });
    const ran = await create(repo, 'x', '--no-provision');
    expect(errorOf(ran)).toMatchObject({
      code: 'worktree_exists',
      hint: expect.stringContaining('worktree prune'),
    });
  });

  it('a place that cannot be written, and takes the branch back', async () => {
    const repo = makeRepo();
    const before = traces(repo);
    const ran = await create(repo, 'x', '--path', '/proc/self/x/y');
    expect([ran.code, errorOf(ran).code]).toEqual([1, 'git_failed']);
    expect(traces(repo)).toEqual(before);
  });
});

describe('wt create in unusual places', () => {
  it('uses an empty folder that is there, and leaves it when it fails', async () => {
    const repo = makeRepo();
    mkdirSync(join(repo.root, 'empty'));
    repo.commit('filtered', { '.gitattributes': '*.bin filter=broken\n', 'a.bin': 'a\n' });
    repo.git('config', 'filter.broken.smudge', 'exit 1');
    repo.git('config', 'filter.broken.required', 'true');
    const before = traces(repo);
    const ran = await create(repo, 'x', '--path', '../empty');
    expect([ran.code, errorOf(ran).code]).toEqual([1, 'git_failed']);
    expect(traces(repo)).toEqual(before);
    repo.git('config', '--unset', 'filter.broken.required');
    expect(answerOf(await create(repo, 'x', '--path', '../empty', '--no-provision')).error).toBeNull();
  });

  it('leaves nothing when a file cannot be written', async () => {
    const repo = makeRepo();
    repo.commit('big', { 'a/big.txt': 'x'.repeat(3_000_000), 'b.txt': 'b\n' });
    const before = traces(repo);
    const { stdout } = await new Promise<{ stdout: string }>((resolve) => {
      const limited = `ulimit -f 2000; trap '' XFSZ; exec "$0" "$@"`;
      const ran = wt(repo.path, repo.env, ['create', 'x', '--json'], { through: ['sh', '-c', limited] });
      void ran.then(resolve);
    });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'git_failed' } });
    expect(traces(repo)).toEqual(before);
  });

  it('puts a worktree behind a symbolic link, by its real path', async () => {
    const repo = makeRepo();
    mkdirSync(join(repo.root, 'home/real'));
    symlinkSync('home/real', join(repo.root, 'link'));
    expect(answerOf(await create(repo, 'x', '--path', '../link/deep/x', '--no-provision'))).toMatchObject({
      worktree_path: join(repo.root, 'home/real/deep/x'),
      error: null,
    });
  });

  it('keeps spaces, quotes and newlines of paths', async () => {
    const repo = makeRepo({ name: 'je "r" r\ny' });
    const answer = answerOf(await create(repo, 'x'));
    expect(answer.worktree_path).toBe(join(repo.root, 'je "r" r\ny-wt/x'));
    expect(repo.gitIn(answer.worktree_path ?? '', 'status', '--porcelain')).toBe('');
    expect(errorOf(await create(repo, 'x'))).toMatchObject({ code: 'worktree_exists' });
  });

  it('works on another file system', async () => {
    const repo = makeRepo();
    const other = realpathSync(mkdtempSync('/dev/shm/wt-test-'));
    try {
      const answer = answerOf(await create(repo, 'x', '--path', join(other, 'deep/x')));
      expect(answer).toMatchObject({ worktree_path: join(other, 'deep/x'), error: null });
    } finally {
      rmSync(other, { recursive: true });
    }
  });

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

  it('works in a submodule, a shallow clone and a separate git folder', async () => {
    const repo = makeRepo();
    repo.commit('second');
    const outer = join(repo.root, 'outer');
    repo.gitIn(repo.root, 'init', '-q', '-b', 'main', outer);
    repo.gitIn(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.path, 'sub');
    expect(answerOf(await wt(join(outer, 'sub'), repo.env, ['create', 'x', '--json']))).toMatchObject({
      worktree_path: join(outer, 'sub-wt/x'),
      error: null,
    });
    const shallow = join(repo.root, 'shallow');
    repo.gitIn(repo.root, 'clone', '-q', '--depth', '1', `file://${repo.path}`, shallow);
    expect(answerOf(await wt(shallow, repo.env, ['create', 'x', '--json']))).toMatchObject({
      error: null,
      base: 'main',
    });
    const apart = join(repo.root, 'apart');
    repo.gitIn(repo.root, 'clone', '-q', '--separate-git-dir', join(repo.root, 'git'), repo.path, apart);
    expect(answerOf(await wt(apart, repo.env, ['create', 'x', '--json']))).toMatchObject({ error: null });
  });

  it('inherits a sparse checkout as git does', async () => {
    const repo = makeRepo();
    repo.commit('two folders', { 'a/a.txt': 'a\n', 'b/b.txt': 'b\n' });
    repo.git('sparse-checkout', 'set', 'a');
    const { worktree_path: path = '' } = answerOf(await create(repo, 'x'));
    expect([existsSync(join(path ?? '', 'a/a.txt')), existsSync(join(path ?? '', 'b/b.txt'))]).toEqual([
      true,
      false,
    ]);
    expect(repo.gitIn(path ?? '', 'status', '--porcelain')).toBe('');
  });

  it('ignores GIT_DIR and its kin, as inside a hook', async () => {
    const repo = makeRepo();
    const other = makeRepo();
    const env = {
      ...repo.env,
      GIT_DIR: join(other.path, '.git'),
      GIT_WORK_TREE: other.path,
      GIT_INDEX_FILE: join(other.path, '.git/index'),
      GIT_PREFIX: 'x/',
    };
    expect(answerOf(await wt(repo.path, env, ['create', 'x', '--json']))).toMatchObject({
      worktree_path: join(repo.root, 'jerry-wt/x'),
      error: null,
    });
    expect(other.git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  it('needs no identity', async () => {
    const repo = makeRepo();
    repo.git('config', 'user.useConfigOnly', 'true');
    const { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL, ...env } = repo.env;
    expect(answerOf(await wt(repo.path, env, ['create', 'x', '--json'])).error).toBeNull();
  });

  it('says so when the current directory has been deleted', async () => {
    const repo = makeRepo();
    const gone = temporaryFolder();
    const script = `cd "${gone}" && rmdir "${gone}" && exec "$0" "$@"`;
    const ran = await wt(repo.path, repo.env, ['create', 'x', '--json'], { through: ['sh', '-c', script] });
    expect([ran.code, errorOf(ran).code]).toEqual([5, 'cwd_deleted']);
    expect(existsSync(join(repo.root, 'jerry-wt'))).toBe(false);
  });

  it('works with SHA-256 object ids', async () => {
    const repo = makeRepo();
    const path = join(repo.root, 'sha256');
    execFileSync('git', ['init', '-q', '-b', 'main', '--object-format=sha256', path], { env: repo.env });
    const head = repo.commit('first', { 'a.txt': 'a\n' }, path);
    expect(head).toHaveLength(64);
    expect(answerOf(await wt(path, repo.env, ['create', 'x', '--json']))).toMatchObject({
      base_sha: head,
      error: null,
    });
  });
});
