import { describe, expect, it } from 'vitest';
import { claudeIn, describeSession, kindOf } from '../../src/domain/session.ts';

describe('a command line', () => {
  it.each<[string, string | undefined]>([
    ['claude', 'interactive'],
    ['/opt/claude-code/claude --session-id 929a7588 please go on', 'interactive'],
    ['claude -p', 'headless'],
    ['/usr/bin/node /usr/bin/claude --print --output-format stream-json', 'headless'],
    ['node /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js --continue', 'interactive'],
    ['/bin/bash /home/ada/bin/claude', 'interactive'],
    // One that waits for work becomes a session where it is given some (2.1.197).
    ['/opt/claude --bg-spare /tmp/cc-daemon-0/spare/1.claim.sock', 'interactive'],
    ['/opt/claude --bg-pty-host /tmp/1.sock 200 50 -- /opt/claude', undefined],
    ['/opt/claude daemon run --origin transient', undefined],
    ['claude agents --json', undefined],
    ['claude --version', undefined],
    ['/usr/bin/vim /home/ada/claude', undefined],
    ['claude-monitor', undefined],
    ['node server.js claude', undefined],
    ['', undefined],
  ])('%s is that of a session: %s', (line, kind) => {
    expect(claudeIn(line.split(' '))?.kind).toBe(kind);
  });
});

describe('what claude keeps about a session', () => {
  it.each([
    [{ kind: 'interactive', entrypoint: 'cli' }, 'interactive'],
    [{ kind: 'interactive', entrypoint: 'sdk-cli' }, 'headless'],
    [{ kind: 'bg', entrypoint: 'cli' }, 'background'],
    [{}, 'interactive'],
  ])('%j tells its kind', (entry, kind) => {
    expect(kindOf({ pid: 1, cwd: '/', ...entry })).toBe(kind);
  });
});

it('is told in a line', () => {
  const session = {
    pid: 4711,
    kind: 'interactive',
    session_id: null,
    name: null,
    cwd: '/',
    source: 'process',
  } as const;
  expect(describeSession(session)).toBe('a session of claude (interactive, pid 4711)');
  const named = { ...session, pid: null, kind: 'background', name: 'fix it', session_id: '929a' } as const;
  expect(describeSession(named)).toBe("claude's session fix it (background, 929a)");
});
