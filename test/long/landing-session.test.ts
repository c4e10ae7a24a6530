import { describe, expect, it } from 'vitest';
import { expectNothingLeft } from '../support/dispatches.ts';
import { agentScene, clash, land, promptsIn } from '../support/handovers.ts';

describe('--dispatch-resolve', () => {
  it('hands the open merge to the session of the worktree, and lands what it commits', async () => {
    const made = await agentScene(clash, '@at 2 write a.ts one\\nboth\\nthree', '@at 2 commit Merge it');
    const { code: exit, answer } = await land(made, 'merge', 'feat/a', '--dispatch-resolve');
    expect(exit).toBe(0);
    expect(answer).toMatchObject({ status: 'merged', left_in_progress: false, error: null, warnings: [] });
    expect(made.repo.git('show', 'main:a.ts')).toBe('one\nboth\nthree');
    expect(made.repo.git('show', 'main:run.log').split('\n').sort()).toEqual(['0', 'a', 'main']);
    const [prompt, first] = promptsIn(made);
    expect(first).toContain('@write');
    expect(prompt).toContain('A merge of main into feat/a is in progress');
    expect(prompt).toContain('- "a.ts": both sides changed the same lines');
    expect(prompt).not.toContain('run.log');
    const [last, original] = made.records();
    expect(last?.dispatch.session_id).toBe(original?.dispatch.session_id);
    await expectNothingLeft(made);
  });

  it('lands no conflict markers that the agent has committed', async () => {
    const made = await agentScene(clash, '@at 2 commit Merge it');
    const { code: exit, answer } = await land(made, 'merge', 'feat/a', '--dispatch-resolve');
    expect(exit).toBe(3);
    expect(answer).toMatchObject({
      status: 'conflicts',
      left_in_progress: false,
      warnings: [{ code: 'not_mended', message: 'its session left conflict markers in a.ts' }],
    });
    expect(made.repo.git('log', '-1', '--format=%s', 'main')).toBe('on main');
  });
});

describe('--dispatch-fix', () => {
  const gate = "grep -q mended a.ts || { echo 'a.ts is not mended'; exit 7; }";

  it('hands the end of the output to the session, and judges again until it passes', async () => {
    const made = await agentScene(
      { other: 'other\n' },
      '@at 2 append a.ts half',
      '@at 2 commit half',
      '@at 3 append a.ts mended',
      '@at 3 commit mended',
    );
    const { code: exit, answer } = await land(made, 'merge', 'feat/a', '--gate', gate, '--dispatch-fix', '3');
    expect(exit).toBe(0);
    expect(answer).toMatchObject({
      status: 'merged',
      strategy: 'merge',
      gates: [{ exit_code: 0 }],
      error: null,
    });
    const prompts = promptsIn(made);
    expect(prompts).toHaveLength(3);
    for (const prompt of prompts.slice(0, 2)) {
      expect(prompt).toContain('failed with exit code 7');
      expect(prompt).toContain('a.ts is not mended');
    }
    const events = (await made.wt(['events', '--json'])).json() as { type: string }[];
    expect(events.map(({ type }) => type).filter((type) => type.startsWith('landing'))).toEqual([
      'landing.gate_failed',
      'landing.gate_failed',
      'landing.merged',
    ]);
  });
});
