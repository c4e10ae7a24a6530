import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { dispatchIn, dispatchScene, scriptAsClaude } from '../support/dispatches.ts';

describe('dispatch', () => {
  it('takes 200 KB of prompt from stdin, a file, or the flag, exactly as they are', async () => {
    const scene = dispatchScene(['stdin', 'file', 'flag', 'dash']);
    scriptAsClaude(scene, 'wc -c > size.txt; printf \'{"type":"result","subtype":"success"}\\n\'');
    const big = `${'ä'.repeat(100_000)}\n`;
    const file = join(scene.repo.root, 'prompt.md');
    writeFileSync(file, big);
    const ran = await Promise.all([
      scene.wt(['dispatch', 'stdin'], { input: big }),
      scene.wt(['dispatch', 'file', '--prompt-file', file]),
      scene.wt(['dispatch', 'dash', '--prompt-file', '-'], { input: big }),
      scene.wt(['dispatch', 'flag', '-p', 'a\n b ']),
    ]);
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const sizes = ['stdin', 'file', 'dash', 'flag'].map((branch) =>
      Number(readFileSync(join(scene.at(branch), 'size.txt'), 'utf8')),
    );
    expect(sizes).toEqual([200_001, 200_001, 200_001, 5]);
  });

  it('records a claude that cannot be started', async () => {
    const scene = dispatchScene();
    writeFileSync(join(scene.repo.root, 'bin', 'claude'), '#!/no/such/interpreter\n', { mode: 0o755 });
    const ran = await scene.dispatch('feat/a', ['@say x'], '--json');
    expect(dispatchIn(ran)).toMatchObject({
      status: 'failed',
      reason: 'not_started',
      pid: null,
      error: { code: 'claude_failed' },
    });
    expect(ran.code).toBe(1);
  });

  it('fills the error of an element that could not begin, and runs the others', async () => {
    const scene = dispatchScene(['one', 'two']);
    await scene.dispatch('two', ['@say begun'], '--allow-empty');
    const ran = await scene.wt([
      'dispatch',
      'one',
      'two',
      '--resume',
      '-p',
      '@recall',
      '--json',
      '--allow-empty',
    ]);
    const [one, two] = DispatchAnswer.array().parse(ran.json());
    expect(one).toMatchObject({ dispatch_id: null, status: null, error: { code: 'dispatch_not_found' } });
    expect(two).toMatchObject({
      status: 'complete',
      result: expect.stringContaining('2 prompts'),
      error: null,
    });
    expect(two?.session_id).toBe(scene.records()[1]?.dispatch.session_id);
    expect(ran.code).toBe(5);
  });

  it('gives a structured result, passes arguments on and takes an empty run for a success when told to', async () => {
    const scene = dispatchScene();
    const schema = join(scene.repo.root, 'schema.json');
    writeFileSync(schema, '{"type": "object"}');
    const flags = ['--json-schema', `@${schema}`, '--allow-empty', '--json', '--', '--model', 'of-the-user'];
    const answer = dispatchIn(await scene.dispatch('feat/a', ['@structured {"n": 3}'], ...flags));
    expect(answer).toMatchObject({ status: 'complete', reason: 'no_commits', structured_output: { n: 3 } });
    expect(scene.records()[0]?.request.args.slice(-2)).toEqual(['--model', 'of-the-user']);
  });
});
