import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { wt } from '../support/bin.ts';
import { makeSite } from '../support/provisioning.ts';
import { answerOf, lock } from '../support/provisions.ts';

describe('wt provision', () => {
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
