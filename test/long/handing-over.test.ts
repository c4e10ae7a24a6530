import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { bundle } from '../support/bundle.ts';
import { dispatchScene } from '../support/dispatches.ts';

/** A command that hands one prompt after the other to the session of a worktree; like wt it is its own supervisor. */
const program = `
import { superviseRun } from './src/adapters/supervisor/supervise.ts';
import { openTerminal } from './src/adapters/terminal.ts';
import { dispatchAndWait } from './src/application/handing-over.ts';
import { openGateScene } from './test/support/gates.ts';
import { repoAt } from './test/support/repo.ts';

const [word = '', given = '', ...prompts] = process.argv.slice(2);
if (word === '__supervise') {
  await superviseRun(given);
} else {
  const { hub, ports, told } = await openGateScene(repoAt(word), { env: process.env });
  const { narrator, environment: { variables } } = ports;
  const whole = { ...ports, terminal: openTerminal({ variables, narrator }) };
  const answers = [];
  for (const prompt of prompts) answers.push(await dispatchAndWait(whole, hub, { path: given }, prompt));
  process.stdout.write(JSON.stringify({ answers, told }));
}
process.exit(0);
`;

describe('handing a prompt to the session that owns a worktree', () => {
  it('begins a session where there is none, continues it the next time, and waits for the end of each', async () => {
    const { repo, env, at, records } = dispatchScene(['feat/a']);
    const script = await bundle(repo.root, program);
    const prompts = ['@append fixed.txt x\n@commit fixed it', '@recall'];
    const args = [script, repo.root, at('feat/a'), ...prompts];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: repo.path, env });
    const { answers } = JSON.parse(stdout) as { answers: unknown[] };
    const [first, second] = answers.map((answer) => DispatchAnswer.parse(answer));
    expect(first).toMatchObject({ status: 'complete', reason: null, commits: 1, error: null });
    expect(repo.gitIn(at('feat/a'), 'log', '-1', '--format=%s')).toBe('fixed it');
    expect(second?.session_id).toBe(first?.session_id);
    expect(second?.result).toContain('2');
    expect(records()).toHaveLength(2);
  });

  it('answers with what keeps it from beginning', async () => {
    const { repo, env, at } = dispatchScene(['feat/a']);
    const script = await bundle(repo.root, program);
    const args = [script, repo.root, at('feat/a'), 'go on'];
    const bare = { ...env, PATH: join(repo.root, 'bin2:/usr/bin:/bin') };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: repo.path, env: bare });
    const { answers } = JSON.parse(stdout) as { answers: unknown[] };
    expect(answers.map((answer) => DispatchAnswer.parse(answer))).toMatchObject([
      { worktree_path: at('feat/a'), status: null, error: { code: 'claude_not_found' } },
    ]);
  });
});
