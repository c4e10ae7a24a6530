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
import { InitAnswer } from '../../src/domain/answers/init.ts';
import { wt, wtBin } from '../support/bin.ts';
import { makeRepo } from '../support/repo.ts';

const hook = {
  event: 'PreToolUse',
  matcher: 'Write|Edit|MultiEdit|NotebookEdit',
  command: 'wt hook pre-tool-use',
};

function scene() {
  const repo = makeRepo();
  repo.commit('ignored', { '.gitignore': '.claude/settings.local.json\n' });
  mkdirSync(join(repo.root, 'bin'));
  symlinkSync(wtBin, join(repo.root, 'bin/wt'));
  const env = { ...repo.env, PATH: [join(repo.root, 'bin'), repo.env.PATH].join(delimiter) };
  const folder = join(repo.path, '.claude');
  const file = join(folder, 'settings.local.json');
  const init = (...flags: string[]) => wt(repo.path, env, ['init', '--claude-hooks', ...flags]);
  const answer = async (...flags: string[]) => {
    const ran = await init('--json', ...flags);
    return { code: ran.code, ...InitAnswer.parse(ran.json()) };
  };
  /** The settings with this text, and any directory that they need. */
  const settings = (text: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  };
  return { repo, env, folder, file, init, answer, settings };
}

describe('wt init', () => {
  it("puts the hook into claude's settings, says so once, and takes it out to the last byte", async () => {
    const { repo, folder, file, init, answer, settings } = scene();
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
    const { repo, env, answer, settings } = scene();
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

  it('leaves alone what claude could not read, what is not text, and what is elsewhere', async () => {
    const { repo, env, file, init, settings } = scene();
    const refused = async (code: number, words: string) => {
      const before = existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
      for (const flags of [[], ['--remove']]) {
        const ran = await init(...flags);
        expect([ran.code, ran.stdout]).toEqual([code, '']);
        expect(ran.stderr).toContain(words);
      }
      if (before !== undefined) expect(readFileSync(file)).toEqual(before);
    };
    settings('{\n  "a": 1 // mine\n}\n');
    await refused(2, `${file}:2:10: a comment: JSON has none`);
    settings('[]');
    await refused(2, `${file}:1:1: settings are an object`);
    writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]));
    await refused(1, 'is not UTF-8');
    settings('{}');
    chmodSync(file, 0o444);
    await refused(1, 'is read-only');
    for (const target of ['dotfiles.json', 'nowhere/yet.json']) {
      const { folder: place, file: link, init: run, repo: other } = scene();
      writeFileSync(join(other.root, 'dotfiles.json'), '{}\n');
      mkdirSync(place);
      symlinkSync(join(other.root, target), link);
      expect(await run()).toMatchObject({ code: 4, stderr: expect.stringContaining('outside of') });
      expect(readFileSync(join(other.root, 'dotfiles.json'), 'utf8')).toBe('{}\n');
    }
    const bare = await wt(repo.path, env, ['init', '--json']);
    expect(bare.code).toBe(2);
    expect(bare.json()).toMatchObject({
      error: { code: 'usage', hint: expect.stringContaining('wt init --claude-hooks') },
    });
    repo.git('clone', '-q', '--bare', repo.path, join(repo.root, 'hub.git'));
    const hub = await wt(join(repo.root, 'hub.git'), env, ['init', '--claude-hooks']);
    expect(hub).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a worktree') });
  });

  it('gives a hook that warns', async () => {
    const { repo, env, file, init } = scene();
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
