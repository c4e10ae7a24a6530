import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { hook, initScene } from '../support/inits.ts';

describe('wt init', () => {
  it("puts the hook into claude's settings, says so once, and takes it out to the last byte", async () => {
    const { repo, folder, file, init, answer, settings } = initScene();
    const put = {
      code: 0,
      worktree_path: repo.path,
      file,
      changed: true,
      hooks: [hook],
      merge_driver: null,
      warnings: [],
      error: null,
    };
    expect(await answer('-n')).toEqual(put);
    expect(existsSync(folder)).toBe(false);
    expect(await answer()).toEqual(put);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    const made = readFileSync(file, 'utf8');
    expect(await answer()).toEqual({ ...put, changed: false });
    expect(readFileSync(file, 'utf8')).toBe(made);
    expect(await answer('--remove')).toEqual({ ...put, hooks: [] });
    expect(existsSync(folder)).toBe(false);
    expect(await answer('--remove')).toEqual({ ...put, changed: false, hooks: [] });

    const text = '\uFEFF{\r\n\t"z": [1,2],\r\n\t"a": {}\r\n}';
    settings(text);
    chmodSync(file, 0o600);
    expect(await init()).toMatchObject({ code: 0, stdout: `the hook was put into ${file}\n`, stderr: '' });
    expect(readFileSync(file, 'utf8')).toContain('wt hook pre-tool-use');
    expect(readdirSync(folder)).toEqual(['settings.local.json']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await init('--remove', '-n')).stdout).toBe(`the hook would be taken out of ${file}\n`);
    expect((await init('--remove')).stdout).toBe(`the hook was taken out of ${file}\n`);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  it('works on the worktree where it is called, and warns of what git makes of it', async () => {
    const { repo, env, answer, settings } = initScene();
    const linked = join(repo.root, 'jerry-wt/it is');
    repo.git('worktree', 'add', '-q', '-b', 'linked', linked);
    mkdirSync(join(linked, 'src'));
    const there = await wt(join(linked, 'src'), env, ['init', '--claude-hooks', '--json']);
    expect(there.json()).toMatchObject({
      worktree_path: linked,
      file: join(linked, '.claude/settings.local.json'),
    });
    repo.commit('no ignore', { '.gitignore': '' });
    expect((await answer()).warnings).toMatchObject([{ code: 'not_ignored' }]);
    repo.commit('tracked');
    expect((await answer()).warnings).toEqual([]);
    expect((await answer('--remove')).warnings).toMatchObject([{ code: 'tracked_file' }]);
    const ours = { hooks: [{ type: 'command', command: hook.command }] };
    settings(JSON.stringify({ hooks: { PreToolUse: [ours, ours] } }));
    const [git = ''] = (repo.env.PATH ?? '')
      .split(delimiter)
      .map((each) => join(each, 'git'))
      .filter(existsSync);
    mkdirSync(join(repo.root, 'git only'));
    symlinkSync(git, join(repo.root, 'git only/git'));
    const withoutWt = { ...repo.env, PATH: join(repo.root, 'git only') };
    const twice = await wt(repo.path, withoutWt, ['init', '--claude-hooks']);
    expect(twice).toMatchObject({ code: 0, stdout: expect.stringContaining('is in') });
    expect(twice.stderr).toContain('there 2 times');
    expect(twice.stderr).toContain('wt is not on the PATH');
  });

  it('gives a hook that warns', async () => {
    const { repo, env, file, init } = initScene();
    await init();
    const other = join(repo.root, 'other');
    repo.git('worktree', 'add', '-q', '-b', 'other', other);
    writeFileSync(join(other, 'README.md'), 'theirs\n');
    const [group] = JSON.parse(readFileSync(file, 'utf8')).hooks.PreToolUse;
    const [program, ...words] = group.hooks[0].command.split(' ');
    expect(program).toBe('wt');
    const call = { tool_name: 'Edit', tool_input: { file_path: join(repo.path, 'README.md') } };
    const ran = await wt(repo.path, env, words, { input: JSON.stringify(call) });
    expect(ran.json()).toMatchObject({ hookSpecificOutput: { permissionDecision: 'ask' } });
  });
});
