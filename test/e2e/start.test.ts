import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dispatchScene } from '../support/dispatches.ts';
import { nothingMade, start, startedIn } from '../support/starts.ts';

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
});
