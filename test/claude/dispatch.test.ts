import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../support/children.ts';
import { claudeEnv, realClaude } from '../support/claude-env.ts';
import { type DispatchScene, dispatchIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';
import { type MessagesApi, type Script, serveMessages } from '../support/messages-api.ts';
import { bash, hang, refuse, say, use } from '../support/model-turn.ts';

/** A repository whose dispatches run the real claude against a scripted model. */
async function realScene(script: Script): Promise<{ scene: DispatchScene; api: MessagesApi }> {
  const api = await serveMessages(script);
  const scene = dispatchScene(['feat/a'], (repo) => claudeEnv(repo.home, api.url), realClaude());
  return { scene, api };
}

const dear = { input_tokens: 100, output_tokens: 100_000 };
const work = [
  use('Write', { file_path: 'a.txt', content: 'hello\n' }),
  bash('git add -A && git commit -qm work'),
];

describe('a dispatch of the real claude', () => {
  it('works, commits and tells; a second one resumes its session', async () => {
    const { scene, api } = await realScene([...work, say('all done'), say('still here')]);
    const first = dispatchIn(await scene.dispatch('feat/a', ['please work'], '--json'));
    expect(first).toMatchObject({
      ...{ status: 'complete', reason: null, commits: 1, uncommitted_changes: false, result: 'all done' },
      ...{ exit_code: 0, signal: null, num_turns: 3, permission_denials: [], warnings: [], leaks: [] },
    });
    expect(first.total_cost_usd).toBeGreaterThan(0);
    expect(api.requests[0]).toMatchObject({ prompt: 'please work', session: first.session_id });
    const second = await scene.dispatch('feat/a', ['go on'], '--resume', '--allow-empty', '--json');
    expect(dispatchIn(second)).toMatchObject({ session_id: first.session_id, result: 'still here' });
    expect(JSON.stringify(api.requests.at(-1)?.messages)).toContain('please work');
    const shown = await scene.wt(['logs', first.dispatch_id ?? '']);
    expect(shown.stdout).toMatch(
      /> Write .*a\.txt\n[\s\S]*> Bash git add -A && git commit -qm work\n[\s\S]*\nall done\n/,
    );
    await expectNothingLeft(scene);
  });

  it('is denied a tool that nobody allowed', async () => {
    const { scene } = await realScene([bash('touch z'), say('I may not')]);
    const ran = await scene.dispatch('feat/a', ['touch'], '--tools', 'Read', '--json');
    const answer = dispatchIn(ran);
    expect(answer).toMatchObject({ status: 'complete', reason: 'denied', exit_code: 0 });
    expect(answer.permission_denials).toMatchObject([
      { tool_name: 'Bash', tool_input: { command: 'touch z' } },
    ]);
    expect(ran.code).toBe(1);
  });

  it.each<[string, Script, string[], object]>([
    ['an API error', [refuse(400)], [], { reason: 'api_error', result: 'API Error: 400 scripted refusal' }],
    ['a usage limit', [refuse(429, 'limit', { 'retry-after': '3600' })], [], { reason: 'rate_limited' }],
    [
      'the budget',
      [use('Bash', { command: 'true' }, dear), say('x')],
      ['--max-budget-usd', '0.5'],
      { reason: 'budget' },
    ],
    ['the turn limit', [bash('true'), bash('true'), say('x')], ['--max-turns', '1'], { reason: 'max_turns' }],
    [
      'an argument it does not know',
      [],
      ['--', '--nope'],
      { reason: 'error', error: { message: expect.stringContaining("unknown option '--nope'") } },
    ],
  ])('fails by %s', async (_, script, flags, expected) => {
    const { scene } = await realScene(script);
    const at = flags.indexOf('--');
    const [own, rest] = at === -1 ? [flags, []] : [flags.slice(0, at), flags.slice(at)];
    const ran = await scene.dispatch('feat/a', ['x'], '--json', ...own, ...rest);
    expect(dispatchIn(ran)).toMatchObject({ status: 'failed', exit_code: 1, ...expected });
    expect(ran.code).toBe(1);
    await expectNothingLeft(scene);
  });

  it('is ended with its tool when its time is up', async () => {
    const { scene } = await realScene([bash('sleep 4711'), say('x')]);
    const ran = await scene.dispatch('feat/a', ['x'], '--timeout', '8', '--json');
    const answer = dispatchIn(ran);
    expect(answer).toMatchObject({ status: 'failed', reason: 'timeout' });
    expect(answer.warnings).toMatchObject([
      { code: 'processes_ended', message: expect.stringContaining('sleep 4711') },
    ]);
    expect(ran.code).toBe(124);
    await expectNothingLeft(scene);
  });

  it.each<[string, Script]>([
    ['in a tool', [bash('sleep 4712'), say('x')]],
    ['while the model thinks', [hang]],
  ])('is ended by Ctrl-C %s, and goes on with --resume', async (where, script) => {
    const { scene, api } = await realScene((request) =>
      request.prompt === 'again' ? say('again it is') : ((script as never[])[request.turn] ?? say('x')),
    );
    const { child, ended } = scene.start(['dispatch', 'feat/a', '-p', 'x', '--json']);
    await until(() => (where === 'in a tool' ? scene.running('4712') : api.requests.length > 0));
    child.kill('SIGINT');
    const ran = await ended;
    expect(ran.code).toBe(130);
    expect(dispatchIn(ran)).toMatchObject({ status: 'failed', reason: 'cancelled' });
    await expectNothingLeft(scene);
    const again = await scene.dispatch('feat/a', ['again'], '--resume', '--allow-empty', '--json');
    expect(dispatchIn(again)).toMatchObject({ status: 'complete', result: 'again it is' });
  });

  it('leaves nothing in the background', async () => {
    const { scene } = await realScene([...work, bash('sleep 4713 & setsid sleep 4713 & true'), say('done')]);
    const answer = dispatchIn(await scene.dispatch('feat/a', ['x'], '--json'));
    expect(answer).toMatchObject({ status: 'complete', reason: null, exit_code: 0 });
    expect(answer.warnings).toMatchObject([
      { code: 'processes_ended', message: expect.stringMatching(/4713.*4713/) },
    ]);
    await expectNothingLeft(scene);
  });

  it('reads 200 KB of prompt', async () => {
    const { scene, api } = await realScene([say('that was long')]);
    const prompt = `begin ${'x'.repeat(200_000)} end`;
    const ran = await scene.wt(['dispatch', 'feat/a', '--allow-empty', '--json'], { input: prompt });
    expect(dispatchIn(ran)).toMatchObject({ status: 'complete', result: 'that was long' });
    expect(api.requests[0]?.prompt).toBe(prompt);
  });

  it('gives structured output', async () => {
    const { scene } = await realScene([use('StructuredOutput', { n: 3 }), say('x')]);
    const schema = '{"type":"object","properties":{"n":{"type":"number"}},"required":["n"]}';
    const ran = await scene.dispatch('feat/a', ['x'], '--json-schema', schema, '--allow-empty', '--json');
    expect(dispatchIn(ran)).toMatchObject({ status: 'complete', structured_output: { n: 3 } });
  });

  it('cannot push, in any form, and can fetch', async () => {
    const forms = [
      'git push origin',
      'git -C . push origin',
      `bash -c 'git push origin "$1"' --`,
      'git --no-pager push origin',
      '/usr/bin/env git push origin',
      '"$(command -v git)" push origin',
      'g=git; $g push origin',
      'git push ../../remote.git',
    ];
    const commands = forms.map((form, at) => `${form} HEAD:refs/heads/form-${at}`);
    const { scene, api } = await realScene([
      ...commands.map((command) => bash(command)),
      bash('git fetch origin && echo fetched > fetched.txt'),
      say('I tried'),
    ]);
    const { repo } = scene;
    const remote = join(repo.root, 'remote.git');
    repo.git('clone', '-q', '--bare', repo.path, remote);
    repo.git('remote', 'add', 'origin', remote);
    writeFileSync(join(scene.at('feat/a'), 'a.txt'), 'x');
    const answer = dispatchIn(await scene.dispatch('feat/a', ['push'], '--json'));
    expect(answer).toMatchObject({ status: 'complete', reason: 'dirty', result: 'I tried' });
    expect(repo.gitIn(remote, 'for-each-ref', '--format=%(refname:short)')).toBe('feat/a\nmain');
    expect(readFileSync(join(scene.at('feat/a'), 'fetched.txt'), 'utf8')).toBe('fetched\n');
    const results = api.requests.slice(1, 1 + forms.length).map(({ results: [only] }) => only?.error);
    expect(results).toEqual(forms.map(() => true));
    expect(answer.permission_denials.length).toBeGreaterThan(0);
  });
});
