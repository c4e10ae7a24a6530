import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StartAnswer } from '../../src/domain/answers/start.ts';
import type { Ran } from '../support/bin.ts';
import { type DispatchScene, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';

const start = (scene: DispatchScene, ...args: string[]) => scene.wt(['start', ...args, '--json']);

function startedIn(ran: Ran): StartAnswer[] {
  const value = ran.json();
  const answers = StartAnswer.array().parse(Array.isArray(value) ? value : [value]);
  expect(answers).toEqual(Array.isArray(value) ? value : [value]);
  return answers;
}

const nothingMade = ({ repo, records }: DispatchScene) => {
  expect(repo.git('branch', '--format=%(refname:short)').split('\n')).toEqual(['feat/a', 'main']);
  expect(records()).toEqual([]);
};

describe('start', () => {
  it('makes what is missing, uses what is there, and answers when claude runs in all of them', async () => {
    const scene = dispatchScene();
    mkdirSync(join(scene.repo.path, 'prompts'));
    const texts = { '6': '@write a.txt x\n@commit six', a: '@write b.txt x', fix: '@hang' };
    for (const [name, text] of Object.entries(texts))
      writeFileSync(join(scene.repo.path, 'prompts', `${name}.md`), text);
    const names = ['PROJ-006-multi-instance', 'fix'];
    const ran = await start(scene, ...names, '--base', 'main', '--prompt-file', 'prompts/{number}.md');
    expect(ran.json()).toMatchObject({ error: { code: 'usage', message: /fix has no project/ } });
    nothingMade(scene);

    writeFileSync(join(scene.repo.path, 'prompts', 'proj-006-multi-instance.md'), texts[6]);
    const files = ['--base', 'main', '--prompt-file', 'prompts/{branch_name}.md'];
    const both = await start(scene, ...names, 'feat/a', ...files);
    expect(both.code).toBe(0);
    const [six, fix, there] = startedIn(both);
    expect(six).toMatchObject({
      ...{ branch: 'feat/proj-006-multi-instance', base: 'main', provisioned: true, landing: null },
      dispatch: { status: 'running', project_id: 'PROJ-006-multi-instance', branch: six?.branch },
    });
    expect(fix).toMatchObject({ branch: 'fix', worktree_path: scene.at('fix'), dispatch: { branch: 'fix' } });
    expect(there).toMatchObject({ branch: 'feat/a', worktree_path: scene.at('feat/a'), base_sha: null });
    expect(there?.warnings.map(({ code }) => code)).toEqual(['option_not_heeded']);

    const again = await start(scene, 'fix', '-p', 'x');
    expect(again.json()).toMatchObject({ error: { code: 'dispatch_running' } });
    expect(again.code).toBe(4);
    expect((await scene.wt(['wait', '6', 'feat/a'])).code).toBe(0);
    const mixed = await start(scene, 'fix', 'feat/a', 'new', '-p', '@write c.txt x');
    expect(
      startedIn(mixed).map(({ dispatch, error }) => [dispatch?.status ?? null, error?.code ?? null]),
    ).toEqual([
      [null, 'dispatch_running'],
      ['running', null],
      ['running', null],
    ]);
    expect(mixed.code).toBe(4);
  });

  it('makes nothing where a word of it is wrong', async () => {
    const scene = dispatchScene();
    const refused: readonly (readonly [readonly string[], string, number])[] = [
      [['new'], 'prompt_required', 2],
      [['new', '-p', ' '], 'prompt_required', 2],
      [['new', '--prompt-file', 'missing.md'], 'file_not_found', 5],
      [['new', 'PROJ-6-x', '-p', 'x'], 'invalid_project_id', 2],
      [['new', '-p', 'x', '--attempts', '2'], 'usage', 2],
      [['new', '-p', 'x', '--json-schema', '{'], 'usage', 2],
      [['new', '-p', 'x', '--resume'], 'dispatch_not_found', 5],
      [['new', 'newer', '-p', 'x', '--max', '1'], 'usage', 2],
      [['main', '-p', 'x'], 'branch_checked_out', 4],
    ];
    const ran = await Promise.all(refused.map(([args]) => start(scene, ...args)));
    for (const [at, [args, code, exit]] of refused.entries()) {
      expect.soft(ran[at]?.json(), args.join(' ')).toMatchObject({ error: { code } });
      expect.soft(ran[at]?.code, args.join(' ')).toBe(exit);
    }
    nothingMade(scene);
    const config = join(scene.repo.home, '.config', 'wt', 'config.yaml');
    writeFileSync(config, 'tools:\n  claude: no-such-claude\n');
    const missing = await start(scene, 'new', '-p', 'x');
    expect([missing.code, missing.json()]).toMatchObject([7, { error: { code: 'claude_not_found' } }]);
    nothingMade(scene);

    writeFileSync(config, "hooks:\n  post_create: 'exit 3'\n");
    const failed = await start(scene, 'new', '-p', 'x');
    expect(startedIn(failed)).toMatchObject([
      { branch: 'new', provisioned: false, dispatch: null, error: { code: 'step_failed' } },
    ]);
    expect(failed.code).toBe(1);
    expect(scene.records()).toEqual([]);
  });

  it('lands what is complete with work, one after the other, and tells what did not land', async () => {
    const scene = dispatchScene();
    mkdirSync(join(scene.repo.path, 'prompts'));
    // The first two end together.
    const meet = (own: string, other: string) => {
      const [mine, theirs] = [own, other].map((name) => join(scene.repo.root, name));
      return `@run touch '${mine}'; until [ -e '${theirs}' ]; do sleep 0.02; done`;
    };
    const texts = {
      first: `@write a.txt 1\n@commit first\n${meet('1', '2')}`,
      other: `@write b.txt 1\n@commit other\n${meet('2', '1')}`,
      clash: `@write a.txt 2\n@commit clash\n@run until git show main:a.txt; do sleep 0.05; done`,
      idle: '@say nothing',
      dirty: '@write d.txt 1',
    };
    for (const [name, text] of Object.entries(texts))
      writeFileSync(join(scene.repo.path, 'prompts', `${name}.md`), text);
    const names = Object.keys(texts);
    const ran = await start(scene, ...names, '--prompt-file', 'prompts/{branch}.md', '--land', '--max', '3');
    const told = startedIn(ran).map(({ branch, dispatch, landing, error }) => [
      ...[branch, dispatch?.reason, landing?.status, landing?.cleaned_up, error?.code],
    ]);
    expect(told).toEqual([
      ['first', null, 'merged', true, undefined],
      ['other', null, 'merged', true, undefined],
      ['clash', null, 'conflicts', false, undefined],
      ['idle', 'no_commits', undefined, undefined, undefined],
      ['dirty', 'dirty', null, false, 'dirty_worktree'],
    ]);
    expect(ran.code).toBe(1); // of 1, 4 and 3
    expect(scene.repo.git('ls-tree', '--name-only', 'main').split('\n')).toEqual([
      'README.md',
      'a.txt',
      'b.txt',
    ]);
    expect(names.map((name) => existsSync(scene.at(name)))).toEqual([false, false, true, true, true]);
    await expectNothingLeft(scene);
  });
});
