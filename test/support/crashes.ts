import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ran, wt } from './bin.ts';
import type { TestRepo } from './repo.ts';

const hook = fileURLToPath(new URL('effects.cjs', import.meta.url));

export type Moment = 'before' | 'middle' | 'after';

/**
 * Runs wt and kills it with SIGKILL right before or after its n-th effect on the machine, or the first that matches;
 * in the middle of a git that it starts, that is killed with it.
 */
export const wtKilledAt = (
  repo: TestRepo,
  args: readonly string[],
  when: Moment,
  effect: number | RegExp,
): Promise<Ran> =>
  wt(repo.path, { ...repo.env, NODE_OPTIONS: `--require=${hook}`, WT_TEST_KILL: `${when}:${effect}` }, args);

/** Runs wt to its end and gives what it did to the machine, one line each: `rename <from> <to>`, `spawn git …`. */
export async function effectsOf(
  repo: TestRepo,
  args: readonly string[],
): Promise<{ readonly ran: Ran; readonly effects: readonly string[] }> {
  const log = join(repo.home, 'effects');
  rmSync(log, { force: true });
  const env = { ...repo.env, NODE_OPTIONS: `--require=${hook}`, WT_TEST_EFFECTS: log };
  const ran = await wt(repo.path, env, args);
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
  return { ran, effects: lines.map((line) => line.slice(line.indexOf(' ') + 1)) };
}
