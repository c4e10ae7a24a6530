import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dispatchScene, expectNothingLeft } from '../support/dispatches.ts';
import { nothingMade, start, startedIn } from '../support/starts.ts';

describe('start', () => {
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
