import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DispatchScene, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';
import { configure, mergesIn } from '../support/landings.ts';

const code = (value: string) => `one\n${value}\nthree\n`;

/** A branch whose agent has written the file, and `main` that has gone on. */
async function scene(own: string, main: Record<string, string>, ...later: string[]): Promise<DispatchScene> {
  const made = dispatchScene([]);
  made.repo.commit('base', { 'a.ts': code('two'), 'run.log': '0\n' });
  made.repo.git('worktree', 'add', '-q', '--no-track', '-b', 'feat/a', made.at('feat/a'));
  const lines = [`@write a.ts ${own}`, '@append run.log a', '@commit work', ...later];
  const ran = await made.dispatch('feat/a', lines);
  expect(ran.stderr + ran.code).toContain('0');
  made.repo.commit('on main', main);
  return made;
}

const land = async (made: DispatchScene, ...args: string[]) => {
  const ran = await made.wt([...args, '--json']);
  return { code: ran.code, answer: mergesIn(ran)[0], ran };
};
const promptsIn = (made: DispatchScene) =>
  made
    .records()
    .map(({ dispatch }) =>
      readFileSync(join(made.repo.path, '.git/wt/runs', dispatch.dispatch_id ?? '', 'prompt.md'), 'utf8'),
    );
const merging = (made: DispatchScene) =>
  made.repo.gitIn(made.at('feat/a'), 'rev-parse', '--git-path', 'MERGE_HEAD');
const isMerging = (made: DispatchScene) => existsSync(merging(made));

const clash = { 'a.ts': code('main'), 'run.log': '0\nmain\n' };

describe('--dispatch-resolve', () => {
  it('hands the open merge to the session of the worktree, and lands what it commits', async () => {
    const made = await scene(
      'one\\nfeat\\nthree',
      clash,
      '@at 2 write a.ts one\\nboth\\nthree',
      '@at 2 commit Merge it',
    );
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

  it('gives up after its tries with an agent that does nothing, and leaves the merge to a person', async () => {
    const made = await scene('one\\nfeat\\nthree', clash);
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
    const made = await scene('one\\nfeat\\nthree', clash, '@at 2 run git merge --abort');
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
    const made = await scene(
      'one\\nfeat\\nthree',
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

describe('--dispatch-fix', () => {
  const gate = "grep -q mended a.ts || { echo 'a.ts is not mended'; exit 7; }";

  it('hands the end of the output to the session, and judges again until it passes', async () => {
    const made = await scene(
      'one\\nfeat\\nthree',
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

  it('ends where the agent does nothing or its tries are used up, the failure standing, and the others land', async () => {
    const made = await scene(
      'one\\nfeat\\nthree',
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
    expect(mergesIn(ran)).toMatchObject([
      { branch: 'feat/b', status: 'merged', cleaned_up: true },
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
