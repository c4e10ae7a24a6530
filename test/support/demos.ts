import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sealedEnv, temporaryFolder } from './repo.ts';

/** An environment in which the demo's folder can be found: below a TMPDIR of its own. */
export function demoStage() {
  const root = temporaryFolder();
  const home = join(root, 'home');
  const tmp = join(root, 'tmp');
  for (const folder of [home, tmp]) mkdirSync(folder);
  return { root, tmp, env: sealedEnv(home, { TMPDIR: tmp }) };
}
