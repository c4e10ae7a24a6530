import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hookScene, silent } from '../support/hook-calls.ts';

describe("wt as claude's hook", () => {
  it('works for a session of somebody: in the worktree of the project, wherever the agent went', async () => {
    const { repo, own, other, judge, write } = hookScene();
    const project = { env: { CLAUDE_PROJECT_DIR: own }, cwd: other };
    const [mine, others, here, nowhere] = await Promise.all([
      judge(write(join(own, 'x')), [], project),
      judge(write(join(other, 'x')), [], project),
      judge(write(join(repo.path, 'x')), [], { cwd: other }),
      judge(write('/x'), [], { cwd: repo.root }),
    ]);
    expect(mine).toEqual(silent);
    expect(others.reason).toContain('is in the worktree of other');
    expect(here.reason).toContain('is in the main checkout');
    expect(nowhere).toMatchObject({
      code: 0,
      reason: '',
      stderr: expect.stringContaining('not inside a git worktree'),
    });
  });

  it('holds up nothing that it cannot read', async () => {
    const { judge } = hookScene();
    const huge = JSON.stringify({
      tool_name: 'Write',
      tool_input: { file_path: '/x', content: 'x'.repeat(10_000_000) },
    });
    const [empty, garbage, half, list, other, big] = await Promise.all([
      judge(''),
      judge('garbage {'),
      judge('{"tool_name":"Write","tool_in'),
      judge('[]'),
      judge({ tool_name: 'Write', tool_input: { file_path: ['a'] } }),
      judge(huge),
    ]);
    const unread = { code: 0, reason: '', stderr: expect.stringContaining('nothing was judged') };
    for (const each of [empty, garbage, half, list]) expect(each).toMatchObject(unread);
    expect(other).toEqual(silent);
    expect(big.reason).toContain('outside');
  });

  it('tells of a file that another worktree changes too, once in a session', async () => {
    const { repo, own, other, judge } = hookScene();
    const odd = 'sub dir/ä\nb.txt';
    repo.commit('theirs', { 'README.md': '# Theirs\n', [odd]: 'x\n' }, other);
    mkdirSync(join(own, 'sub dir'));
    symlinkSync('sub dir', join(own, 'link'));
    const edit = (file_path: string, session_id = 's') => ({
      ...{ tool_name: 'Edit', session_id },
      tool_input: { file_path },
    });
    const file = join(own, 'README.md');
    const headless = { env: { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' } };
    const at = ['--worktree', own];
    const told = {
      code: 0,
      stderr: '',
      reason: '',
      note: expect.stringContaining('change README.md too: other ('),
    };
    // from anywhere, and by the file that is meant
    expect(await judge(edit(file), at, headless)).toEqual(told);
    expect(await judge(edit('README.md'), at, headless)).toEqual(silent);
    const [again, odds, linked, quiet, off] = await Promise.all([
      judge(edit(file, 'another'), at, headless),
      judge(edit(join(own, odd)), at, headless),
      judge(edit('link/ä\nb.txt', 'linked'), at, headless),
      judge(edit(join(own, 'unheard of.txt')), at, headless),
      judge(edit(file, 'off'), [...at, '--no-warning'], headless),
    ]);
    expect(again).toEqual(told);
    for (const each of [odds, linked]) expect(each.note).toContain("'sub dir/ä\nb.txt' too: other");
    expect([quiet, off]).toEqual([silent, silent]);
    // the other goes on
    writeFileSync(join(other, 'README.md'), '# More\n');
    const more = await judge(edit(file), at, headless);
    expect(more.note).toContain('modified in commits that have not landed, and modified, not committed yet');
    // denied each time; a person is asked until the edit was made
    for (const _ of [1, 2]) {
      const denied = await judge(edit(file), [...at, '--strict'], headless);
      expect(denied).toMatchObject({ code: 0, decision: 'deny', stderr: '' });
      expect((await judge(edit(file), at)).decision).toBe('ask');
    }
    writeFileSync(file, '# Mine\n');
    expect(await judge(edit(file), at)).toEqual(silent);
    // the borders come first, and nothing is said of a file beyond them
    const outside = await judge(edit(join(other, 'README.md')), [...at, '--strict']);
    expect(outside.reason).not.toContain('other worktrees');
  });

  it('keeps its borders, and lets an agent go on, where it cannot tell', async () => {
    const { repo, own, judge, write } = hookScene();
    mkdirSync(join(repo.path, '.git/wt'), { recursive: true });
    const [file, outside] = [write(join(own, 'README.md')), write(join(repo.path, 'README.md'))];
    const noGit = { env: { PATH: join(repo.root, 'nowhere') } };
    const untold = { code: 0, reason: '', stderr: expect.stringContaining('is not known') };
    expect(await judge(file, ['--worktree', own, '--strict'], noGit)).toMatchObject(untold);
    expect((await judge(outside, ['--worktree', own], noGit)).decision).toBe('deny');
    writeFileSync(join(repo.path, '.git/worktrees/other/index'), 'garbage');
    writeFileSync(join(repo.root, 'jerry-wt/other/README.md'), 'changed');
    expect(await judge(file, ['--worktree', own, '--strict'])).toEqual(silent);
  });
});
