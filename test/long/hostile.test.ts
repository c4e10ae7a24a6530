import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Ran, wt, wtBin } from '../support/bin.ts';
import { dispatchScene, expectNothingLeft } from '../support/dispatches.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

/** A worktree made with plain git, with a commit of its own. */
function branch(repo: TestRepo, name: string, files: Record<string, string> = { [`${name}.txt`]: 'x\n' }) {
  const path = join(repo.root, 'jerry-wt', name);
  repo.git('worktree', 'add', '-q', '--no-track', '-b', name, path, 'main');
  repo.commit(name, files, path);
  return path;
}

const errorOf = (ran: Ran) => (ran.json() as { error: { code: string; hint: string | null } }).error;

/** Settings that people do have, each of which changes what some git command prints, writes or refuses. */
const settings = `
[safe]
	bareRepository = explicit
[alias]
	status = log
	worktree = status
	diff = log
[core]
	pager = echo paged; cat
	quotePath = true
	abbrev = 4
	splitIndex = true
	untrackedCache = true
	attributesFile = /nonexistent/attributes
[color]
	ui = always
	status = always
	branch = always
[column]
	ui = always
[status]
	showUntrackedFiles = no
	short = true
	branch = true
	relativePaths = false
	aheadBehind = false
	renames = copies
[diff]
	external = /bin/false
	noprefix = true
	mnemonicPrefix = true
	renames = copies
	relative = true
	ignoreSubmodules = all
	orderFile = /dev/null
[merge]
	ff = only
	renames = false
	log = 20
[log]
	showSignature = true
	follow = true
	date = relative
	decorate = full
[format]
	pretty = fuller
[rebase]
	autoStash = true
[worktree]
	guessRemote = true
[branch]
	autoSetupMerge = always
	autoSetupRebase = always
	sort = -committerdate
[checkout]
	guess = false
[push]
	default = nothing
[commit]
	gpgSign = true
	verbose = true
[gpg]
	program = /bin/false
[submodule]
	recurse = true
[init]
	defaultBranch = trunk
	defaultObjectFormat = sha1
[feature]
	manyFiles = true
[index]
	version = 4
[gc]
	auto = 1
[advice]
	detachedHead = false
`;

describe("the user's git settings", () => {
  const scene = () => {
    const repo = makeRepo();
    const path = branch(repo, 'work', { 'é b.txt': 'x\n', 'src/deep.txt': 'y\n' });
    repo.gitIn(path, 'mv', 'src/deep.txt', 'moved.txt');
    writeFileSync(join(path, 'new "file".txt'), 'new\n');
    branch(repo, 'clash', { 'é b.txt': 'z\n' });
    const file = join(repo.home, 'gitconfig');
    writeFileSync(file, settings);
    return {
      repo,
      path,
      hostile: { ...repo.env, GIT_CONFIG_GLOBAL: file, LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' },
    };
  };

  it('change no answer', async () => {
    const { repo, hostile } = scene();
    for (const args of [
      ['status'],
      ['diff', 'work'],
      ['merge', 'work', 'clash', '-n'],
      ['cleanup', 'work', '-n'],
    ]) {
      const [plain, other] = await Promise.all(
        [repo.env, hostile].map((env) => wt(repo.path, env, [...args, '--json'])),
      );
      expect(other?.json()).toEqual(plain?.json());
      expect([other?.code, other?.stdout]).toEqual([plain?.code, plain?.stdout]);
    }
  });

  it('do not keep a worktree from being made, landed, removed and brought back', async () => {
    const { repo, hostile } = scene();
    const run = async (...args: string[]) => {
      const ran = await wt(repo.path, hostile, args);
      expect([args[0], ran.code, ran.stderr]).toEqual([args[0], 0, '']);
    };
    await run('create', 'fresh');
    await run('merge', 'clash');
    await run('cleanup', 'clash');
    await run('undo');
    expect(repo.git('rev-parse', 'clash')).toBe(repo.git('rev-parse', 'main'));
    expect(repo.git('status', '--porcelain')).toBe('');
    expect(repo.git('config', '--local', '--list')).not.toContain('branch.');
  });

  it('that refuse a bare repository are named, and honoured', async () => {
    const { repo, hostile } = scene();
    const hub = join(repo.root, 'hub.git');
    repo.git('clone', '-q', '--bare', '.', hub);
    const refused = await wt(hub, hostile, ['list', '--json']);
    expect([refused.code, errorOf(refused).code]).toEqual([5, 'not_a_repository']);
    expect(errorOf(refused).hint).toContain('safe.bareRepository all');
  });
});

describe('inside a git hook', () => {
  it('every command works on the repository of its directory', async () => {
    const repo = makeRepo();
    const path = branch(repo, 'work');
    const script = [
      'list',
      'diff work',
      'create made',
      'merge work',
      'cleanup work',
      'undo',
      'exec work -- git rev-parse HEAD',
    ].map((line) => `'${process.execPath}' '${wtBin}' ${line} --json >>"$OUT" 2>&1; echo "=$?" >>"$OUT"`);
    const hook = join(repo.path, '.git/hooks/post-commit');
    mkdirSync(join(repo.path, '.git/hooks'), { recursive: true });
    writeFileSync(hook, `#!/bin/sh\nexport GIT_INDEX_FILE GIT_WORK_TREE="$PWD"\n${script.join('\n')}\n`);
    chmodSync(hook, 0o755);
    const out = join(repo.root, 'out');
    execFileSync('git', ['commit', '-q', '--allow-empty', '-m', 'second'], {
      cwd: repo.path,
      env: { ...repo.env, OUT: out },
    });
    const told = readFileSync(out, 'utf8');
    expect([told.match(/^=\d+$/gm), told]).toEqual([Array(7).fill('=0'), told]);
    expect(repo.git('log', '-1', '--format=%s', 'main')).toMatch(/^Merge/);
    expect(repo.git('status', '--porcelain')).toBe('');
    expect(readdirSync(join(repo.root, 'jerry-wt')).sort()).toEqual(['made', 'work']);
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
  });
});

describe("somebody else's repository", () => {
  const { uid } = process.getuid?.() === 0 ? { uid: 54_321 } : { uid: undefined };
  const giveAway = (path: string, owner: number): void => {
    chownSync(path, owner, -1);
    if (lstatSync(path).isDirectory())
      for (const name of readdirSync(path)) giveAway(join(path, name), owner);
  };

  it.runIf(uid !== undefined)('is not touched, and git’s own way out is the hint', async () => {
    const repo = makeRepo();
    const path = branch(repo, 'work');
    mkdirSync(join(repo.path, 'below'));
    const env = { ...repo.env, SUDO_UID: undefined };
    giveAway(path, uid ?? 0);
    const dirty = await wt(repo.path, env, ['diff', 'work', '--json']);
    expect([dirty.code, errorOf(dirty).hint]).toEqual([
      1,
      `git config --global --add safe.directory ${path}`,
    ]);
    giveAway(repo.path, uid ?? 0);
    for (const args of [
      ['list'],
      ['create', 'x'],
      ['merge', 'work'],
      ['path', 'work'],
      ['undo'],
      ['config'],
    ]) {
      const ran = await wt(join(repo.path, 'below'), env, [...args, '--json']);
      expect([ran.code, errorOf(ran)]).toMatchObject([
        5,
        {
          code: 'not_a_repository',
          hint: `git config --global --add safe.directory ${repo.path}, if you trust it`,
        },
      ]);
    }
  });
});

describe('a worktree whose folder is gone', () => {
  it('is named by every command that needs it, and cleanup forgets it', async () => {
    const { repo, env } = dispatchScene([]);
    const path = branch(repo, "it's-gone");
    rmSync(path, { recursive: true });
    for (const [args, code, error] of [
      [['exec', "it's-gone", '--', 'true'], 5, 'file_not_found'],
      [['diff', "it's-gone"], 5, 'file_not_found'],
      [['dispatch', "it's-gone", '-p', 'x'], 4, 'not_this_worktree'],
      [['provision', "it's-gone"], 4, 'not_this_worktree'],
    ] as const) {
      const [command, ...rest] = args;
      const ran = await wt(repo.path, env, [command, '--json', ...rest]);
      expect([command, ran.code, errorOf(ran)]).toMatchObject([
        command,
        code,
        { code: error, hint: expect.any(String) },
      ]);
    }
    const opened = await wt(repo.path, env, ['open', "it's-gone", '--shell']);
    expect([opened.code, opened.stderr]).toEqual([
      5,
      `error: there is no folder ${path}\nhint: wt cleanup 'it'\\''s-gone' forgets the worktree; wt doctor --fix finds one that was moved\n`,
    ]);
    const all = await wt(repo.path, env, ['exec', '-a', '--json', '--', 'true']);
    expect([all.code, all.json()]).toMatchObject([5, [{ error: { code: 'file_not_found' } }]]);
    expect(await wt(repo.path, env, ['cleanup', "it's-gone", '--force'])).toMatchObject({ code: 0 });
    expect(repo.git('worktree', 'list', '--porcelain').match(/^worktree /gm)).toHaveLength(1);
  });
});

describe('state that this wt cannot read', () => {
  it.each([
    ['torn', '{"version": 1, "proj', 1, 'command_failed'],
    ['of a newer wt', '{"version": 99}', 7, 'state_too_new'],
  ])('because it is %s: nothing is rewritten, what can be told is told', async (_, text, code, error) => {
    const scene = dispatchScene(['feat/a', 'feat/b']);
    const { repo } = scene;
    await scene.dispatch('feat/a', ['@write a.txt one', '@commit one']);
    await expectNothingLeft(scene); // a supervisor that still tells of the end replaces a torn record
    const state = join(repo.path, '.git/wt');
    const [run = ''] = readdirSync(join(state, 'runs'));
    const files = [
      join(repo.path, '.git/worktrees/b/wt.json'),
      join(state, 'runs', run, 'run.json'),
      join(state, 'intents/0.json'),
    ];
    mkdirSync(join(state, 'intents'), { recursive: true });
    for (const file of files) writeFileSync(file, text);
    for (const args of [['status'], ['list']]) {
      const ran = await scene.wt([...args, '--json']);
      expect(ran.code).toBe(0);
      expect(ran.json()).toMatchObject([
        { is_main: true },
        { branch: 'feat/a', ahead: 1, state: null, dispatch_status: null },
        { branch: 'feat/b', state: null },
      ]);
      for (const row of ran.json() as { warnings: { code: string }[] }[])
        expect(row.warnings.map((warning) => warning.code)).toContain('run_unreadable');
    }
    expect((await scene.wt(['path', 'feat/b'])).stdout).toBe(`${scene.at('feat/b')}\n`);
    expect(await scene.wt(['merge', 'feat/a', '-n'])).toMatchObject({ code: 0 });
    const refusals = [
      ['create', 'feat/c'],
      ['merge', 'feat/a'],
      ['cleanup', 'feat/a'],
      ['dispatch', 'feat/a', '-p', 'x'],
      ['undo'],
      ['env', 'feat/b'],
      ['logs', 'feat/a'],
      ['wait', 'feat/a'],
      ['cancel', 'feat/a'],
      ['diff', 'feat/a', '--since', run],
    ];
    const told = await Promise.all(
      refusals.map(async (args) => {
        const ran = await scene.wt(args[0] === 'logs' ? args : [...args, '--json']);
        if (args[0] === 'logs') expect(ran.stderr).toContain('hint:');
        else
          expect([args[0], errorOf(ran)]).toMatchObject([args[0], { code: error, hint: expect.any(String) }]);
        return [args[0], ran.code];
      }),
    );
    expect(told).toEqual(refusals.map(([command]) => [command, code]));
    for (const args of [['runs'], ['cancel', '-a']]) {
      const ran = await scene.wt([...args, '--json']);
      expect([ran.code, ran.json()]).toMatchObject([
        code,
        [{ dispatch_id: run, status: null, error: { code: error } }],
      ]);
    }
    for (const file of files) expect(readFileSync(file, 'utf8')).toBe(text);
    expect(repo.git('branch', '--list', 'feat/c')).toBe('');
  });

  it('or write: what needs it fails with a hint and leaves nothing', async () => {
    const repo = makeRepo();
    branch(repo, 'work');
    writeFileSync(join(repo.path, '.git/wt'), '');
    for (const args of [['create', 'x'], ['merge', 'work'], ['cleanup', 'work', '--force'], ['undo']]) {
      const ran = await wt(repo.path, repo.env, [...args, '--json']);
      expect([args[0], ran.code, errorOf(ran)]).toMatchObject([
        args[0],
        1,
        { code: 'command_failed', hint: expect.any(String) },
      ]);
    }
    for (const args of [['list'], ['status'], ['diff', 'work'], ['merge', 'work', '-n'], ['runs']])
      expect([args[0], (await wt(repo.path, repo.env, args)).code]).toEqual([args[0], 0]);
    expect(repo.git('branch', '--format=%(refname:short)').split('\n')).toEqual(['main', 'work']);
    expect(readdirSync(join(repo.root, 'jerry-wt'))).toEqual(['work']);
  });
});

describe('streams', () => {
  const shell = (script: string) => ['sh', '-c', script, 'sh'];

  it('that are closed keep no command from its work', async () => {
    const scene = dispatchScene(['feat/a']);
    const { repo, env } = scene;
    const closed = (args: string[], streams = '<&- >&-') =>
      wt(repo.path, env, args, { through: shell(`exec "$@" ${streams}`) });
    expect(await closed(['create', 'x'])).toMatchObject({ code: 0, stdout: '' });
    expect(await closed(['dispatch', 'feat/a', '-p', '@write a.txt one\n@commit one'])).toMatchObject({
      code: 0,
    });
    expect(await closed(['merge', 'feat/a', '-q'])).toMatchObject({ code: 0, stderr: '' });
    expect(repo.git('log', '-1', '--format=%s', 'main')).toBe('one');
    expect(await closed(['cleanup', 'x', '-q'], '<&- >&- 2>&-')).toMatchObject({ code: 0 });
    expect(existsSync(join(repo.root, 'jerry-wt', 'x'))).toBe(false);
    expect(await closed(['dispatch', 'feat/a'], '<&-')).toMatchObject({ code: 2 });
    expect(await closed(['exec', 'feat/a', '--', 'cat'], '<&-')).toMatchObject({ stdout: '' });
  });

  it('whose reader goes away end the output, without a word and not the work', async () => {
    const scene = dispatchScene(['feat/a']);
    const { repo, env } = scene;
    const headed = (args: string[]) =>
      wt(repo.path, env, args, { through: shell('{ "$@"; echo "=$?" >&2; } | head -1') });
    const prompt = [
      ...Array.from({ length: 300 }, (_, at) => `@say line ${at}`),
      '@write a.txt one',
      '@commit one',
    ];
    const run = ['dispatch', 'feat/a', '-q', '--output-format', 'stream-json', '-p', prompt.join('\n')];
    expect((await headed(run)).stderr).toBe('=0\n');
    expect(scene.records()[0]?.dispatch).toMatchObject({ status: 'complete', commits: 1 });
    for (const args of [
      ['logs', 'feat/a', '--raw'],
      ['logs', 'feat/a'],
      ['schema'],
      ['config'],
      ['runs', '--json'],
    ]) {
      const ran = await headed(args);
      expect([args[0], ran.stderr, ran.stdout.split('\n').length]).toEqual([args[0], '=0\n', 2]);
    }
  });

  it('are coloured each by what it is, NO_COLOR and FORCE_COLOR', async () => {
    const repo = makeRepo();
    branch(repo, 'work');
    const escapes = async (extra: NodeJS.ProcessEnv, ...args: string[]) => {
      const env = { ...repo.env, NO_COLOR: undefined, ...extra };
      const { stdout, stderr } = await wt(repo.path, env, args);
      return [stdout, stderr].map((text) => text.includes('\u001b['));
    };
    expect(await escapes({}, 'list')).toEqual([false, false]);
    expect(await escapes({ FORCE_COLOR: '1' }, 'list')).toEqual([true, false]);
    expect(await escapes({ FORCE_COLOR: '1' }, 'path', 'nope')).toEqual([false, true]);
    expect(await escapes({ FORCE_COLOR: '1' }, 'list', '--no-color')).toEqual([false, false]);
    expect(await escapes({ FORCE_COLOR: '1' }, 'list', '--json')).toEqual([false, false]);
  });
});

describe('unusual repositories', () => {
  it('a bare hub has the whole loop, from the hub as from a worktree', async () => {
    const scene = dispatchScene([]);
    const { repo, env } = scene;
    const hub = join(repo.root, 'hub.git');
    repo.git('clone', '-q', '--bare', '.', hub);
    const path = join(repo.root, 'hub-wt', 'x');
    const run = async (args: string[], cwd = hub) => {
      const ran = await wt(cwd, env, args);
      expect([args.join(' '), ran.code, ran.stderr]).toMatchObject([args.join(' '), 0, expect.any(String)]);
      return ran.stdout;
    };
    await run(['create', 'x']);
    await run(['dispatch', 'x', '-p', '@write a.txt one\n@commit one']);
    expect(await run(['diff', 'x', '--', '--name-only'])).toBe('a.txt\n');
    expect(await run(['path'], path)).toBe(`${path}\n`);
    expect(await run(['exec', 'x', '--', 'pwd'])).toBe(`${path}\n`);
    expect(await run(['env', 'x'])).toContain(`CLAUDE_PROJECT_DIR=${path}`);
    await run(['merge', 'x'], path);
    await run(['cleanup', 'x']);
    expect(existsSync(path)).toBe(false);
    await run(['undo']);
    expect(repo.gitIn(hub, 'rev-parse', 'main')).toBe(repo.gitIn(path, 'rev-parse', 'HEAD'));
    for (const args of [['diff'], ['merge'], ['provision'], ['dispatch', '-p', 'x']])
      expect(await wt(hub, env, args)).toMatchObject({ code: 2 });
    expect(await wt(hub, env, ['path', '^'])).toMatchObject({ code: 5 });
  });

  it('SHA-256 object ids go through landing, cleanup and undo', async () => {
    const repo = makeRepo({ empty: true });
    rmSync(join(repo.path, '.git'), { recursive: true });
    repo.git('init', '-q', '-b', 'main', '--object-format=sha256');
    repo.commit('first', { 'a.txt': '1\n' });
    const path = branch(repo, 'work');
    const merged = (await wt(repo.path, repo.env, ['merge', 'work', '--json'])).json();
    expect(merged).toMatchObject({ status: 'merged', target_after: repo.gitIn(path, 'rev-parse', 'HEAD') });
    expect(await wt(repo.path, repo.env, ['cleanup', 'work'])).toMatchObject({ code: 0 });
    expect(await wt(repo.path, repo.env, ['undo'])).toMatchObject({ code: 0 });
    expect((await wt(repo.path, repo.env, ['status', '--json'])).json()).toMatchObject([
      {},
      { head: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  it('a detached main worktree and a repository without commits are told apart from failures', async () => {
    const repo = makeRepo();
    branch(repo, 'work');
    repo.git('checkout', '-q', '--detach');
    const merged = await wt(repo.path, repo.env, ['merge', 'work', '--json']);
    expect(merged.json()).toMatchObject({ status: 'merged', target: 'main' });
    expect(repo.git('rev-parse', 'main')).toBe(repo.git('rev-parse', 'work'));
    const empty = makeRepo({ empty: true });
    for (const [args, code] of [
      [['merge', '-a'], 0],
      [['cleanup', '--merged'], 0],
      [['undo'], 5],
      [['runs'], 0],
    ] as const) {
      const ran = await wt(empty.path, empty.env, args);
      expect([args[0], ran.code, ran.stderr.includes('bug')]).toEqual([args[0], code, false]);
    }
  });

  it('hints can be typed, whatever the name', async () => {
    const repo = makeRepo();
    const name = "feat/it's-$HOME";
    const created = await wt(repo.path, repo.env, ['create', name]);
    const quoted = `'feat/it'\\''s-$HOME'`;
    expect(created.stdout).toContain(`wt dispatch ${quoted} -p '…', or cd "$(wt path ${quoted})"`);
    repo.commit('work', { 'x.txt': 'x\n' }, join(repo.root, 'jerry-wt', name));
    repo.commit('main', { 'y.txt': 'y\n' });
    const again = await wt(repo.path, repo.env, ['create', name, '--json']);
    expect(errorOf(again).hint).toBe(`wt status ${quoted}, or wt open ${quoted}`);
    const diverged = await wt(repo.path, repo.env, ['merge', name, '--strategy', 'ff', '--json']);
    expect(errorOf(diverged).hint).toBe(`wt merge ${quoted} --strategy merge`);
  });
});
