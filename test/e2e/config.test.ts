import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigAnswer } from '../../src/domain/answers/config.ts';
import { wt } from '../support/bin.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

describe('wt config', () => {
  it('shows who set what, from a linked worktree as from the main one', async () => {
    const repo = makeRepo();
    repo.write('.wt.yaml', 'base: develop\nhooks:\n  post_create: npm ci\n');
    const linked = join(repo.root, 'linked');
    repo.git('worktree', 'add', '-q', '-b', 'x', linked);
    mkdirSync(join(repo.home, '.config', 'wt'), { recursive: true });
    const own = join(repo.home, '.config', 'wt', 'config.yaml');
    writeFileSync(own, 'dispatch:\n  max: 5\n');

    const ran = await wt(linked, { ...repo.env, WT_MERGE_PUSH: 'yes' }, ['config', '--json']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const { values, untrusted, error } = ConfigAnswer.parse(ran.json());
    const shared = join(repo.path, '.wt.yaml');
    expect(values.find(({ key }) => key === 'base')).toMatchObject({
      value: 'develop',
      origin: 'repository',
      file: shared,
      line: 1,
    });
    expect(values.find(({ key }) => key === 'dispatch.max')).toMatchObject({
      value: 5,
      origin: 'user',
      file: own,
      line: 2,
    });
    expect(values.find(({ key }) => key === 'merge.push')).toMatchObject({
      value: true,
      origin: 'environment',
      file: null,
    });
    expect(untrusted).toMatchObject([{ key: 'hooks.post_create', value: 'npm ci', file: shared, line: 3 }]);
    expect(error).toBeNull();
  });

  it('works outside a repository, for one key', async () => {
    const { env } = makeRepo();
    const ran = await wt(temporaryFolder(), env, ['config', 'trash.keep']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.split('\n')[0]).toBe('trash.keep  7d  default');
  });

  it('names the place of what is wrong, and the key that was meant', async () => {
    const repo = makeRepo();
    repo.write('.wt.yaml', 'dispatch:\n  timout: 5\n');
    const ran = await wt(repo.path, repo.env, ['config', '--json']);
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({
      error: {
        code: 'config_invalid',
        details: {
          file: join(repo.path, '.wt.yaml'),
          line: 2,
          column: 3,
          key: 'dispatch.timout',
          near: ['dispatch.timeout'],
        },
      },
    });
    const unknown = await wt(repo.path, repo.env, ['config', 'dispatch.timout']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('did you mean dispatch.timeout?');
  });
});
