import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { claudeEnv, realClaude } from '../support/claude-env.ts';
import { fakeClaude } from '../support/fake-claude.ts';
import { type Headless, type StreamEvent, startHeadless } from '../support/headless.ts';
import { type Script, serveMessages } from '../support/messages-api.ts';
import { bash, call, hang, refuse, say, turn, use } from '../support/model-turn.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { streamShape } from '../support/stream-shape.ts';

type Scene = {
  /** What the scripted model does under the real binary. */
  readonly model: Script;
  /** The prompt that makes the scripted agent do the same. */
  readonly prompt: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
};

type End = { readonly code: number | null; readonly stderr: string; readonly events: readonly StreamEvent[] };

const every = ['--allowedTools', 'Read,Write,Edit,Bash'];
const schema = '{"type":"object","properties":{"n":{"type":"number"}},"required":["n"]}';
const dear = { input_tokens: 100, output_tokens: 100_000 };

function stage(): { real: TestRepo; fake: TestRepo; agent: string } {
  const [real, fake] = [makeRepo(), makeRepo()];
  for (const repo of [real, fake]) {
    repo.git('config', 'user.name', 'Ada');
    repo.git('config', 'user.email', 'ada@example.com');
  }
  return { real, fake, agent: fakeClaude(join(fake.root, 'bin')) };
}

const ended = async ({ events, ended: end }: Headless): Promise<End> => {
  const { code, stderr } = await end;
  return { code, stderr, events };
};

/** Plays a scene through the real binary and the scripted agent, each in a repository of its own. */
async function playBoth({ model, prompt, args = every, env = {} }: Scene): Promise<{ real: End; fake: End }> {
  const { real, fake, agent } = stage();
  const api = await serveMessages(model);
  const start = (claude: string, repo: TestRepo) =>
    startHeadless(claude, { cwd: repo.path, env: claudeEnv(repo.home, api.url, env), prompt, args });
  const [ofReal, ofFake] = await Promise.all([ended(start(realClaude(), real)), ended(start(agent, fake))]);
  return { real: ofReal, fake: ofFake };
}

const scenes: Readonly<Record<string, Scene>> = {
  'a text': { model: [say('hello')], prompt: '@say hello' },
  'a file written and committed': {
    model: [
      use('Write', { file_path: 'a.txt', content: 'hello\n' }),
      bash('git add -A && git commit -m work'),
      say('done'),
    ],
    prompt: '@write a.txt hello\n@commit work\n@say done',
  },
  'a text before a command that fails': {
    model: [
      turn([
        { type: 'text', text: 'I try.' },
        call('Bash', { command: 'echo no >&2; exit 3', description: 'it fails' }),
      ]),
      say('It failed.'),
    ],
    prompt: '@say I try.\n@run echo no >&2; exit 3\n@say It failed.',
  },
  'a tool that nobody allowed': {
    model: [
      use('Write', { file_path: 'a.txt', content: 'hello\n' }),
      bash('touch a.txt'),
      say('I could not.'),
    ],
    prompt: '@write a.txt hello\n@run touch a.txt\n@say I could not.',
    args: ['--allowedTools', 'Read'],
  },
  'a push that a rule denies': {
    model: [bash('git push origin main'), say('I could not.')],
    prompt: '@run git push origin main\n@say I could not.',
    args: [...every, '--disallowedTools', 'Bash(git push:*)'],
  },
  'a push that gets past the rule': {
    model: [bash('git -C . push origin main'), say('No such remote.')],
    prompt: '@run git -C . push origin main\n@say No such remote.',
    args: [...every, '--disallowedTools', 'Bash(git push:*)'],
  },
  'a tool that is taken away': {
    model: [bash('touch a.txt'), say('I could not.')],
    prompt: '@run touch a.txt\n@say I could not.',
    args: ['--allowedTools', 'Write', '--disallowedTools', 'Bash'],
  },
  'edits that are accepted': {
    model: [
      use('Write', { file_path: 'a.txt', content: 'hello\n' }),
      bash('git commit --allow-empty -m x'),
      say('x'),
    ],
    prompt: '@write a.txt hello\n@run git commit --allow-empty -m x\n@say x',
    args: ['--permission-mode', 'acceptEdits'],
  },
  'an API error': { model: [refuse(400)], prompt: '@api-error 400' },
  'an API error after some work': {
    model: [bash('echo one'), refuse(400)],
    prompt: '@run echo one\n@api-error 400',
  },
  'an overload that passes': { model: [refuse(529), say('hello')], prompt: '@retry 529\n@say hello' },
  "a subscription's limit": {
    model: [
      refuse(429, 'limit', {
        'retry-after': '3600',
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': '4102444800',
        'anthropic-ratelimit-unified-representative-claim': 'five_hour',
      }),
    ],
    prompt: '@rate-limit 4102444800',
    env: { ANTHROPIC_API_KEY: undefined, CLAUDE_CODE_OAUTH_TOKEN: 'dummy-token-for-loopback' },
  },
  'the turn limit': {
    model: [bash('echo one'), bash('echo two'), bash('echo three')],
    prompt: '@run echo one\n@run echo two\n@run echo three',
    args: [...every, '--max-turns', '2'],
  },
  'the budget': {
    model: [use('Bash', { command: 'echo one', description: 'dear' }, dear)],
    prompt: '@cost 2.5\n@run echo one',
    args: [...every, '--max-budget-usd', '0.5'],
  },
  'the budget, with the last text': {
    model: [say('done', dear)],
    prompt: '@cost 2.5\n@say done',
    args: [...every, '--max-budget-usd', '0.5'],
  },
  'structured output': {
    model: [use('StructuredOutput', { n: 3 })],
    prompt: '@structured {"n":3}',
    args: [...every, '--json-schema', schema],
  },
  'a session id': {
    model: [say('hello')],
    prompt: '@say hello',
    args: [...every, '--session-id', '0b6d8a3c-56f0-4b86-a7d6-7d2b0c3f3a11'],
  },
  'an unknown flag': { model: [], prompt: '@say hello', args: ['--nope'] },
  'a session id that is no uuid': { model: [], prompt: '@say hello', args: ['--session-id', 'nope'] },
  'a session id for a session that is resumed': {
    model: [],
    prompt: '@say hello',
    args: ['--session-id', randomUUID(), '--resume', randomUUID()],
  },
  'a session that does not exist': {
    model: [],
    prompt: '@say hello',
    args: ['--resume', '5a3c36a0-31a5-4bb0-8f44-2d8d3c2f1b4e'],
  },
  'an empty prompt': { model: [], prompt: '' },
};

describe('the scripted agent and the real claude', () => {
  it.each(Object.entries(scenes))('give the same stream and exit code for %s', async (_, scene) => {
    const { real, fake } = await playBoth(scene);
    expect(streamShape(fake.events)).toEqual(streamShape(real.events));
    expect({ code: fake.code, stderr: firstLine(fake) }).toEqual({
      code: real.code,
      stderr: firstLine(real),
    });
  });

  it('refuse a session id twice, resume it in its directory, and do not know it elsewhere', async () => {
    const { real, fake, agent } = stage();
    const api = await serveMessages(() => say('hello'));
    const id = randomUUID();
    const steps = [
      ['--session-id', id, 'path'],
      ['--session-id', id, 'path'],
      ['--resume', id, 'path'],
      ['--resume', id, 'root'],
    ] as const;
    const play = async (claude: string, repo: TestRepo) => {
      const seen: unknown[] = [];
      for (const [flag, session, where] of steps) {
        const options = { cwd: repo[where], env: claudeEnv(repo.home, api.url), prompt: '@say hello' };
        const end = await ended(startHeadless(claude, { ...options, args: [...every, flag, session] }));
        seen.push({ code: end.code, stderr: firstLine(end), shape: streamShape(end.events) });
      }
      return seen;
    };
    const [ofReal, ofFake] = await Promise.all([play(realClaude(), real), play(agent, fake)]);
    expect(ofFake).toEqual(ofReal);
    expect(ofReal).toMatchObject([{ code: 0 }, { code: 1 }, { code: 0 }, { code: 1 }]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 0],
    ['SIGHUP', 129],
  ] as const)('end without success on %s while the model thinks, with %i', async (signal, code) => {
    const { real, fake, agent } = stage();
    const api = await serveMessages(() => hang);
    const options = (repo: TestRepo) => ({
      cwd: repo.path,
      env: claudeEnv(repo.home, api.url),
      prompt: '@hang',
    });
    const sessions = [startHeadless(realClaude(), options(real)), startHeadless(agent, options(fake))];
    await vi.waitFor(() => expect(api.requests).toHaveLength(1), 20_000);
    await vi.waitFor(() => expect(sessions[1]?.events).toHaveLength(1), 20_000);
    for (const session of sessions) session.signal(signal);
    for (const session of sessions) {
      expect(await session.ended).toMatchObject({ code, signal: null, stderr: '' });
      // After a SIGINT the real one now and then says that it was interrupted.
      const successes = session.events.filter((event) =>
        JSON.stringify(event).includes('"subtype":"success"'),
      );
      expect(successes).toEqual([]);
    }
  });

  it('leave a running command behind on SIGTERM, in a session and process group of its own', async () => {
    const { real, fake, agent } = stage();
    const command =
      'ps -o pid=,pgid=,sid= -p $$ >ps; mv ps seen; for i in $(seq 400); do [ -e go ] && break; sleep 0.05; done; touch went-on';
    const api = await serveMessages(() => bash(command));
    const play = async (claude: string, repo: TestRepo) => {
      const env = claudeEnv(repo.home, api.url);
      const session = startHeadless(claude, { cwd: repo.path, env, prompt: `@run ${command}`, args: every });
      const seen = await vi.waitFor(
        () => readFileSync(join(repo.path, 'seen'), 'utf8').match(/\d+/g),
        20_000,
      );
      session.signal('SIGTERM');
      const { code } = await session.ended;
      repo.write('go', '');
      await vi.waitFor(() => readFileSync(join(repo.path, 'went-on')), 20_000);
      return { code, sessions: new Set(seen).size };
    };
    const ends = await Promise.all([play(realClaude(), real), play(agent, fake)]);
    expect(ends).toEqual([
      { code: 143, sessions: 1 },
      { code: 143, sessions: 1 },
    ]);
  });

  it('may speak on after the result', async () => {
    const { real, fake } = await playBoth({
      model: [
        use('Bash', { command: 'sleep 60', description: 'a task', run_in_background: true }),
        say('done'),
      ],
      prompt: '@run true\n@say done\n@linger 10',
    });
    for (const { code, events } of [real, fake]) {
      expect(code).toBe(0);
      const after = events.slice(events.findIndex(({ type }) => type === 'result') + 1);
      expect(after.map(({ type, subtype }) => `${type}/${subtype}`)).toEqual([
        'system/task_updated',
        'system/task_notification',
      ]);
    }
  });
});

const firstLine = ({ stderr }: End) => stderr.split('\n')[0];
