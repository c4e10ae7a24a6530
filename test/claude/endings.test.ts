import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { livenessOf } from '../../src/adapters/processes.ts';
import type { ProcessIdentity } from '../../src/domain/process.ts';
import { runEndings } from '../support/after.ts';
import { until } from '../support/children.ts';
import {
  type Ended,
  type Ending,
  endingsTable,
  isExitCodeRight,
  playEndings,
  type Verdict,
} from '../support/endings.ts';
import { bash, cut, hang, nonsense, refuse, say, type Turn, use } from '../support/model-turn.ts';
import { tell } from '../support/tell.ts';

const complete = (reason: string | null = null, exit = 0): Verdict => ({ status: 'complete', reason, exit });
const failed = (reason: string, exit = 1): Verdict => ({ status: 'failed', reason, exit });

const commit = (name = 'a.txt') => bash(`echo work > ${name} && git add -A && git commit -qm ${name}`);
const dear = { input_tokens: 100, output_tokens: 100_000 };
const schema = '{"type":"object","properties":{"n":{"type":"number"}},"required":["n"]}';
const kill = (identity: ProcessIdentity | null, signal: NodeJS.Signals) =>
  process.kill(identity?.pid ?? Number.NaN, signal);
const gone = (identity: ProcessIdentity | null) =>
  until(() => identity !== null && livenessOf(identity) === 'dead');
const said = (raw: string) => raw.includes('"type":"result"');

/** A subscription's limit as its API tells it; claude gives a `rate_limit_event`. */
const limit = (resets: number): Turn =>
  refuse(429, 'limit', {
    'retry-after': '3600',
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': String(resets),
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
  });
const subscription = { ANTHROPIC_API_KEY: undefined, CLAUDE_CODE_OAUTH_TOKEN: 'dummy-token-for-loopback' };
const farFuture = 4_102_444_800;

const endings: readonly Ending[] = [
  {
    name: 'one commit',
    model: [commit(), say('done')],
    verdict: complete(),
    also: { commits: 1 },
    isDone: true,
  },
  {
    name: 'several commits',
    model: [commit('a'), commit('b'), commit('c'), say('done')],
    verdict: complete(),
    also: { commits: 3 },
    isDone: true,
  },
  {
    name: 'a changed file, no commit',
    model: [bash('echo more >> README.md'), say('done')],
    verdict: complete('dirty'),
    also: { uncommitted_changes: true, commits: 0 },
    isDone: true,
  },
  {
    name: 'an untracked file only',
    model: [use('Write', { file_path: 'new.txt', content: 'x' }), say('done')],
    verdict: complete('dirty'),
    isDone: true,
  },
  {
    name: '--commit of what is left',
    model: [use('Write', { file_path: 'new.txt', content: 'x' }), say('done')],
    flags: ['--commit'],
    verdict: complete(),
    also: { commits: 1, uncommitted_changes: false },
    isDone: true,
  },
  {
    name: 'says it is done, did nothing',
    model: [say('All done!')],
    verdict: complete('no_commits', 1),
    isDone: false,
  },
  {
    name: 'nothing to change, --allow-empty',
    model: [say('it is 42')],
    flags: ['--allow-empty'],
    verdict: complete('no_commits'),
    isDone: true,
  },
  {
    name: 'a denied tool, nothing done',
    model: [bash('touch z'), say('I may not')],
    flags: ['--tools', 'Read'],
    verdict: complete('denied', 1),
    isDone: false,
  },
  {
    name: 'a denied tool beside real work',
    model: [use('WebFetch', { url: 'http://127.0.0.1:1/', prompt: 'x' }), commit(), say('done without it')],
    verdict: complete(),
    warnings: ['permission_denied'],
    isDone: true,
  },
  {
    name: 'a tool that is taken away',
    model: [bash('touch z'), say('there is no such tool')],
    flags: ['--', '--tools', 'Read'],
    verdict: complete('no_commits', 1),
    isDone: false,
  },
  {
    name: 'a push that is denied, after a commit',
    model: [commit(), bash('git push origin HEAD'), say('I tried')],
    verdict: complete(),
    warnings: ['permission_denied'],
    isDone: true,
  },
  { name: 'API error 400', model: [refuse(400)], verdict: failed('api_error'), isDone: false },
  {
    name: 'API error 400 after a commit',
    model: [commit(), refuse(400)],
    verdict: failed('api_error'),
    also: { commits: 1 },
    isDone: false,
  },
  {
    name: 'API error 401, retried until the time is up',
    model: () => refuse(401),
    env: { CLAUDE_CODE_MAX_RETRIES: undefined },
    flags: ['--timeout', '5'],
    verdict: failed('timeout', 124),
    isDone: false,
  },
  {
    name: '429 with a long retry-after',
    model: () => refuse(429, 'limit', { 'retry-after': '3600' }),
    verdict: failed('rate_limited'),
    isDone: false,
  },
  {
    name: "a subscription's limit",
    model: () => limit(farFuture),
    env: subscription,
    verdict: failed('rate_limited'),
    isDone: false,
  },
  { name: '529 that passes', model: [refuse(529), commit(), say('done')], verdict: complete(), isDone: true },
  { name: '500 that does not pass', model: () => refuse(500), verdict: failed('api_error'), isDone: false },
  {
    name: 'an API that cannot be reached',
    model: [],
    before: (_, api) => api.close(),
    verdict: failed('api_error'),
    isDone: false,
  },
  {
    name: 'an API that goes away in mid-answer',
    model: ({ turn }) => (turn === 0 ? commit() : cut('I am about to')),
    verdict: failed('api_error'),
    isDone: false,
  },
  {
    name: 'an API that answers nonsense',
    model: () => nonsense('<html>sign in to the hotel</html>'),
    verdict: failed('api_error'),
    isDone: false,
  },
  {
    name: 'the turn limit',
    model: [bash('true'), bash('true'), say('x')],
    flags: ['--max-turns', '1'],
    verdict: failed('max_turns'),
    isDone: false,
  },
  {
    name: 'the budget',
    model: [use('Bash', { command: 'true' }, dear), say('x')],
    flags: ['--max-budget-usd', '0.5'],
    verdict: failed('budget'),
    isDone: false,
  },
  {
    name: 'structured output, as asked',
    model: [use('StructuredOutput', { n: 3 }), say('x')],
    flags: ['--json-schema', schema, '--allow-empty'],
    verdict: complete('no_commits'),
    also: { structured_output: { n: 3 } },
    isDone: true,
  },
  {
    name: 'structured output of the wrong shape, again and again',
    model: () => use('StructuredOutput', { n: 'three' }),
    flags: ['--json-schema', schema, '--allow-empty'],
    verdict: failed('error'),
    isDone: false,
  },
  {
    name: 'claude is killed (SIGKILL) at work',
    model: [commit(), bash('sleep 4701'), say('x')],
    during: async ({ inTool }) => kill((await inTool('4701')).claude, 'SIGKILL'),
    verdict: failed('error'),
    also: { commits: 1, signal: 'SIGKILL' },
    isDone: false,
  },
  {
    name: 'claude is terminated (SIGTERM) at work',
    model: [commit(), bash('sleep 4702'), say('x')],
    during: async ({ inTool }) => kill((await inTool('4702')).claude, 'SIGTERM'),
    verdict: failed('error'),
    isDone: false,
  },
  {
    name: 'claude is interrupted (SIGINT) while it thinks',
    model: [hang],
    during: async ({ api, running }) => {
      await until(() => api.requests.length > 0);
      kill((await running()).claude, 'SIGINT');
    },
    verdict: failed('error'),
    isDone: false,
  },
  {
    name: '--timeout in a tool',
    model: [commit(), bash('sleep 4703'), say('x')],
    flags: ['--timeout', '6'],
    verdict: failed('timeout', 124),
    isDone: false,
  },
  {
    name: '--stall while it thinks',
    model: [hang],
    flags: ['--stall', '3'],
    verdict: failed('stalled'),
    isDone: false,
  },
  {
    name: 'wt cancel',
    model: [commit(), bash('sleep 4704'), say('x')],
    during: async ({ inTool, scene }) => {
      await inTool('4704');
      await scene.wt(['cancel', 'feat/a']);
    },
    verdict: failed('cancelled'),
    also: { commits: 1 },
    isDone: false,
  },
  {
    name: 'Ctrl-C',
    model: [bash('sleep 4705'), say('x')],
    during: async ({ inTool, wt }) => {
      await inTool('4705');
      wt.child.kill('SIGINT');
    },
    verdict: failed('cancelled', 130),
    isDone: false,
  },
  {
    name: 'a result, then a background task that hangs',
    model: [commit(), bash('sleep 4706', { run_in_background: true }), say('done')],
    verdict: complete(),
    isDone: true,
  },
  {
    name: 'a result, then a crash',
    model: [commit(), bash('sleep 4707', { run_in_background: true }), say('done')],
    during: async ({ running, scene }) => {
      const { claude, dispatch } = await running();
      await until(async () => said((await scene.wt(['logs', dispatch.dispatch_id ?? '', '--raw'])).stdout));
      kill(claude, 'SIGKILL');
    },
    verdict: complete(),
    also: { signal: 'SIGKILL' },
    warnings: ['exit_code'],
    isDone: true,
  },
  {
    name: 'the supervisor is killed, claude goes on',
    model: [bash('sleep 2.5'), commit(), say('done')],
    during: async ({ inTool, wt }) => {
      const { supervisor } = await inTool('2.5');
      wt.child.kill('SIGKILL');
      kill(supervisor, 'SIGKILL');
      await gone(supervisor);
    },
    verdict: { ...complete(), exit: null },
    also: { commits: 1 },
    isDone: true,
  },
  {
    name: 'supervisor and claude are killed',
    model: [commit(), bash('sleep 4708'), say('x')],
    during: async ({ inTool, wt }) => {
      const { supervisor, claude } = await inTool('4708');
      wt.child.kill('SIGKILL');
      for (const identity of [supervisor, claude]) kill(identity, 'SIGKILL');
      await Promise.all([gone(supervisor), gone(claude)]);
    },
    verdict: { ...failed('lost'), exit: null },
    also: { commits: 1 },
    isDone: false,
  },
  {
    name: 'it leaves daemons',
    model: [commit(), bash('sleep 4709 & (cd / && setsid sleep 4709 &) ; true'), say('done')],
    verdict: complete(),
    warnings: ['processes_ended'],
    isDone: true,
  },
  {
    name: 'it rewrites history',
    model: [
      bash('git commit -q --amend -m mine && echo x > a && git add a && git commit -qm a'),
      say('done'),
    ],
    verdict: complete(),
    also: { commits: 2 },
    warnings: ['history_rewritten'],
    isDone: true,
  },
  {
    name: 'it changes the branch',
    model: [bash('git switch -qc elsewhere'), commit(), say('done')],
    verdict: complete(),
    warnings: ['branch_changed'],
    isDone: true,
  },
  {
    name: 'its worktree is removed under it',
    model: [bash('sleep 1'), say('done')],
    during: async ({ inTool, scene }) => {
      await inTool('1');
      rmSync(scene.at('feat/a'), { recursive: true, force: true });
    },
    verdict: failed('error'),
    warnings: ['worktree_unreadable'],
    isDone: false,
  },
  {
    name: 'it deletes its own branch',
    model: [commit(), bash('git update-ref -d refs/heads/feat/a'), say('done')],
    verdict: failed('error'),
    isDone: false,
  },
  {
    name: '--until passes at the second attempt',
    model: (request) => (request.turn === 0 ? commit(`n${request.messages.length}`) : say('done')),
    flags: ['--until', 'test "$(git rev-list --count main..)" -ge 2', '--attempts', '3'],
    verdict: complete(),
    also: { commits: 2 },
    isDone: true,
  },
  {
    name: '--until never passes',
    model: (request) => (request.turn === 0 ? commit(`n${request.messages.length}`) : say('done')),
    flags: ['--until', 'false', '--attempts', '2'],
    verdict: failed('error'),
    also: { commits: 2 },
    isDone: false,
  },
  {
    name: '--retries after API errors',
    model: (() => {
      let asked = 0;
      return ({ turn }) => {
        asked += 1;
        return asked <= 2 ? refuse(500) : turn === 0 ? commit() : say('done');
      };
    })(),
    flags: ['--retries', '2'],
    verdict: complete(),
    isDone: true,
  },
  {
    name: '--wait-for-limit',
    model: (() => {
      let resets: number | undefined;
      return ({ turn }) => {
        resets ??= Math.floor(Date.now() / 1000) + 3;
        return Date.now() / 1000 < resets ? limit(resets) : turn === 0 ? commit() : say('done');
      };
    })(),
    env: subscription,
    flags: ['--wait-for-limit'],
    verdict: complete(),
    isDone: true,
  },
  {
    name: '--resume of a finished session',
    model: ({ messages, turn }) => (turn === 0 ? commit(`n${messages.length}`) : say('done')),
    before: (scene) => scene.dispatch('feat/a', ['begin']),
    flags: ['--resume'],
    verdict: complete(),
    also: { commits: 1 },
    isDone: true,
  },
  {
    name: 'an argument that claude does not know',
    model: [],
    flags: ['--', '--nope'],
    verdict: failed('error'),
    isDone: false,
  },
  {
    name: 'no claude',
    model: [],
    before: ({ repo }) =>
      writeFileSync(join(repo.home, '.config', 'wt', 'config.yaml'), 'tools:\n  claude: /no/such/claude\n'),
    verdict: { status: null, reason: 'claude_not_found', exit: 7 },
    isDone: false,
  },
];

describe('endings of the real claude', () => {
  let ended: readonly Ended[] = [];

  beforeAll(async () => {
    ended = await playEndings(endings, 3);
  }, 300_000);
  afterAll(() => runEndings('test'));

  it.each(endings.map((ending, at) => [at + 1, ending.name, ending] as const))(
    '%i: %s',
    (number, _, { verdict, also = {}, warnings = [] }) => {
      const { fault, left, answer, ...end } = ended[number - 1] as Ended;
      expect(fault).toBeUndefined();
      expect({ ...end.verdict, left }, JSON.stringify(answer?.error)).toEqual({ ...verdict, left: [] });
      if (answer !== undefined) expect(answer).toMatchObject(also);
      expect(answer?.warnings.map(({ code }) => code) ?? []).toEqual(expect.arrayContaining([...warnings]));
    },
  );

  it('are told apart by evidence, where the exit code alone is wrong about many', () => {
    const wrong = endings.filter((ending, at) => !isExitCodeRight(ending, ended[at] as Ended)).length;
    tell(
      `${endingsTable(endings, ended)}\n\n${endings.length} endings; ` +
        `claude's exit code alone is wrong or silent about ${wrong}\n` +
        `seconds: ${ended.map(({ seconds }) => seconds.toFixed(1)).join(' ')}`,
    );
    expect(wrong).toBeGreaterThan(5);
  });
});
