import { describe, expect, it } from 'vitest';
import { claudeEnv, realClaude } from '../support/claude-env.ts';
import { type DispatchScene, dispatchIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';
import { type MessagesApi, type Script, serveMessages } from '../support/messages-api.ts';
import { bash, refuse, say, use } from '../support/model-turn.ts';

async function realScene(
  script: Script,
  env: NodeJS.ProcessEnv = {},
): Promise<{ scene: DispatchScene; api: MessagesApi }> {
  const api = await serveMessages(script);
  const scene = dispatchScene(['feat/a'], (repo) => claudeEnv(repo.home, api.url, env), realClaude());
  return { scene, api };
}

const work = [
  use('Write', { file_path: 'a.txt', content: 'hello\n' }),
  bash('git add -A && git commit -qm work'),
  say('all done'),
];
const subscription = { ANTHROPIC_API_KEY: undefined, CLAUDE_CODE_OAUTH_TOKEN: 'dummy-token-for-loopback' };

describe('a dispatch of the real claude that takes several attempts', () => {
  it('goes on in its session when the limit of its subscription is over', async () => {
    const resetsAt = () => String(Math.ceil(Date.now() / 1000) + 2);
    let refused = 0;
    const { scene, api } = await realScene((request) => {
      if (refused === 0 && request.turn === 1) {
        refused += 1;
        return refuse(429, 'limit', {
          'retry-after': '3600',
          'anthropic-ratelimit-unified-status': 'rejected',
          'anthropic-ratelimit-unified-reset': resetsAt(),
          'anthropic-ratelimit-unified-representative-claim': 'five_hour',
        });
      }
      return request.turn === 0 ? bash('echo begun > b.txt') : (work[api.requests.length - 3] ?? say('x'));
    }, subscription);
    const flags = ['--wait-for-limit', '--json'];
    const answer = dispatchIn(await scene.dispatch('feat/a', ['please work'], ...flags));
    expect(answer).toMatchObject({
      ...{ status: 'complete', reason: null, commits: 1, result: 'all done', resets_at: null },
      attempts: [
        { cause: 'dispatch', reason: 'rate_limited', num_turns: 2 },
        { cause: 'limit', reason: null, session_id: answer.session_id },
      ],
    });
    const [first, second] = answer.attempts;
    expect(answer.num_turns).toBe((first?.num_turns ?? 0) + (second?.num_turns ?? 0));
    expect(JSON.stringify(api.requests.at(-1)?.messages)).toContain('please work');
    expect(JSON.stringify(api.requests.at(-1)?.messages)).toContain('begun > b.txt');
    await expectNothingLeft(scene);
  });

  it('goes on in its session after an API error, and counts what each process cost', async () => {
    const answers = [bash('echo begun'), refuse(529), ...work];
    const { scene, api } = await realScene(answers, { CLAUDE_CODE_MAX_RETRIES: '0' });
    const answer = dispatchIn(await scene.dispatch('feat/a', ['please work'], '--retries', '1', '--json'));
    expect(answer).toMatchObject({
      ...{ status: 'complete', reason: null, commits: 1 },
      attempts: [
        { cause: 'dispatch', reason: 'api_error' },
        { cause: 'retry', reason: null, session_id: answer.session_id },
      ],
    });
    const costs = answer.attempts.map(({ total_cost_usd }) => total_cost_usd ?? 0);
    // Per process, not per session: three answers cost more than the one before them.
    expect(costs[1] ?? 0).toBeCloseTo(3 * (costs[0] ?? 0), 6);
    expect(answer.total_cost_usd).toBeCloseTo((costs[0] ?? 0) + (costs[1] ?? 0), 6);
    expect(JSON.stringify(api.requests.at(-1)?.messages)).toContain('please work');
  });

  it('is told what its check says, until that passes', async () => {
    const { scene, api } = await realScene([say('it is done'), ...work]);
    const flags = ['--until', 'test -e a.txt || { echo there is no a.txt; exit 7; }', '--attempts', '2'];
    const answer = dispatchIn(await scene.dispatch('feat/a', ['please work'], ...flags, '--json'));
    expect(answer).toMatchObject({
      ...{ status: 'complete', reason: null, commits: 1, result: 'all done' },
      attempts: [
        { cause: 'dispatch', check: { exit_code: 7, output: 'there is no a.txt\n' } },
        { cause: 'check', check: { exit_code: 0 } },
      ],
    });
    expect(api.requests[1]?.prompt).toContain('there is no a.txt');
    expect(api.requests[1]?.session).toBe(answer.session_id);
  });
});
