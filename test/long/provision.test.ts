import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt, wtBin } from '../support/bin.ts';
import { until } from '../support/children.ts';
import { isRunning, makeSite } from '../support/provisioning.ts';
import { answerOf, lock } from '../support/provisions.ts';

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
});
