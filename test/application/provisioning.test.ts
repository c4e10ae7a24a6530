import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../support/children.ts';
import { detailOf, isRunning, makeSite, statuses } from '../support/provisioning.ts';

const lock = {
  'package.json': '{"name":"a","version":"1.0.0"}\n',
  'package-lock.json': '{"lockfileVersion":3}\n',
  '.gitignore': 'node_modules/\n.venv/\n.env\n',
};
const python = {
  'uv.lock': 'version = 1\n',
  'pyproject.toml': '[project]\nname = "a"\n',
  '.gitignore': '.venv/\n',
};

describe('a provisioning', () => {
  it('has nothing to do in a plain tree, and leaves no trace of an operation', async () => {
    const site = makeSite();
    const done = await site.provision();
    expect(done).toMatchObject({ provisioned: true, steps: [], warnings: [], error: null });
    expect(site.facts().provisioned).toBe(true);
    expect(existsSync(join(site.repo.path, '.git/wt/intents'))).toBe(false);
  });

  it('runs what the lock files at the top ask for, in order, frozen, with the project in the environment', async () => {
    const site = makeSite({
      files: {
        ...lock,
        ...python,
        '.gitignore': 'node_modules/\n.venv/\n',
        '.pre-commit-config.yaml': 'repos: []\n',
      },
      project: 'PROJ-006-multi-instance',
    });
    site.tool('npm', 'mkdir node_modules');
    site.tool('uv', '[ "$1" = sync ] && mkdir .venv');
    const done = await site.provision();
    expect(statuses(done)).toEqual({ 'uv-sync': 'ran', 'npm-ci': 'ran', 'pre-commit': 'ran' });
    expect(done).toMatchObject({ provisioned: true, error: null });
    expect(site.calls().slice(0, 2).sort()).toEqual(['npm ci', 'uv sync --frozen']);
    expect(site.calls()[2]).toBe('uv run --frozen pre-commit install');
    for (const note of site.notes())
      expect(note).toMatchObject({ cwd: site.worktree, project: 'PROJ-006-multi-instance' });
    expect(done.steps.map(({ command }) => command)).toEqual([
      'uv sync --frozen',
      'npm ci',
      'uv run --frozen pre-commit install',
    ]);
    expect(site.gitStatus()).toBe('');
  });

  it('leaves lock files in subfolders alone', async () => {
    const site = makeSite({
      files: { 'web/package-lock.json': '{}', 'api/uv.lock': '', '.gitignore': 'node_modules/\n' },
    });
    site.tool('npm');
    site.tool('uv');
    expect((await site.provision()).steps).toEqual([]);
    expect(site.calls()).toEqual([]);
  });

  it.each([
    ['pnpm', { 'pnpm-lock.yaml': '' }, 'pnpm install --frozen-lockfile'],
    ['yarn', { 'yarn.lock': '' }, 'yarn install --frozen-lockfile'],
    ['yarn', { 'yarn.lock': '', '.yarnrc.yml': '' }, 'yarn install --immutable'],
    ['npm', { 'npm-shrinkwrap.json': '{}' }, 'npm ci'],
  ])('runs %s for %o as %s', async (tool, files, call) => {
    const site = makeSite({ files: { ...files, 'package.json': '{}', '.gitignore': 'node_modules\n' } });
    site.tool(tool);
    expect((await site.provision()).provisioned).toBe(true);
    expect(site.calls()).toEqual([call]);
  });

  it('finds everything unchanged the second time, and runs again what drifted', async () => {
    const site = makeSite({ files: lock });
    site.tool('npm', 'mkdir -p node_modules');
    await site.provision();
    expect(statuses(await site.provision())).toEqual({ 'npm-ci': 'unchanged' });
    expect(site.calls()).toHaveLength(1);

    writeFileSync(join(site.worktree, 'package-lock.json'), '{"lockfileVersion":3,"x":1}\n');
    const check = await site.provision({ check: true });
    expect(check).toMatchObject({ provisioned: false, error: { code: 'step_failed' } });
    expect(detailOf(check, 'npm-ci')).toBe('drift: package-lock.json changed');
    expect(site.calls()).toHaveLength(1);

    expect(statuses(await site.provision())).toEqual({ 'npm-ci': 'ran' });
    expect(await site.provision({ check: true })).toMatchObject({ provisioned: true, error: null });
    expect(statuses(await site.provision({ force: true }))).toEqual({ 'npm-ci': 'ran' });
    expect(site.calls()).toHaveLength(3);
  });

  it('sees that what an install made is gone, and that the tool is another', async () => {
    const site = makeSite({ files: lock });
    site.tool('npm', 'mkdir -p node_modules');
    await site.provision();
    site.repo.gitIn(site.worktree, 'clean', '-fdxq');
    expect(detailOf(await site.provision({ check: true }), 'npm-ci')).toBe('drift: node_modules is gone');
    site.tool('npm', 'mkdir -p node_modules # a newer one');
    expect(detailOf(await site.provision({ check: true }), 'npm-ci')).toBe(
      'drift: node_modules is gone, npm changed',
    );
  });

  it('skips a step whose tool is missing with a warning, and is provisioned all the same', async () => {
    const site = makeSite({ files: { ...lock, '.pre-commit-config.yaml': 'repos: []\n' } });
    const done = await site.provision();
    expect(statuses(done)).toEqual({ 'npm-ci': 'skipped', 'pre-commit': 'skipped' });
    expect(done).toMatchObject({ provisioned: true, error: null });
    expect(done.warnings.map(({ code }) => code)).toEqual(['tool_missing', 'tool_missing']);
    expect(done.warnings[0]?.message).toContain('npm is not on the PATH');
    site.tool('npm', 'mkdir node_modules');
    expect(statuses(await site.provision())).toMatchObject({ 'npm-ci': 'ran' });
  });

  it('reports a step that fails with the end of its output, skips what needs it, and tries it again', async () => {
    const site = makeSite({ files: { ...python, '.pre-commit-config.yaml': 'repos: []\n' } });
    site.tool(
      'uv',
      'i=0; while [ $i -lt 400 ]; do echo "line $i"; i=$((i+1)); done; printf "\\033[31mno solution\\033[0m\\n" >&2; exit 3',
    );
    const done = await site.provision();
    expect(statuses(done)).toEqual({ 'uv-sync': 'failed', 'pre-commit': 'skipped' });
    const detail = detailOf(done, 'uv-sync') ?? '';
    expect(detail).toMatch(/^exit 3: line \d+\n/);
    expect(detail).toMatch(/line 399\nno solution$/);
    expect(detail.length).toBeLessThan(2_050);
    expect(detailOf(done, 'pre-commit')).toBe('uv-sync failed');
    expect(done.error).toMatchObject({ code: 'step_failed', details: { step: 'uv-sync' } });
    expect(done.error?.message).toContain('no solution');
    expect(site.facts()).toMatchObject({
      provisioned: false,
      receipts: [{ step: 'uv-sync', status: 'failed' }],
    });

    site.tool('uv', 'mkdir -p .venv');
    expect(statuses(await site.provision())).toEqual({ 'uv-sync': 'ran', 'pre-commit': 'ran' });
    expect(site.facts().provisioned).toBe(true);
  });

  it('ends a step that takes too long, with everything it started', async () => {
    const site = makeSite({ files: lock });
    Object.assign(site.env, { WT_PROVISION_TIMEOUT: '1' });
    // The inner shell is gone at once: neither parent, group nor session leads to what it leaves.
    site.tool('npm', "setsid sh -c 'sleep 300 & echo $! > pid'; sleep 300");
    const done = await site.provision();
    expect(statuses(done)).toEqual({ 'npm-ci': 'failed' });
    expect(detailOf(done, 'npm-ci')).toBe('ended after 1 s');
    expect(isRunning(join(site.worktree, 'pid'))).toBe(false);
  });

  it('ends its children on a Ctrl-C, and leaves the step without a receipt', async () => {
    const site = makeSite({ files: { ...lock, ...python, '.gitignore': 'node_modules/\n.venv/\npid\n' } });
    site.tool('uv', 'mkdir -p .venv');
    site.tool('npm', 'mkdir -p node_modules');
    await site.provision();
    site.tool('npm', 'sleep 300 & echo $! > pid; sleep 300');
    const interrupt = new AbortController();
    const done = site.provision({ signal: interrupt.signal });
    await until(() => isRunning(join(site.worktree, 'pid')));
    interrupt.abort('SIGINT');
    expect(await done).toMatchObject({ provisioned: false, error: { code: 'interrupted' } });
    expect(statuses(await done)).toEqual({ 'uv-sync': 'unchanged', 'npm-ci': 'failed' });
    expect(isRunning(join(site.worktree, 'pid'))).toBe(false);
    expect(site.facts()).toMatchObject({ provisioned: false });
    expect(site.facts().receipts.map(({ step }) => step)).toEqual(['uv-sync']);
    expect(await (await site.hub()).intents.list()).toEqual([]);
  });

  it('runs once when two ask at the same time', async () => {
    const site = makeSite({ files: lock });
    site.tool('npm', 'sleep 0.3; mkdir -p node_modules');
    const both = await Promise.all([site.provision(), site.provision()]);
    expect(both.map(({ provisioned }) => provisioned)).toEqual([true, true]);
    expect(both.map((done) => statuses(done)['npm-ci']).sort()).toEqual(['ran', 'unchanged']);
    expect(site.calls()).toEqual(['npm ci']);
  });

  it('keeps receipts also of a worktree that another tool made', async () => {
    const site = makeSite({ files: lock, foreign: true });
    site.tool('npm', 'mkdir -p node_modules');
    await site.provision();
    expect(statuses(await site.provision())).toEqual({ 'npm-ci': 'unchanged' });
    expect(existsSync(join(site.gitDir, 'wt.json'))).toBe(false);
  });

  it('runs no install that would leave the worktree dirty, and names what a script left behind', async () => {
    const site = makeSite({ files: { ...lock, '.gitignore': '.venv/\n' } });
    site.tool('npm', 'mkdir -p node_modules; touch node_modules/x left-behind');
    const skipped = await site.provision();
    expect(statuses(skipped)).toEqual({ 'npm-ci': 'skipped' });
    expect(skipped.warnings).toMatchObject([{ code: 'not_ignored' }]);
    expect(site.gitStatus()).toBe('');
    writeFileSync(join(site.worktree, '.gitignore'), 'node_modules/\n.gitignore\n');
    const ran = await site.provision();
    expect(ran.warnings).toMatchObject([{ code: 'not_clean', message: 'provisioning changed left-behind' }]);
  });

  it('chooses by packageManager among several lock files, and says so where nothing decides', async () => {
    const files = { ...lock, 'yarn.lock': '' };
    const undecided = makeSite({ files });
    undecided.tool('npm');
    undecided.tool('yarn');
    const done = await undecided.provision();
    expect(undecided.calls()).toEqual(['npm ci']);
    expect(done.warnings).toMatchObject([{ code: 'several_lock_files' }]);
    const decided = makeSite({ files: { ...files, 'package.json': '{"packageManager":"yarn@4.1.0"}' } });
    decided.tool('npm');
    decided.tool('yarn');
    await decided.provision();
    expect(decided.calls()).toEqual(['yarn install --immutable']);
  });

  it('keeps the flags of an npm that runs wt from the npm below', async () => {
    const site = makeSite({ files: lock });
    Object.assign(site.env, {
      npm_command: 'run-script',
      npm_config_omit: 'dev',
      npm_config_registry: 'https://registry.example.com/',
    });
    site.tool('npm', 'echo "$npm_config_omit|$npm_config_registry" > node_modules');
    await site.provision();
    expect(readFileSync(join(site.worktree, 'node_modules'), 'utf8')).toBe(
      '|https://registry.example.com/\n',
    );
  });
});

describe('the shared .venv', () => {
  const files = { ...python, '.pre-commit-config.yaml': 'repos: []\n' };
  const withVenv = (extra: Record<string, string> = {}) => {
    const site = makeSite({ files: { ...files, ...extra } });
    mkdirSync(join(site.repo.path, '.venv/bin'), { recursive: true });
    writeFileSync(join(site.repo.path, '.venv/pyvenv.cfg'), 'home = /usr/bin\n');
    site.tool('uv');
    return site;
  };

  it('is a link where git ignores one, and then nothing is synced', async () => {
    const site = withVenv({ '.gitignore': '.venv\n' });
    const done = await site.provision({ shareVenv: true });
    expect(statuses(done)).toEqual({ 'venv-link': 'ran', 'pre-commit': 'ran' });
    expect(readlinkSync(join(site.worktree, '.venv'))).toBe(join(site.repo.path, '.venv'));
    expect(site.calls()).toEqual(['uv run --frozen --no-sync pre-commit install']);
    expect(site.gitStatus()).toBe('');
    expect(site.facts().share_venv).toBe(true);
    expect(statuses(await site.provision())['venv-link']).toBe('unchanged');
  });

  it('is a folder of links where the rule .venv/ would show a link', async () => {
    const site = withVenv();
    await site.provision({ shareVenv: true });
    expect(lstatSync(join(site.worktree, '.venv')).isDirectory()).toBe(true);
    expect(readFileSync(join(site.worktree, '.venv/pyvenv.cfg'), 'utf8')).toContain('home');
    expect(site.gitStatus()).toBe('');
    expect(statuses(await site.provision())['venv-link']).toBe('unchanged');
  });

  it('is never synced into, also when nobody asked to share', async () => {
    const site = withVenv({ '.gitignore': '.venv\n' });
    symlinkSync(join(site.repo.path, '.venv'), join(site.worktree, '.venv'));
    expect(statuses(await site.provision())['venv-link']).toBe('unchanged');
    expect(site.calls()).not.toContain('uv sync --frozen');
  });

  it('does not replace one of its own, and is made where main has none', async () => {
    const own = withVenv();
    mkdirSync(join(own.worktree, '.venv'));
    writeFileSync(join(own.worktree, '.venv/mine'), '');
    expect(statuses(await own.provision({ shareVenv: true }))['venv-link']).toBe('skipped');
    expect(existsSync(join(own.worktree, '.venv/mine'))).toBe(true);

    const none = makeSite({ files: python });
    none.tool('uv', 'mkdir .venv');
    const done = await none.provision({ shareVenv: true });
    expect(statuses(done)).toEqual({ 'uv-sync': 'ran' });
    expect(done.warnings).toMatchObject([{ code: 'venv_missing' }]);
  });
});

describe('the hooks of pre-commit', () => {
  const config = {
    '.pre-commit-config.yaml': 'default_install_hook_types: [pre-commit, commit-msg]\nrepos: []\n',
  };
  const install = (pythonPath: string, types = 'pre-commit commit-msg') =>
    `mkdir -p "$HOOKS"; for t in ${types}; do printf '#!/usr/bin/env bash\\n# File generated by pre-commit: https://pre-commit.com\\nINSTALL_PYTHON=%s\\n' "${pythonPath}" > "$HOOKS/$t"; done`;
  const site = (files: Record<string, string> = config) => {
    const made = makeSite({ files });
    Object.assign(made.env, { HOOKS: join(made.repo.path, '.git/hooks') });
    return made;
  };

  it('are installed from the main worktree, for every type, and then left alone', async () => {
    const made = site();
    made.tool('pre-commit', install('/bin/sh'));
    const done = await made.provision();
    expect(made.notes()).toMatchObject([{ name: 'pre-commit', args: 'install', cwd: made.repo.path }]);
    expect(detailOf(done, 'pre-commit')).toContain(made.repo.path);
    expect(statuses(await made.provision())).toEqual({ 'pre-commit': 'unchanged' });
    made.repo.git('config', 'alias.x', 'status');
    writeFileSync(join(made.repo.path, '.git/hooks/commit-msg'), '#!/bin/sh\n');
    expect(statuses(await made.provision())).toEqual({ 'pre-commit': 'ran' });
  });

  it('are installed again when their interpreter is gone or lives in a linked worktree', async () => {
    const made = site();
    made.tool('pre-commit', install('/nowhere/python'));
    await made.provision();
    expect(detailOf(await made.provision({ check: true }), 'pre-commit')).toMatch(/^drift: /);
    mkdirSync(join(made.worktree, '.git-python'));
    symlinkSync('/bin/sh', join(made.worktree, '.git-python/python'));
    made.tool('pre-commit', install(join(made.worktree, '.git-python/python')));
    await made.provision();
    expect(detailOf(await made.provision({ check: true }), 'pre-commit')).toMatch(/^drift: /);
    made.tool('pre-commit', install('/bin/sh'));
    await made.provision();
    expect(statuses(await made.provision({ check: true }))).toEqual({ 'pre-commit': 'unchanged' });
  });

  it('come through uv of the main worktree without syncing it, where that has pre-commit', async () => {
    const made = site({ ...config, ...python });
    mkdirSync(join(made.repo.path, '.venv/bin'), { recursive: true });
    writeFileSync(join(made.repo.path, '.venv/bin/pre-commit'), '');
    made.tool('uv', 'mkdir -p .venv');
    await made.provision();
    expect(made.notes()).toMatchObject([
      { args: 'sync --frozen', cwd: made.worktree },
      { args: 'run --frozen --no-sync pre-commit install', cwd: made.repo.path },
    ]);
  });

  it('are skipped with core.hooksPath, which pre-commit refuses', async () => {
    const made = site();
    made.repo.git('config', 'core.hooksPath', '.githooks');
    made.tool('pre-commit', 'exit 1');
    const done = await made.provision();
    expect(statuses(done)).toEqual({ 'pre-commit': 'skipped' });
    expect(detailOf(done, 'pre-commit')).toContain('core.hooksPath is .githooks');
    expect(done.provisioned).toBe(true);
  });
});

describe('the Jerry project', () => {
  const id = 'PROJ-006-multi-instance';
  const tree = { [`projects/${id}/PLAN.md`]: '', '.gitignore': '.jerry/local/\n.venv/\n' };
  const context = (worktree: string) => readFileSync(join(worktree, '.jerry/local/context.toml'), 'utf8');

  it('is bound where git does not see it, and validated without its variable', async () => {
    const site = makeSite({ files: tree, project: id });
    site.tool('jerry', 'echo "{}"');
    const done = await site.provision();
    expect(statuses(done)).toEqual({ 'jerry-bind': 'ran', 'jerry-verify': 'ran' });
    expect(context(site.worktree)).toBe(`[context]\nactive_project = "${id}"\n`);
    expect(site.notes()).toMatchObject([
      { args: `--json projects validate ${id}`, project: '', cwd: site.worktree },
    ]);
    expect(site.gitStatus()).toBe('');
    expect(statuses(await site.provision())).toEqual({
      'jerry-bind': 'unchanged',
      'jerry-verify': 'unchanged',
    });
  });

  it('is validated through uv where the tree brings the command', async () => {
    const files = { ...tree, 'uv.lock': '', 'pyproject.toml': '[project]\nname = "jerry"\n' };
    const site = makeSite({ files, project: id });
    site.tool('uv', 'mkdir -p .venv');
    await site.provision();
    expect(site.calls()).toEqual([
      'uv sync --frozen',
      `uv run --frozen jerry --json projects validate ${id}`,
    ]);
  });

  it.each([
    ['exit 1', 'project_invalid'],
    [`echo '{"valid":false,"errors":["no PLAN.md"]}'; exit 1`, 'project_invalid'],
    ['echo "Traceback (most recent call last):"; echo "ImportError: x"; exit 1', 'project_unverified'],
    ['echo "error: Failed to spawn"; exit 2', 'project_unverified'],
  ])('that jerry ends with %s gives the warning %s', async (script, code) => {
    const site = makeSite({ files: tree, project: id });
    site.tool('jerry', script);
    const done = await site.provision();
    expect(done.warnings).toMatchObject([{ code }]);
    expect(done).toMatchObject({ provisioned: true, error: null });
    expect(statuses(await site.provision())['jerry-verify']).toBe('ran');
    expect(await site.provision({ check: true })).toMatchObject({ provisioned: true });
  });

  it('that is not in the tree is a warning with those that may be meant, and its folder is not made', async () => {
    const site = makeSite({
      files: { ...tree, 'projects/PROJ-006-multi-instances/x': '' },
      project: 'PROJ-006-multi-instanse',
    });
    site.tool('jerry');
    const done = await site.provision();
    expect(done.warnings).toMatchObject([{ code: 'project_missing' }]);
    expect(done.warnings[0]?.message).toContain('PROJ-006-multi-instance,');
    expect(site.calls()).toEqual([]);
    expect(existsSync(join(site.worktree, 'projects/PROJ-006-multi-instanse'))).toBe(false);
  });

  it('is written nowhere in a tree that does not ignore it, or is none of Jerry', async () => {
    const seen = makeSite({ files: { ...tree, '.gitignore': '', '.jerry/x': '' }, project: id });
    const done = await seen.provision();
    expect(statuses(done)['jerry-bind']).toBe('skipped');
    expect(seen.gitStatus()).toBe('');
    const plain = makeSite({ project: id });
    expect(await plain.provision()).toMatchObject({ steps: [], warnings: [{ code: 'project_missing' }] });
  });

  it('replaces another project that the copied files brought, and keeps the rest of the file', async () => {
    const site = makeSite({ files: { ...tree, '.worktreeinclude': '.jerry/local/\n' }, project: id });
    mkdirSync(join(site.repo.path, '.jerry/local'), { recursive: true });
    const theirs = '# mine\n[context]\nactive_project = "PROJ-001-x" # now\nother = 1\n';
    writeFileSync(join(site.repo.path, '.jerry/local/context.toml'), theirs);
    await site.provision();
    expect(context(site.worktree)).toBe(theirs.replace('PROJ-001-x', id));
    expect(readFileSync(join(site.repo.path, '.jerry/local/context.toml'), 'utf8')).toBe(theirs);
  });

  it('is not written through a symbolic link', async () => {
    const site = makeSite({ files: tree, project: id });
    mkdirSync(join(site.repo.root, 'outside'));
    symlinkSync(join(site.repo.root, 'outside'), join(site.worktree, '.jerry'));
    const done = await site.provision();
    expect(existsSync(join(site.repo.root, 'outside/local'))).toBe(false);
    expect(done.error).toBeNull();
  });
});

describe('the command after creation', () => {
  it("runs from the user's own configuration, last and once", async () => {
    const site = makeSite({ files: lock });
    site.tool('npm', 'mkdir -p node_modules');
    site.tool('after');
    mkdirSync(join(site.repo.home, '.config/wt'), { recursive: true });
    writeFileSync(
      join(site.repo.home, '.config/wt/config.yaml'),
      'hooks:\n  post_create: after "$(echo two words)"\n',
    );
    expect(statuses(await site.provision())).toEqual({ 'npm-ci': 'ran', hook: 'ran' });
    expect(site.calls()).toEqual(['npm ci', 'after two words']);
    expect(statuses(await site.provision())).toEqual({ 'npm-ci': 'unchanged', hook: 'unchanged' });
    site.tool('npm', 'exit 1');
    expect(statuses(await site.provision({ force: true }))).toEqual({ 'npm-ci': 'failed', hook: 'skipped' });
  });

  it("is reported and not run from the repository's file", async () => {
    const site = makeSite({ files: { '.wt.yaml': 'hooks:\n  post_create: after\n' } });
    site.tool('after');
    const done = await site.provision();
    expect(statuses(done)).toEqual({ hook: 'untrusted' });
    expect(done).toMatchObject({ provisioned: false, error: null });
    expect(detailOf(done, 'hook')).toContain('.wt.yaml:2');
    expect(site.calls()).toEqual([]);
  });
});

describe('submodules', () => {
  const allow = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'protocol.file.allow',
    GIT_CONFIG_VALUE_0: 'always',
  };

  it('are fetched where they are missing, and not moved where they are there', async () => {
    const site = makeSite();
    const library = join(site.repo.root, 'library');
    site.repo.git('init', '-q', '-b', 'main', library);
    site.repo.commit('library', { 'lib.txt': '1\n' }, library);
    const { repo } = site;
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'lib a');
    repo.commit('submodule');
    repo.gitIn(site.worktree, 'merge', '-q', '--ff-only', 'main');
    Object.assign(site.env, { PATH: process.env.PATH });

    const refused = await site.provision();
    expect(statuses(refused)).toEqual({ submodules: 'failed' });
    expect(detailOf(refused, 'submodules')).toContain("transport 'file' not allowed");

    Object.assign(site.env, allow);
    expect(statuses(await site.provision())).toEqual({ submodules: 'ran' });
    expect(readFileSync(join(site.worktree, 'lib a/lib.txt'), 'utf8')).toBe('1\n');
    repo.commit('work in it', { 'lib.txt': '2\n' }, join(site.worktree, 'lib a'));
    expect(statuses(await site.provision({ force: true }))).toEqual({ submodules: 'unchanged' });
    expect(readFileSync(join(site.worktree, 'lib a/lib.txt'), 'utf8')).toBe('2\n');
  });
});
