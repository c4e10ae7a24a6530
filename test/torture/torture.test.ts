import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { scriptAsClaude } from '../support/dispatches.ts';
import { tell } from '../support/tell.ts';
import { conduct } from './support/conductor.ts';
import { readEvidence } from './support/evidence.ts';
import { nothingWrong, outcomeOf } from './support/outcome.ts';
import { drawJob } from './support/plan.ts';
import { seeded } from './support/random.ts';
import { isShort, seed, settle, stage, tag } from './support/stage.ts';

const dispatches = isShort ? 20 : Number(process.env.WT_TORTURE_DISPATCHES ?? 200);
const agent = fileURLToPath(new URL('support/agent.mjs', import.meta.url));

it(`keeps all work of ${dispatches} dispatches and tells the truth of them, whatever is killed`, async () => {
  tell(`WT_TORTURE_SEED=${seed}`);
  const startedAt = performance.now();
  const { scene, branches, evidence } = stage();
  scriptAsClaude(scene, `exec '${process.execPath}' '${agent}' "$@"`);
  const deeds = await conduct({
    scene,
    branches,
    dispatches,
    random: seeded(seed),
    most: 5,
    killEveryMs: 150,
    job: (random, name) => {
      const { plan, flags } = drawJob(random, name);
      return { prompt: JSON.stringify(plan), flags };
    },
  });
  await settle(scene);
  const outcome = await outcomeOf(scene, deeds, { evidence: readEvidence(evidence), tag });
  tell(`${outcome.report}\n${Math.round((performance.now() - startedAt) / 1000)} s`);
  expect(outcome.wrong).toEqual(nothingWrong);
  expect(outcome.records).toBeGreaterThanOrEqual(dispatches);
  expect(deeds.killed.supervisors.size + deeds.killed.agents.size).toBeGreaterThan(dispatches / 10);
});
