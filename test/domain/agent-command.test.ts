import { describe, expect, it } from 'vitest';
import { agentArguments, agentEnvironment } from '../../src/domain/agent-command.ts';
import { pushGuard } from '../../src/domain/push-guard.ts';

const plain = {
  sessionId: 'id',
  resume: false,
  tools: ['Read', 'Bash(git log:*)'],
  allowPush: false,
  rest: [],
};

describe("claude's arguments", () => {
  it('name the session, the tools and the format, and never the prompt', () => {
    expect(agentArguments(plain)).toEqual([
      ...['--allowedTools', 'Read,Bash(git log:*)', '--disallowedTools', 'Bash(git push:*)'],
      ...['-p', '--output-format', 'stream-json', '--verbose', '--session-id', 'id'],
    ]);
  });

  it('continue a session instead, pass on what was given, and end with the words of the user', () => {
    const args = agentArguments({
      ...plain,
      resume: true,
      tools: [],
      allowPush: true,
      maxTurns: 3,
      jsonSchema: '{}',
      settings: '/run/settings.json',
      rest: ['--add-dir', 'x'],
    });
    expect(args).toEqual([
      ...['-p', '--output-format', 'stream-json', '--verbose', '--resume', 'id'],
      ...['--max-turns', '3', '--json-schema', '{}'],
      ...['--settings', '/run/settings.json', '--add-dir', 'x'],
    ]);
  });
});

describe("the agent's environment", () => {
  it('has the variables of the worktree under those the user gave, and loses those of another claude', () => {
    const worktree = { JERRY_PROJECT: 'PROJ-001-x', CLAUDE_PROJECT_DIR: '/w', CLAUDECODE: undefined };
    const { env, unset } = agentEnvironment(
      { CLAUDECODE: '1' },
      worktree,
      { JERRY_PROJECT: 'mine', A: '' },
      [],
    );
    expect(env).toEqual({ JERRY_PROJECT: 'mine', CLAUDE_PROJECT_DIR: '/w', A: '' });
    expect(unset).toContain('CLAUDECODE');
    expect(unset).toContain('CLAUDE_CODE_SESSION_ID');
  });

  it.each([
    [undefined, '0', '1'],
    ['2', '2', '3'],
    ['nonsense', '0', '1'],
  ])('appends settings of git to a count of %s', (count, index, after) => {
    const { env } = agentEnvironment({ GIT_CONFIG_COUNT: count }, {}, {}, [{ key: 'a.b', value: 'c' }]);
    expect(env).toEqual({
      GIT_CONFIG_COUNT: after,
      [`GIT_CONFIG_KEY_${index}`]: 'a.b',
      [`GIT_CONFIG_VALUE_${index}`]: 'c',
    });
  });
});

describe('the guard against pushes', () => {
  const key = 'url.wt-push-denied://.pushInsteadOf';

  it('is one setting in a repository like most', () => {
    expect(pushGuard([{ key: 'remote.origin.url', value: 'https://host/x' }])).toEqual([{ key, value: '' }]);
  });

  it('names whole URLs where the user rewrites pushes, since git takes the longest match', () => {
    const settings = [
      { key: 'remote.origin.url', value: 'https://host/x' },
      { key: 'url.git@host:.pushinsteadof', value: 'https://host/' },
    ];
    expect(pushGuard(settings)).toEqual([
      { key, value: '' },
      { key, value: 'https://host/x' },
    ]);
  });

  it('stops an explicit pushurl, but not the fetching from the same place', () => {
    const settings = [
      { key: 'remote.origin.url', value: 'https://host/x' },
      { key: 'remote.origin.pushurl', value: 'git@host:x' },
      { key: 'remote.Same.url', value: 'git@other:x' },
      { key: 'remote.Same.pushurl', value: 'git@other:x' },
    ];
    expect(pushGuard(settings)).toEqual([
      { key, value: '' },
      { key: 'url.wt-push-denied://.insteadOf', value: 'git@host:x' },
      { key: 'remote.origin.receivepack', value: 'wt-push-denied' },
      { key: 'remote.Same.receivepack', value: 'wt-push-denied' },
    ]);
  });
});
