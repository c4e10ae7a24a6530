import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { claudeEnv } from '../support/claude-env.ts';
import { serveMessages } from '../support/messages-api.ts';
import { tell } from '../support/tell.ts';
import { conduct } from './support/conductor.ts';
import { nothingWrong, outcomeOf } from './support/outcome.ts';
import { seeded } from './support/random.ts';
import { drawRealJob, playPlan, realEvidence } from './support/real-agent.ts';
import { isShort, seed, settle, stage, tag } from './support/stage.ts';

const dispatches = isShort ? 3 : 20;
const claude = process.env.WT_TEST_CLAUDE ?? installedClaude();

/** The claude that `npm run test:claude` has installed here. */
function installedClaude(): string | undefined {
  const cache = process.env.WT_TEST_CLAUDE_CACHE ?? join(homedir(), '.cache', 'wt-test');
  if (!existsSync(cache)) return undefined;
  return readdirSync(cache)
    .filter((name) => name.startsWith('claude-code-'))
    .flatMap((name) => {
      const scope = join(cache, name, 'node_modules', '@anthropic-ai');
      return existsSync(scope) ? readdirSync(scope).map((part) => join(scope, part, 'claude')) : [];
    })
    .find((path) => existsSync(path));
}

it.skipIf(claude === undefined)(
  `keeps all work of ${dispatches} dispatches of the real claude and tells the truth of them`,
  async () => {
    tell(`WT_TORTURE_SEED=${seed}`);
    const startedAt = performance.now();
    const api = await serveMessages(playPlan);
    const { scene, branches, evidence } = stage(({ home }) => claudeEnv(home, api.url), claude);
    const deeds = await conduct({
      ...{ scene, branches, dispatches, random: seeded(seed), most: 3, killEveryMs: 700, job: drawRealJob },
    });
    await settle(scene);
    const runs = scene.records().map(({ dispatch }) => ({
      id: dispatch.dispatch_id ?? '',
      session: dispatch.session_id ?? '',
      stream: dispatch.log_path ?? '',
    }));
    const found = realEvidence(evidence, runs, api.requests);
    const outcome = await outcomeOf(scene, deeds, { evidence: found, tag });
    tell(`${outcome.report}\n${Math.round((performance.now() - startedAt) / 1000)} s`);
    expect(outcome.wrong).toEqual(nothingWrong);
    expect(outcome.records).toBeGreaterThanOrEqual(dispatches);
  },
);
