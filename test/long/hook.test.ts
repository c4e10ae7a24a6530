import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { makeRepo } from '../support/repo.ts';

type Output = {
  readonly permissionDecision?: string;
  readonly permissionDecisionReason?: string;
  readonly additionalContext?: string;
};

function scene() {
  const repo = makeRepo();
  const own = join(repo.root, "jerry-wt/it's mine");
  const other = join(repo.root, 'jerry-wt/other');
  for (const [branch, path] of Object.entries({ own, other }))
    repo.git('worktree', 'add', '-q', '-b', branch, path);
  const judge = async (
    call: object | string,
    flags: readonly string[] = ['--worktree', own],
    { cwd = '/', env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ) => {
    const input =
      typeof call === 'string' ? call : JSON.stringify({ hook_event_name: 'PreToolUse', cwd: own, ...call });
    const ran = await wt(cwd, { ...repo.env, ...env }, ['hook', 'pre-tool-use', ...flags], { input });
    const output = ran.stdout === '' ? {} : (ran.json() as { hookSpecificOutput: Output }).hookSpecificOutput;
    const { permissionDecision, permissionDecisionReason: reason = '', additionalContext } = output;
    return {
      code: ran.code,
      stderr: ran.stderr,
      reason,
      ...(permissionDecision === undefined ? {} : { decision: permissionDecision }),
      ...(additionalContext === undefined ? {} : { note: additionalContext }),
    };
  };
  const write = (file_path: string) => ({ tool_name: 'Write', tool_input: { file_path, content: 'x' } });
  return { repo, own, other, judge, write };
}

const silent = { code: 0, stderr: '', reason: '' };

describe("wt as claude's hook", () => {
  it('denies what is outside of the worktree, with a way out, and is silent inside', async () => {
    const { repo, own, other, judge, write } = scene();
    symlinkSync(repo.path, join(own, 'link'));
    mkdirSync(join(repo.root, 'shared'));
    const allow = ['--worktree', own, '--allow-outside', join(repo.root, 'shared')];
    const notebook = { tool_name: 'NotebookEdit', tool_input: { notebook_path: join(other, 'n.ipynb') } };
    const [inside, fresh, allowed, memory, reading, main, sibling, linked, git, outside] = await Promise.all([
      judge(write(join(own, 'README.md'))),
      judge(write('new/folder/x.ts')),
      judge(write(join(repo.root, 'shared/x')), allow),
      judge(write(join(repo.home, '.claude/projects/p/memory/m.md'))),
      judge({ tool_name: 'Read', tool_input: { file_path: '/etc/passwd' } }),
      judge(write(join(repo.path, 'README.md'))),
      judge(notebook),
      judge(write('link/README.md')),
      judge(write(join(own, '.git'))),
      judge({ ...write('~/x'), tool_name: 'Edit' }),
    ]);
    expect([inside, fresh, allowed, memory, reading]).toEqual([silent, silent, silent, silent, silent]);
    expect(main.reason).toContain(`is in the main checkout, ${repo.path}, not in yours`);
    expect(main.reason).toContain(
      `The same file of your worktree is '${own.replace("'", "'\\''")}/README.md'`,
    );
    expect(main.reason).toContain(`--allow-outside ${repo.path}.`);
    expect(sibling.reason).toContain(`is in the worktree of other, ${other}`);
    expect(linked.reason).toContain(
      `leads to ${join(repo.path, 'README.md')}, which is in the main checkout`,
    );
    expect(git.reason).toContain('a file of git itself');
    expect(outside.reason).toContain(`is outside of your worktree`);
    expect([main, sibling, linked, git, outside].map(({ code, stderr }) => [code, stderr])).toEqual(
      Array.from({ length: 5 }, () => [0, '']),
    );
  });

  it('works for a session of somebody: in the worktree of the project, wherever the agent went', async () => {
    const { repo, own, other, judge, write } = scene();
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
    const { judge } = scene();
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

  it('denies pushes where it is told to, and is used as it says', async () => {
    const { repo, own, judge } = scene();
    const push = { tool_name: 'Bash', tool_input: { command: 'git -C . push origin' } };
    expect(await judge(push)).toEqual(silent);
    expect((await judge(push, ['--worktree', own, '--deny-push'])).reason).toContain('--allow-push');
    const [help, wrong, json] = await Promise.all(
      [['--help'], ['post-tool-use'], ['pre-tool-use', '--json']].map((args) =>
        wt('/', repo.env, ['hook', ...args]),
      ),
    );
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('wt hook pre-tool-use') });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('must be pre-tool-use') });
    expect(json?.code).toBe(2);
  });

  it('tells of a file that another worktree changes too, once in a session', async () => {
    const { repo, own, other, judge } = scene();
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
    const { repo, own, judge, write } = scene();
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
