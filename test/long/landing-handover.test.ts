import { describe, expect, it } from 'vitest';
import { agentScene, clash, isMerging, land } from '../support/handovers.ts';
import { configure, mergesIn } from '../support/landings.ts';

describe('an agent that is handed a merge with conflicts', () => {
  it('gives up after its tries with an agent that does nothing, and leaves the merge to a person', async () => {
    const made = await agentScene(clash);
    const { code: exit, answer } = await land(made, 'merge', 'feat/a', '--dispatch-resolve', '2');
    expect(exit).toBe(3);
    expect(answer).toMatchObject({ status: 'conflicts', left_in_progress: true });
    expect(answer?.warnings.map(({ code: each }) => each)).toEqual([
      'not_mended',
      'not_mended',
      'unresolved',
    ]);
    expect(made.records()).toHaveLength(3);
    expect(isMerging(made)).toBe(true);
    expect(made.repo.git('log', '-1', '--format=%s', 'main')).toBe('on main');
  });

  it('does not say that a merge is open which the agent has aborted', async () => {
    const made = await agentScene(clash, '@at 2 run git merge --abort');
    const { code: exit, answer } = await land(made, 'merge', 'feat/a', '--dispatch-resolve', '1');
    expect(exit).toBe(3);
    expect(answer).toMatchObject({
      status: 'conflicts',
      left_in_progress: false,
      warnings: [{ code: 'not_mended', message: 'its session had 1 try, and it conflicts still' }],
    });
    expect(isMerging(made)).toBe(false);
  });

  it('refuses what the agent took away outside of the conflicts', async () => {
    const made = await agentScene(
      { ...clash, 'docs/one': '1\n' },
      '@at 2 write a.ts one\\nboth\\nthree',
      '@at 2 run rm -r docs',
      '@at 2 commit Merge it',
    );
    const { code: exit, answer } = await land(made, 'merge', 'feat/a', '--dispatch-resolve');
    expect(exit).toBe(4);
    expect(answer?.error).toMatchObject({ code: 'outside_changes', details: { paths: ['docs/one'] } });
    expect(made.repo.git('log', '-1', '--format=%s', 'main')).toBe('on main');
  });
});

describe('an agent that is handed the output of a gate', () => {
  it('ends where the agent does nothing or its tries are used up, the failure standing, and the others land', async () => {
    const made = await agentScene(
      { other: 'other\n' },
      '@write bad x',
      '@commit bad',
      '@at 3 append bad more',
      '@at 3 commit more',
    );
    made.repo.git('worktree', 'add', '-q', '--no-track', '-b', 'feat/b', made.at('feat/b'));
    made.repo.commit('b', { b: 'b\n' }, made.at('feat/b'));
    configure(made.repo, "dispatch:\n  grace: 1\nmerge:\n  gates: ['test ! -e bad']\n");
    const ran = await made.wt(['land', 'feat/a', 'feat/b', '--dispatch-fix', '--json']);
    expect(ran.code).toBe(1);
    const byName = [...mergesIn(ran)].sort((a, b) => ((a.branch ?? '') < (b.branch ?? '') ? -1 : 1));
    expect(byName).toMatchObject([
      {
        branch: 'feat/a',
        status: 'gate-failed',
        cleaned_up: false,
        warnings: [
          {
            code: 'not_mended',
            message: expect.stringMatching(/^dispatch-\S+ did not mend it: no_commits$/),
          },
        ],
        error: { code: 'gate_failed' },
      },
      { branch: 'feat/b', status: 'merged', cleaned_up: true },
    ]);
    expect(made.records()).toHaveLength(2);
    const tried = await land(made, 'land', 'feat/a', '--dispatch-fix', '1');
    expect([tried.code, made.records().length]).toEqual([1, 3]);
    expect(tried.answer).toMatchObject({
      status: 'gate-failed',
      warnings: [{ code: 'not_mended', message: 'its session had 1 try, and it does not pass yet' }],
    });
  });
});
