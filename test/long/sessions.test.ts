import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { wtBin } from '../support/bin.ts';
import { start } from '../support/children.ts';
import { type DispatchScene, dispatchesIn, dispatchIn, dispatchScene } from '../support/dispatches.ts';

/** Opens a claude in a worktree, as a person does: nothing of it is wt's. */
async function openClaude({ at, env }: DispatchScene, branch: string) {
  const script = "printf 'x\\n'; exec -a claude sleep 1000";
  const opened = start(['bash', '-c', script], { cwd: at(branch), env });
  await opened.lines(1);
  return opened;
}

it('a session of claude that somebody opened is shown, and keeps a dispatch out without --force', async () => {
  const scene = dispatchScene(['feat/a', 'feat/b']);
  const { child, pid } = await openClaude(scene, 'feat/a');
  const status = await scene.wt(['status', '--json']);
  expect(status.json()).toMatchObject([
    { branch: 'main', sessions: [] },
    {
      branch: 'feat/a',
      state: 'ready',
      sessions: [{ pid, kind: 'interactive', session_id: null, cwd: scene.at('feat/a'), source: 'process' }],
    },
    { branch: 'feat/b', sessions: [] },
  ]);
  expect((await scene.wt(['status'])).stdout).toContain(
    `in use: a session of claude (interactive, pid ${pid})`,
  );

  const refused = await scene.wt(['dispatch', 'feat/a', 'feat/b', '-p', '@write a.txt x', '--json']);
  expect(refused.code).toBe(4);
  expect(dispatchesIn(refused)).toMatchObject([
    { dispatch_id: null, error: { code: 'session_running', hint: expect.stringContaining('--force') } },
    { status: 'complete', reason: 'dirty', error: null },
  ]);
  const forced = await scene.dispatch('feat/a', ['@write a.txt x'], '--force', '--json');
  expect(dispatchIn(forced)).toMatchObject({ status: 'complete', reason: 'dirty', warnings: [] });
  expect(child.exitCode ?? child.signalCode).toBeNull();
});

it('the claude in which wt is called is nobody else, and neither is that of a run', async () => {
  const scene = dispatchScene(['feat/a']);
  const { repo, at, env } = scene;
  const sessions =
    "JSON.parse(require('fs').readFileSync(0)).find((row) => row.branch === 'feat/a').sessions.length";
  const look = `'${process.execPath}' '${wtBin}' status --json | '${process.execPath}' -p "${sessions}"`;

  // A claude whose tool calls wt.
  mkdirSync(join(repo.root, 'person'));
  const claude = join(repo.root, 'person', 'claude');
  const dispatch = `'${process.execPath}' '${wtBin}' dispatch @ -p '@write a.txt x' --json >/dev/null; echo $?`;
  writeFileSync(claude, `#!/bin/bash\n${look}\n${dispatch}\n`, { mode: 0o755 });
  expect(await start([claude], { cwd: at('feat/a'), env }).lines(2)).toEqual(['0', '0']);

  // An agent that calls wt, and another claude.
  const other = '(exec -a claude sleep 1000) & sleep 0.2';
  await scene.dispatch('feat/a', [`@run ${other}; ${look} > seen.txt`], '--json');
  expect(readFileSync(join(at('feat/a'), 'seen.txt'), 'utf8')).toBe('0\n');
  expect(scene.records()[0]?.dispatch).toMatchObject({ status: 'complete', reason: 'dirty' });
});
