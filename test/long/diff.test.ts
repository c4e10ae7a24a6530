import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { diffScene, filesOf } from '../support/diffs.ts';

describe('wt diff', () => {
  it('passes options and paths on to git, paths as they are from where one stands', async () => {
    const { repo, path } = diffScene();
    expect((await wt(repo.path, repo.env, ['diff', 'work', '--stat'])).stdout).toContain('5 files changed');
    writeFileSync(join(path, 'src', 'b.txt'), 'B\n');
    const inside = await wt(join(path, 'src'), repo.env, ['diff', '--', '--name-only', '--', 'b.txt']);
    expect(inside.stdout).toBe('src/b.txt\n');
    const { files } = await filesOf(repo, ['--', 'b.txt'], join(path, 'src'));
    expect(files.map((file) => file.path)).toEqual(['src/b.txt']);
    expect(await wt(path, repo.env, ['diff', '--json', '--', '--stat'])).toMatchObject({ code: 2 });
    expect(await wt(path, repo.env, ['diff', '--', '--exit-code'])).toMatchObject({ code: 0 });
    const failed = await wt(path, repo.env, ['diff', '--', '--no-such-option']);
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stderr).toMatch(/^error: git diff: usage: git diff .*\n$/);
  });

  it('starts, in a worktree without a base branch, where it was made, and in the main one at its commit', async () => {
    const { repo, path } = diffScene();
    writeFileSync(join(repo.path, 'a.txt'), 'changed in main\n');
    expect((await filesOf(repo, ['^'])).files.map((file) => file.path)).toEqual(['a.txt']);
    repo.git('tag', 'v1', 'HEAD~1');
    expect(
      (await wt(repo.path, repo.env, ['create', 'from-tag', '--base', 'v1', '--no-provision'])).code,
    ).toBe(0);
    expect((await filesOf(repo, ['from-tag'])).base).toBe(repo.git('rev-parse', 'v1'));
    repo.git('branch', '-m', 'main', 'trunk');
    const answer = await wt(path, repo.env, ['diff', '--json']);
    expect(answer).toMatchObject({ code: 2 });
    expect(answer.json()).toMatchObject({ error: { code: 'no_target' } });
  });

  it('starts at a best common ancestor, also when each side has merged the other', async () => {
    const { repo, path } = diffScene();
    repo.gitIn(path, 'stash', '-qu');
    const [ours, theirs] = [repo.git('rev-parse', 'main'), repo.git('rev-parse', 'work')];
    repo.gitIn(path, 'merge', '-q', '--no-edit', ours);
    expect(await filesOf(repo, ['work'])).toMatchObject({ base: ours, files: [{ path: 'committed.txt' }] });
    repo.git('merge', '-q', '--no-edit', theirs);
    expect([ours, theirs]).toContain((await filesOf(repo, ['work'])).base);
  });
});
