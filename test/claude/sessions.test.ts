import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StatusAnswer } from '../../src/domain/answers/status.ts';
import { start, testMarker, until } from '../support/children.ts';
import { claudeEnv, realClaude } from '../support/claude-env.ts';
import { type DispatchScene, dispatchIn, dispatchScene } from '../support/dispatches.ts';
import { serveMessages } from '../support/messages-api.ts';
import { hang, say } from '../support/model-turn.ts';

/** A repository, and a claude that was set up long ago: it asks nothing when it is opened. */
async function personalScene(): Promise<DispatchScene> {
  const api = await serveMessages(({ prompt }) => (prompt.includes('background') ? hang : say('done')));
  const marker = testMarker(); // what claude leaves of its background service is ended with the file
  const env = { [marker.name]: marker.value };
  const scene = dispatchScene(['feat/a'], (repo) => claudeEnv(repo.home, api.url, env), realClaude());
  const approved = [scene.env.ANTHROPIC_API_KEY?.slice(-20)];
  const settings = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved, rejected: [] },
    projects: {
      [scene.repo.path]: { hasTrustDialogAccepted: true },
      [scene.at('feat/a')]: { hasTrustDialogAccepted: true },
    },
  };
  writeFileSync(join(scene.repo.home, '.claude.json'), JSON.stringify(settings));
  return scene;
}

const sessionsOf = async (scene: DispatchScene) => {
  const [row] = StatusAnswer.array().parse((await scene.wt(['status', 'feat/a', '--json'])).json());
  return row?.sessions ?? [];
};

const hasTerminal = spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0;

describe.runIf(hasTerminal)('a session of the real claude', () => {
  it('that a person opened is shown, and keeps dispatches out', async () => {
    const scene = await personalScene();
    const cwd = scene.at('feat/a');
    const env = { ...scene.env, TERM: 'xterm-256color' };
    const { child } = start(['script', '-qec', realClaude(), '/dev/null'], { cwd, env });
    child.stdout.resume();
    await until(async () => (await sessionsOf(scene)).some(({ session_id }) => session_id !== null));
    expect(await sessionsOf(scene)).toMatchObject([
      {
        kind: 'interactive',
        session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name: expect.any(String),
        cwd,
        source: 'process',
      },
    ]);
    const refused = await scene.dispatch('feat/a', ['x'], '--allow-empty', '--json');
    expect([refused.code, refused.json()]).toMatchObject([4, { error: { code: 'session_running' } }]);
    const forced = await scene.dispatch('feat/a', ['x'], '--allow-empty', '--force', '--json');
    expect(dispatchIn(forced)).toMatchObject({ status: 'complete', result: 'done' });

    const [session] = await sessionsOf(scene);
    process.kill(session?.pid ?? 0, 'SIGTERM');
    await until(async () => (await sessionsOf(scene)).length === 0);
    const free = await scene.dispatch('feat/a', ['x'], '--allow-empty', '--json');
    expect(dispatchIn(free)).toMatchObject({ status: 'complete' });
  });

  it('in the background keeps dispatches out from its first moment', async () => {
    const scene = await personalScene();
    const claude = (...args: string[]) =>
      spawnSync(realClaude(), args, { cwd: scene.at('feat/a'), env: scene.env, encoding: 'utf8' });
    try {
      expect(claude('--bg', 'work in the background').stdout).toContain('backgrounded');
      const refused = await scene.dispatch('feat/a', ['x'], '--json');
      expect([refused.code, refused.json()]).toMatchObject([4, { error: { code: 'session_running' } }]);
      await until(async () => (await sessionsOf(scene)).some(({ kind }) => kind === 'background'));
    } finally {
      claude('daemon', 'stop', '--any');
    }
    await until(async () => (await sessionsOf(scene)).length === 0);
  });
});
