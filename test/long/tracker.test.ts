import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { makeRepo } from '../support/repo.ts';
import { diffOf, errorOf, first, second, trackerScene } from '../support/tracker-files.ts';

describe('wt tracker', () => {
  it('names what a person must choose between, and what comes near', async () => {
    const { run } = trackerScene();
    const several = await run('show', '--json');
    expect(several.code).toBe(2);
    expect(errorOf(several)).toMatchObject({
      code: 'ambiguous_address',
      details: { candidates: [first, second] },
    });
    const rows = await run('set', 'BUG-001', 'COMPLETE', '--file', first, '--json');
    expect(rows.code).toBe(2);
    expect(errorOf(rows).details.candidates).toMatchObject([
      { address: 'EN-001/BUG-001', line: 47 },
      { address: 'EN-202/BUG-001', line: 54 },
      { address: 'EPIC-003/BUG-001', line: 62 },
    ]);
    const none = await run('set', 'BUG-09', 'COMPLETE', '--file', first, '--json');
    expect(none.code).toBe(5);
    expect(errorOf(none)).toMatchObject({
      code: 'address_not_found',
      details: { near: expect.arrayContaining(['BUG-009']) },
    });
    for (const args of [['set', 'WI-009'], ['show', 'WI-009'], ['show', '-n'], ['turn']])
      expect((await run(...args, '--file', second)).code).toBe(2);
    expect((await run('--file', 'projects/none.md')).code).toBe(5);
  });

  it('works on the project of a worktree, in the copy of the main one unless --here', async () => {
    const { repo, read } = trackerScene();
    const folder = join(repo.root, 'jerry-wt', 'feat', 'proj-004-jerry-config');
    const made = await wt(repo.path, repo.env, [
      'create',
      'PROJ-004-jerry-config',
      '--no-provision',
      '--json',
    ]);
    expect(made.code).toBe(0);
    const before = read(second, folder);
    const set = await wt(folder, repo.env, ['tracker', 'set', 'WI-010', 'COMPLETE', '--json']);
    expect(set.json()).toMatchObject({
      file: join(repo.path, second),
      after: 'COMPLETED',
      warnings: [{ code: 'coordinator_copy' }],
    });
    expect(read(second, folder)).toBe(before);
    expect(diffOf(repo)).toHaveLength(3);

    const here = await wt(folder, repo.env, ['tracker', 'set', 'WI-011', 'COMPLETE', '--here', '--json']);
    expect(here.json()).toMatchObject({ file: join(folder, second), warnings: [] });
    expect(diffOf(repo, folder)).toHaveLength(3);
    const relative = await wt(join(folder, 'projects'), repo.env, [
      'tracker',
      '--file',
      '../projects/PROJ-001-oss-release/WORKTRACKER.md',
      '--json',
    ]);
    expect(relative.json()).toMatchObject({ file: join(repo.path, first) });

    writeFileSync(join(folder, 'projects', 'only-here.md'), '|ID|Status|\n|--|--|\n|A|todo|\n');
    const missing = await wt(folder, repo.env, ['tracker', '--file', 'projects/only-here.md']);
    expect(missing).toMatchObject({ code: 5, stderr: expect.stringContaining('--here') });
  });

  it('finds the tracker of the variable’s project, then that at the top, then the only one', async () => {
    const repo = makeRepo();
    const tracker = '| ID | Status |\n|----|--------|\n| A | todo |\n';
    const fileOf = async (env: NodeJS.ProcessEnv = repo.env) => {
      const ran = await wt(repo.path, env, ['tracker', '--json']);
      return ran.code === 0 ? (ran.json() as { file: string }).file : ran.code;
    };
    expect(await fileOf()).toBe(5);
    repo.commit('deep', { 'docs/deep/WORKTRACKER.md': tracker });
    expect(await fileOf()).toBe(join(repo.path, 'docs/deep/WORKTRACKER.md'));
    repo.commit('top', { 'WORKTRACKER.md': tracker, [first]: tracker });
    expect(await fileOf()).toBe(join(repo.path, 'WORKTRACKER.md'));
    expect(await fileOf({ ...repo.env, JERRY_PROJECT: 'PROJ-001-oss-release' })).toBe(join(repo.path, first));
    expect(await fileOf({ ...repo.env, JERRY_PROJECT: '../..' })).toBe(join(repo.path, 'WORKTRACKER.md'));
  });

  it('leaves alone what leads out of the repository', async () => {
    const { repo, run } = trackerScene();
    const outside = join(repo.root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'WORKTRACKER.md'), '|ID|Status|\n|--|--|\n|A|todo|\n');
    symlinkSync(join(outside, 'WORKTRACKER.md'), join(repo.path, 'link.md'));
    for (const file of ['link.md', join(outside, 'WORKTRACKER.md')])
      expect(errorOf(await run('set', 'A', 'COMPLETE', '--file', file, '--json'))).toMatchObject({
        code: 'not_this_worktree',
      });
    expect(readFileSync(join(outside, 'WORKTRACKER.md'), 'utf8')).toContain('|A|todo|');
  });
});
