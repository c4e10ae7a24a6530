import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CreateAnswer } from '../../src/domain/answers/create.ts';
import { wt, wtBin } from '../support/bin.ts';
import { until } from '../support/children.ts';
import { isRunning, makeSite } from '../support/provisioning.ts';

const lock = {
  'package.json': '{"name":"a","version":"1.0.0"}\n',
  'package-lock.json':
    '{"name":"a","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"a","version":"1.0.0"}}}\n',
  '.gitignore': 'node_modules/\npid\n',
};

/** The answer, held to its schema: an undeclared or missing key shows. */
const answerOf = (json: unknown) => {
  const answer = CreateAnswer.parse(json);
  expect(answer).toEqual(json);
  return answer;
};

describe('wt provision', () => {
  it('runs the real npm ci in the current worktree, and then finds it unchanged', async () => {
    const site = makeSite({ files: lock });
    const env = { ...site.env, PATH: process.env.PATH, npm_config_offline: 'true' };
    const first = await wt(site.worktree, env, ['provision', '--json']);
    const answer = answerOf(first.json());
    expect(answer).toMatchObject({
      worktree_path: site.worktree,
      branch: 'work',
      base: 'main',
      provisioned: true,
      error: null,
    });
    expect(answer.steps).toMatchObject([{ name: 'npm-ci', status: 'ran', command: 'npm ci', detail: null }]);
    expect(first.code).toBe(0);
    expect(site.gitStatus()).toBe('');
    const second = await wt(site.worktree, env, ['provision']);
    expect(second.stdout).toMatch(/^work: provisioned \(0\.\d s\)\n {2}npm-ci {2}unchanged\n$/);
    expect(second.code).toBe(0);
  });

  it('answers for several worktrees in an array, and exits 1 when a step of one failed', async () => {
    const site = makeSite({ files: lock });
    const { repo } = site;
    const other = join(repo.root, 'jerry-wt/other');
    repo.git('worktree', 'add', '-q', '-b', 'other', other);
    site.tool('npm', '[ -f fine ] || { echo broken; exit 1; }; mkdir -p node_modules');
    writeFileSync(join(other, 'fine'), '');
    const ran = await wt(repo.path, site.env, ['provision', 'work', 'other', '--json']);
    const answers = z.array(z.unknown()).parse(ran.json()).map(answerOf);
    expect(answers.map(({ branch, provisioned }) => [branch, provisioned])).toEqual([
      ['work', false],
      ['other', true],
    ]);
    expect(answers[0]?.error).toMatchObject({ code: 'step_failed', details: { step: 'npm-ci' } });
    expect(ran.code).toBe(1);
  });

  it('exits 1 with --check when something has drifted, runs nothing and writes nothing', async () => {
    const site = makeSite({ files: lock });
    site.tool('npm', 'mkdir -p node_modules');
    const before = readFileSync(join(site.gitDir, 'wt.json'), 'utf8');
    const check = await wt(site.worktree, site.env, ['provision', '--check']);
    expect(check.code).toBe(1);
    expect(check.stdout).toContain('npm-ci  skipped             drift: it never ran');
    expect(check.stderr).toContain('work has drifted: npm-ci (it never ran)');
    expect(check.stderr).toContain('hint: wt provision work');
    expect(site.calls()).toEqual([]);
    expect(readFileSync(join(site.gitDir, 'wt.json'), 'utf8')).toBe(before);
    expect(existsSync(join(site.repo.path, '.git/wt/intents'))).toBe(false);
    await wt(site.worktree, site.env, ['provision']);
    expect((await wt(site.worktree, site.env, ['provision', '--check'])).code).toBe(0);
  });

  it('says which tool is missing on stderr, and exits 0', async () => {
    const site = makeSite({ files: lock });
    const ran = await wt(site.worktree, site.env, ['provision']);
    expect(ran.stderr).toContain('warning: package-lock.json asks for npm ci, but npm is not on the PATH');
    expect(ran.stdout).toContain('npm-ci  skipped             npm is not installed');
    expect(ran.code).toBe(0);
  });

  it('does not take a file of the repository for a tool, whatever the PATH says', async () => {
    const site = makeSite({ files: { ...lock, npm: '#!/bin/sh\n: > taken\n' } });
    chmodSync(join(site.worktree, 'npm'), 0o755);
    const env = { ...site.env, PATH: `.:${site.env.PATH}:` };
    const ran = await wt(site.worktree, env, ['provision', '--json']);
    expect(answerOf(ran.json()).steps).toMatchObject([{ name: 'npm-ci', status: 'skipped' }]);
    expect(existsSync(join(site.worktree, 'taken'))).toBe(false);
  });

  it('needs a worktree to be in, or one that is named and there', async () => {
    const site = makeSite();
    expect((await wt(site.repo.path, site.env, ['provision'])).code).toBe(2);
    expect((await wt(site.repo.path, site.env, ['provision', 'nowhere'])).code).toBe(5);
    rmSync(site.worktree, { recursive: true });
    const gone = await wt(site.repo.path, site.env, ['provision', 'work', '--json']);
    expect(gone.json()).toMatchObject({ error: { code: 'not_this_worktree' } });
    expect(gone.code).toBe(4);
  });

  it('works from a bare hub', async () => {
    const site = makeSite({ bare: true, files: lock });
    site.tool('npm', 'mkdir -p node_modules');
    const ran = await wt(join(site.repo.root, 'hub.git'), site.env, ['provision', 'work', '--json']);
    expect(answerOf(ran.json())).toMatchObject({ provisioned: true, steps: [{ status: 'ran' }] });
  });

  it('ends its children on a Ctrl-C and exits 130', async () => {
    const site = makeSite({ files: lock });
    site.tool('npm', 'sleep 300 & echo $! > pid; sleep 300');
    const child = spawn(process.execPath, [wtBin, 'provision', '--json'], {
      cwd: site.worktree,
      env: site.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
    });
    await until(() => isRunning(join(site.worktree, 'pid')));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(answerOf(JSON.parse(stdout))).toMatchObject({
      provisioned: false,
      error: { code: 'interrupted' },
    });
    expect(isRunning(join(site.worktree, 'pid'))).toBe(false);
  });

  it('that was killed leaves nothing running after the next command, which runs what is missing', async () => {
    const site = makeSite({ files: { ...lock, '.worktreeinclude': 'seen\n' } });
    writeFileSync(join(site.repo.path, '.git/info/exclude'), 'seen\n');
    writeFileSync(join(site.repo.path, 'seen'), '');
    site.tool('npm', 'setsid sleep 300 & echo $! > pid; sleep 300');
    const child = spawn(process.execPath, [wtBin, 'provision'], {
      cwd: site.worktree,
      env: site.env,
      stdio: 'ignore',
    });
    await until(() => isRunning(join(site.worktree, 'pid')));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve));
    expect(isRunning(join(site.worktree, 'pid'))).toBe(true);
    site.tool('npm', 'mkdir -p node_modules');
    const next = await wt(site.worktree, site.env, ['provision', '--json']);
    expect(next.stderr).toContain('was cut short');
    expect(isRunning(join(site.worktree, 'pid'))).toBe(false);
    expect(answerOf(next.json()).steps).toMatchObject([
      { name: 'files', status: 'unchanged' },
      { name: 'npm-ci', status: 'ran' },
    ]);
    expect(await (await site.hub()).intents.list()).toEqual([]);
  });

  it('runs no command text of the repository', async () => {
    const site = makeSite({ files: { '.wt.yaml': 'hooks:\n  post_create: after\n' } });
    site.tool('after');
    mkdirSync(join(site.repo.home, '.config'), { recursive: true });
    const ran = await wt(site.worktree, site.env, ['provision', '--json']);
    expect(answerOf(ran.json())).toMatchObject({
      provisioned: false,
      steps: [{ name: 'hook', status: 'untrusted', command: 'after' }],
    });
    expect(site.calls()).toEqual([]);
  });
});
