import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { dispatchesIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';

type Expected = { readonly verdict: string } & Readonly<Record<string, unknown>>;

const cases: Readonly<Record<string, readonly [readonly string[], Expected]>> = {
  work: [
    ['@write a.txt one', '@commit first', '@write a.txt two', '@commit second', '@say done'],
    { verdict: 'complete null', commits: 2, result: 'done', uncommitted_changes: false },
  ],
  nothing: [['@say I looked around'], { verdict: 'complete no_commits', commits: 0 }],
  dirty: [['@write a.txt one'], { verdict: 'complete dirty', commits: 0, uncommitted_changes: true }],
  denied: [['@deny Write', '@say I was not allowed to'], { verdict: 'complete denied', warnings: [] }],
  'denied-beside-work': [
    ['@deny Write', '@write a.txt one', '@commit work'],
    {
      verdict: 'complete null',
      warnings: [{ code: 'permission_denied', message: 'the agent was denied Write(denied.txt)' }],
    },
  ],
  'api-error': [
    ['@write a.txt one', '@commit work', '@api-error 400'],
    { verdict: 'failed api_error', commits: 1, exit_code: 1 },
  ],
  'rate-limit': [['@rate-limit 1795209249'], { verdict: 'failed rate_limited' }],
  'max-turns': [['@max-turns'], { verdict: 'failed max_turns', result: null }],
  budget: [['@budget'], { verdict: 'failed budget', total_cost_usd: 2.5 }],
  garbage: [
    ['@garbage', '@say said', '@half-line', '@no-result'],
    {
      verdict: 'failed error',
      exit_code: 0,
      error: { message: expect.stringContaining('without a result: no JSON') },
    },
  ],
  'bad-exit': [
    ['@stderr something broke', '@exit 7'],
    { verdict: 'failed error', exit_code: 7, error: { message: expect.stringContaining('something broke') } },
  ],
  'deaf-stdin': [['@stdin-early-close', 'x'.repeat(100_000)], { verdict: 'failed error' }],
  'closed-stdout': [['@close-stdout', '@say unheard'], { verdict: 'failed error' }],
};

describe('dispatch', () => {
  it('judges each run by what it left', async () => {
    const branches = Object.keys(cases);
    const scene = dispatchScene(branches);
    const prompts = Object.fromEntries(Object.entries(cases).map(([branch, [lines]]) => [branch, lines]));
    const { ran, answers } = await scene.dispatchAll(prompts);
    expect(ran.code).toBe(1);
    for (const [at, [branch, [, { verdict, ...expected }]]] of Object.entries(cases).entries()) {
      const answer = answers[at];
      expect.soft(`${answer?.branch} ${answer?.status} ${answer?.reason}`).toBe(`${branch} ${verdict}`);
      expect.soft(answer, branch).toMatchObject({ worktree_path: scene.at(branch), leaks: [], ...expected });
      expect.soft(answer?.error === null, branch).toBe(answer?.status === 'complete');
    }
    const ids = answers.map(({ dispatch_id }) => dispatch_id);
    expect(new Set(ids).size).toBe(branches.length);
    await expectNothingLeft(scene);

    const listed = await scene.wt(['runs', '--json']);
    expect(listed.code).toBe(0);
    const runs = dispatchesIn(listed);
    expect(runs.map(({ dispatch_id }) => dispatch_id)).toEqual([...ids].sort().reverse());
    expect(runs.find(({ branch }) => branch === 'work')).toEqual(answers[0]);
    expect((await scene.wt(['wait', 'work', 'dirty'])).code).toBe(0);
    expect((await scene.wt(['wait', 'work', 'nothing'])).code).toBe(1);
  });

  it('ends with 1 when nothing was done, unless that is allowed', async () => {
    const scene = dispatchScene();
    expect((await scene.dispatch('feat/a', ['@say nothing'])).code).toBe(1);
    expect((await scene.dispatch('feat/a', ['@deny Write'], '--allow-empty')).code).toBe(0);
  });

  it('refuses what it cannot do before any effect', async () => {
    const scene = dispatchScene();
    const refused: readonly (readonly [readonly string[], string, number])[] = [
      [['-p', ' \n'], 'prompt_required', 2],
      [['-p', 'a', '--prompt-file', 'b'], 'usage', 2],
      [['--prompt-file', 'missing.md'], 'file_not_found', 5],
      [['-p', 'a', '--json-schema', '{'], 'usage', 2],
      [['-p', 'a', '--resume'], 'dispatch_not_found', 5],
      [['-p', 'a', '--output-format', 'text'], 'usage', 2],
    ];
    const ran = await Promise.all(
      refused.map(([flags]) => scene.wt(['dispatch', 'feat/a', ...flags, '--json'])),
    );
    for (const [at, [flags, code, exit]] of refused.entries()) {
      expect.soft(ran[at]?.json(), flags.join(' ')).toMatchObject({ error: { code } });
      expect.soft(ran[at]?.code, flags.join(' ')).toBe(exit);
    }
    expect(scene.records()).toEqual([]);
  });

  it('says that claude is missing before it makes anything', async () => {
    const scene = dispatchScene();
    writeFileSync(
      join(scene.repo.home, '.config', 'wt', 'config.yaml'),
      'tools:\n  claude: no-such-claude\n',
    );
    const ran = await scene.dispatch('feat/a', ['@say x'], '--json');
    expect(ran.json()).toMatchObject({ error: { code: 'claude_not_found' } });
    expect(ran.code).toBe(7);
    expect(scene.records()).toEqual([]);
  });

  it('answers people with what the agent said and a line about the run', async () => {
    const scene = dispatchScene();
    const ran = await scene.dispatch('feat/a', ['@write a.txt one', '@commit work', '@say All done.']);
    expect(ran.stdout).toMatch(
      /^All done\.\n\ndispatch-\d{8}-001 complete: 1 commit, 3 turns, \$0\.\d+, \d+s\n$/,
    );
    expect(ran.stderr).toMatch(/^feat\/a is|^dispatch-\d{8}-001 runs in .*feat\/a \(claude \d+\)/);
    const logs = await scene.wt(['log', 'feat/a']);
    expect(logs.stdout).toMatch(
      /> Write a\.txt\n[\s\S]*> Bash git add -A[\s\S]*\nAll done\.\n[\s\S]*complete: 1 commit/,
    );
    const raw = await scene.wt(['logs', 'feat/a', '--raw']);
    expect(raw.stdout).toBe(readFileSync(scene.records()[0]?.dispatch.log_path ?? '', 'utf8'));
  });

  it("streams claude's events as they are, and ends with the answer", async () => {
    const scene = dispatchScene();
    const ran = await scene.dispatch(
      'feat/a',
      ['@garbage', '@write a.txt one'],
      '--output-format',
      'stream-json',
    );
    const lines = ran.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, -1).map(({ type }) => type)).toEqual([
      'system',
      'assistant',
      'user',
      'assistant',
      'result',
    ]);
    expect(DispatchAnswer.parse(lines.at(-1))).toMatchObject({ status: 'complete', reason: 'dirty' });
  });

  it('runs several, so many at once, and answers in their order', async () => {
    const branches = ['one', 'two', 'three'];
    const scene = dispatchScene(branches);
    writeFileSync(join(scene.at('two'), 'stays.txt'), 'from before');
    const prompt = '@run sleep 0.3; date +%s%N > when.txt; git add when.txt; git commit -qm work';
    const ran = await scene.wt(['dispatch', ...branches, '-p', prompt, '--max', '1', '--json']);
    const answers = DispatchAnswer.array().parse(ran.json());
    expect(answers.map(({ branch, commits, uncommitted_changes: left }) => [branch, commits, left])).toEqual([
      ['one', 1, false],
      ['two', 1, true],
      ['three', 1, false],
    ]);
    for (const [at, { started_at }] of answers.entries()) {
      const before = answers[at - 1]?.finished_at ?? '';
      expect((started_at ?? '') >= before).toBe(true);
    }
    expect(ran.code).toBe(0);
    const tooMany = await scene.wt(['dispatch', '-a', '-p', '@say x', '--max', '2', '--async', '--json']);
    expect(tooMany.json()).toMatchObject({ error: { code: 'usage' } });
  });
});
