import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../support/children.ts';
import { type DispatchScene, dispatchesIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';

/** Writes prompt files by their names below the main worktree. */
function prompts({ repo }: DispatchScene, texts: Readonly<Record<string, string>>): void {
  mkdirSync(join(repo.path, 'prompts'), { recursive: true });
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(repo.path, 'prompts', name), text);
}

const promptOf = ({ repo }: DispatchScene, id: string | null) =>
  readFileSync(join(repo.path, '.git', 'wt', 'runs', id ?? '', 'prompt.md'), 'utf8');

describe('dispatches of one command', () => {
  it('take a prompt file each, and none begins while one is missing', async () => {
    const scene = dispatchScene(['topic/one', 'two']);
    prompts(scene, { 'one.md': '@write a.txt one' });
    const template = ['--prompt-file', 'prompts/{branch_name}.md'];
    const dispatch = (...flags: string[]) => scene.wt(['dispatch', '-a', ...flags, '--json']);

    const missing = await dispatch('--prompt-file', 'prompts/{branch_name}.txt');
    expect(missing.json()).toMatchObject({
      error: {
        code: 'file_not_found',
        details: { paths: ['one', 'two'].map((name) => join(scene.repo.path, `prompts/${name}.txt`)) },
      },
    });
    expect(missing.code).toBe(5);
    prompts(scene, { 'two.md': ' \n' });
    const [empty, unknown, projectless] = await Promise.all([
      dispatch(...template),
      dispatch('--prompt-file', '{name}.md'),
      dispatch('--prompt-file', '{project_id}.md'),
    ]);
    expect(empty?.json()).toMatchObject({
      error: { code: 'prompt_required', message: expect.stringContaining('two.md is empty') },
    });
    expect(unknown?.json()).toMatchObject({ error: { hint: expect.stringContaining('{project_id_lower}') } });
    expect(projectless?.json()).toMatchObject({
      error: { code: 'usage', message: expect.stringContaining('topic/one has no project') },
    });
    expect([empty?.code, unknown?.code, projectless?.code]).toEqual([2, 2, 2]);
    expect(scene.records()).toEqual([]);

    prompts(scene, { 'two.md': '@say two\n@write b.txt two' });
    const ran = await dispatch(...template);
    const answers = dispatchesIn(ran);
    expect(answers.map(({ branch, status }) => [branch, status])).toEqual([
      ['topic/one', 'complete'],
      ['two', 'complete'],
    ]);
    expect(answers.map(({ dispatch_id }) => promptOf(scene, dispatch_id))).toEqual([
      '@write a.txt one',
      '@say two\n@write b.txt two',
    ]);
    expect(ran.stderr).toMatch(/^topic\/one: dispatch-\d{8}-\d{3} complete/m);
  });

  it('are all ended by Ctrl-C, and those that waited never begin', async () => {
    const scene = dispatchScene(['one', 'two', 'three']);
    const { child, ended } = scene.start(['dispatch', '-a', '-p', '@hang', '--max', '2', '--json']);
    await until(() => scene.records().filter(({ phase }) => phase === 'running').length === 2);
    child.kill('SIGINT');
    const ran = await ended;
    expect(ran.code).toBe(130);
    const answers = dispatchesIn(ran);
    const told = answers.map(({ status, reason, error }) => [status, reason, error?.code]);
    expect(told.sort()).toEqual([
      [null, null, 'interrupted'],
      ['failed', 'cancelled', 'claude_failed'],
      ['failed', 'cancelled', 'claude_failed'],
    ]);
    expect(scene.records()).toHaveLength(2);
    await expectNothingLeft(scene);
  });

  it('are recorded with everything that was asked of them', async () => {
    const scene = dispatchScene(['one', 'two']);
    const flags = [
      ...['--until', 'test -e a.txt', '--attempts', '2', '--escalate-model', 'opus', '--stall', '2h'],
      ...['--retries', '3', '--wait-for-limit', '--notify', 'cat >/dev/null', '--notify', 'true'],
    ];
    const ran = await scene.wt(['dispatch', '-a', '-p', '@write a.txt x', '--async', '--json', ...flags]);
    expect(dispatchesIn(ran).map(({ branch, status }) => [branch, status])).toEqual([
      ['one', 'running'],
      ['two', 'running'],
    ]);
    expect(ran.code).toBe(0);
    for (const { request } of scene.records())
      expect(request).toMatchObject({
        ...{ until: { command: 'test -e a.txt', attempts: 2 }, escalate_model: 'opus', stall_ms: 7_200_000 },
        ...{ retries: 3, wait_for_limit: true, notify: ['cat >/dev/null', 'true'] },
      });
    expect((await scene.wt(['wait'])).code).toBe(0);
  });

  it('stream the events of all attempts, and then the answer', async () => {
    const scene = dispatchScene(['one']);
    const check = `[ -e b.txt ] || { echo '@write b.txt x'; exit 1; }`;
    const flags = ['--until', check, '--output-format', 'stream-json'];
    const ran = await scene.wt(['dispatch', 'one', '-p', '@write a.txt x', ...flags]);
    const lines = ran.stdout.trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line));
    const answer = events.pop();
    expect(events.map(({ type }) => type).filter((type) => type !== 'user' && type !== 'assistant')).toEqual([
      'system',
      'result',
      'system',
      'result',
    ]);
    expect(new Set(events.map(({ session_id }) => session_id))).toEqual(new Set([answer.session_id]));
    expect(answer).toMatchObject({ status: 'complete', attempts: [{ number: 1 }, { number: 2 }] });

    const shown = await scene.wt(['logs', 'one']);
    expect(shown.stdout).toMatch(
      /> Write a\.txt[\s\S]*\ncheck failed \(exit 1\): [\s\S]*\nattempt 2 of 3 \(the check failed\)[\s\S]*> Write b\.txt[\s\S]*\ncheck passed: /,
    );
  });
});
