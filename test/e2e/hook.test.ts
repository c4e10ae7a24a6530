import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { hookScene, silent } from '../support/hook-calls.ts';

describe("wt as claude's hook", () => {
  it('denies what is outside of the worktree, with a way out, and is silent inside', async () => {
    const { repo, own, other, judge, write } = hookScene();
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

  it('denies pushes where it is told to, and is used as it says', async () => {
    const { repo, own, judge } = hookScene();
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
});
