import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { fakeClaude } from '../support/fake-claude.ts';
import { type Headless, startHeadless } from '../support/headless.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const every = ['--allowedTools', 'Read,Write,Edit,Bash'];

function stage(): {
  repo: TestRepo;
  start: (prompt: string, args?: readonly string[], cwd?: string) => Headless;
} {
  const repo = makeRepo();
  const claude = fakeClaude(join(repo.root, 'bin'));
  const start = (prompt: string, args: readonly string[] = every, cwd = repo.path) =>
    startHeadless(claude, { cwd, env: repo.env, prompt, args });
  return { repo, start };
}

async function play(prompt: string, args?: readonly string[]) {
  const { repo, start } = stage();
  const session = start(prompt, args);
  const end = await session.ended;
  const result = session.events.find(({ type }) => type === 'result');
  return { repo, ...end, events: session.events, result };
}

/** The pid that a command wrote, once it is whole. */
const pidIn = (repo: TestRepo, file: string) =>
  vi.waitFor(() => {
    const pid = Number(readFileSync(join(repo.path, file), 'utf8').trimEnd());
    expect(pid).toBeGreaterThan(1);
    return pid;
  }, 10_000);

/** Whether it runs; a zombie that nobody reaps does not. */
const isAlive = (pid: number) => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
};

describe('the scripted agent', () => {
  it('writes, appends, commits, and gives its last text as the result', async () => {
    const { repo, code, result, events } = await play(
      "Some talk.\n@write docs/a.md one\\ntwo\n@append docs/a.md it's three\n@commit Add a\n@say All done",
    );
    expect(code).toBe(0);
    expect(result).toMatchObject({ subtype: 'success', is_error: false, result: 'All done', num_turns: 4 });
    expect(readFileSync(join(repo.path, 'docs/a.md'), 'utf8')).toBe("one\ntwo\nit's three\n");
    expect(repo.git('log', '-1', '--format=%s')).toBe('Add a');
    expect(repo.git('status', '--porcelain')).toBe('');
    expect(events[0]).toMatchObject({ type: 'system', subtype: 'init', cwd: repo.path });
  });

  it('says Done. where the prompt asks for nothing', async () => {
    expect((await play('Please do something.')).result).toMatchObject({ result: 'Done.', num_turns: 1 });
  });

  it('gives its children the environment, so that a push denied there is denied', async () => {
    const { repo, start } = stage();
    repo.git('init', '-q', '--bare', '../remote.git');
    repo.git('remote', 'add', 'origin', '../remote.git');
    Object.assign(repo.env, {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'url.wt-push-denied://.pushInsteadOf',
      GIT_CONFIG_VALUE_0: '',
    });
    await start('@run git -C . push origin main; git fetch origin && echo fetched >fetched').ended;
    expect(repo.git('ls-remote', '../remote.git')).toBe('');
    expect(existsSync(join(repo.path, 'fetched'))).toBe(true);
  });

  it.each([
    ['@deny Bash', every, 'Bash'],
    ['@run git push origin main', [...every, '--disallowedTools', 'Bash(git push:*)'], 'Bash'],
    ['@write a.txt a', ['--allowedTools', 'Read,Bash(git commit:*)'], 'Write'],
  ])('records the denial of %s with %j, and exits with 0', async (prompt, args, tool) => {
    const { code, result, repo } = await play(prompt, args);
    expect(code).toBe(0);
    expect(result).toMatchObject({ is_error: false, permission_denials: [{ tool_name: tool }] });
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  it.each([
    ['@api-error 400', [], { subtype: 'success', is_error: true, api_error_status: 400 }],
    ['@rate-limit 1900000000', [], { is_error: true, api_error_status: 429 }],
    ['@max-turns', [], { subtype: 'error_max_turns', is_error: true }],
    ['@run true\n@run true', ['--max-turns', '1'], { subtype: 'error_max_turns', num_turns: 2 }],
    ['@budget', [], { subtype: 'error_max_budget_usd', is_error: true }],
    ['@say x', ['--max-budget-usd', '0.0001'], { subtype: 'error_max_budget_usd', num_turns: 1 }],
  ])('ends %s %j with exit 1 and %j', async (prompt, args, expected) => {
    const { code, result } = await play(prompt, [...every, ...args]);
    expect(code).toBe(1);
    expect(result).toMatchObject(expected);
  });

  it('gives structured output only where a schema asks for it', async () => {
    const prompt = '@structured {"n": 3}';
    expect((await play(prompt, ['--json-schema', '{}'])).result).toMatchObject({
      structured_output: { n: 3 },
    });
    expect((await play(prompt)).result).not.toHaveProperty('structured_output');
  });

  it('misbehaves as asked: garbage, half a line, no result, an exit code, a closed stdout', async () => {
    expect((await play('@garbage')).stdout).toContain('no JSON');
    expect(await play('@half-line\n@exit 7')).toMatchObject({ code: 7, result: undefined });
    expect((await play('@half-line\n@exit 7')).stdout.endsWith('\n')).toBe(false);
    expect(await play('@no-result')).toMatchObject({ code: 0, result: undefined });
    const closed = await play('@close-stdout\n@write a.txt on');
    expect(closed).toMatchObject({ code: 0, result: undefined });
    expect(existsSync(join(closed.repo.path, 'a.txt'))).toBe(true);
    const early = await play(`@stdin-early-close\n${'x'.repeat(500_000)}`);
    expect(early).toMatchObject({ code: 1, stdout: '' });
  });

  it('names a step it does not know', async () => {
    expect(await play('@wirte a.txt a')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('@wirte'),
    });
  });

  it('remembers sessions by directory', async () => {
    const { repo, start } = stage();
    const id = randomUUID();
    const run = async (prompt: string, flag: string, cwd?: string) => {
      const session = start(prompt, [flag, id], cwd);
      const { code, stderr } = await session.ended;
      return { code, stderr: stderr.trimEnd(), result: session.events.at(-1)?.result };
    };
    expect(await run('Hello\n@say hi', '--session-id')).toMatchObject({ code: 0, result: 'hi' });
    expect(await run('@say hi', '--session-id')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already in use'),
    });
    expect(await run('@recall', '--resume')).toMatchObject({ code: 0, result: '2 prompts, first: Hello' });
    expect(await run('@say hi', '--resume', repo.root)).toMatchObject({
      code: 1,
      stderr: `No conversation found with session ID: ${id}`,
    });
  });

  it('leaves a background command running in a session of its own, and does not wait for it', async () => {
    const { repo, start } = stage();
    const session = start("@background sh -c 'echo $$ >pid; exec sleep 30'");
    expect(await session.ended).toMatchObject({ code: 0 });
    const pid = await pidIn(repo, 'pid');
    expect(isAlive(pid)).toBe(true);
    const ids = execFileSync('ps', ['-o', 'pgid=,sid=', '-p', String(pid)], { encoding: 'utf8' }).match(
      /\d+/g,
    );
    expect(ids?.[0]).toBe(ids?.[1]);
    expect(Number(ids?.[1])).not.toBe(session.pid);
    process.kill(pid, 'SIGKILL');
  });

  it('leaves a running command behind on SIGTERM, and ends it on SIGINT', async () => {
    const endedBy = async (signal: NodeJS.Signals) => {
      const { repo, start } = stage();
      const session = start('@run echo $$ >pid; sleep 30');
      const pid = await pidIn(repo, 'pid');
      session.signal(signal);
      const { code } = await session.ended;
      const result = session.events.find(({ type }) => type === 'result')?.subtype;
      if (signal === 'SIGINT') await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5_000);
      const alive = isAlive(pid);
      if (alive) process.kill(-pid, 'SIGKILL');
      return { code, alive, result };
    };
    expect(await endedBy('SIGTERM')).toEqual({ code: 143, alive: true, result: undefined });
    expect(await endedBy('SIGINT')).toEqual({ code: 1, alive: false, result: 'error_during_execution' });
  });

  it('hangs until SIGTERM, and can ignore signals', async () => {
    const { start } = stage();
    const session = start('@hang');
    await vi.waitFor(() => expect(session.events).toHaveLength(1), 10_000);
    session.signal('SIGTERM');
    expect(await session.ended).toMatchObject({ code: 143, signal: null });
    const signals = 'for s in TERM INT HUP; do kill -$s $PPID; done';
    const deaf = await play(`@ignore-term\n@run ${signals}\n@sleep 50\n@say still here`);
    expect(deaf).toMatchObject({ code: 0, result: { result: 'still here' } });
  });
});
