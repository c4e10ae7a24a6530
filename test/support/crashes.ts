import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ran, wt } from './bin.ts';
import type { TestRepo } from './repo.ts';

/** What node is to require so that it counts effects. */
export const hook = fileURLToPath(new URL('effects.cjs', import.meta.url));

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

/** Every moment around the effects of a command in the full run (`WT_TEST_FULL=1`); else the essential ones alone. */
export function momentsOf(
  effects: readonly string[],
  essential: readonly (readonly [Moment, RegExp])[],
): readonly (readonly [Moment, number])[] {
  if (process.env.WT_TEST_FULL === '1')
    return effects.flatMap((_, index) => [['before', index + 1] as const, ['after', index + 1] as const]);
  return essential.map(([when, pattern]) => {
    const index = effects.findIndex((effect) => pattern.test(effect));
    if (index === -1) throw new Error(`no effect matches ${pattern}`);
    return [when, index + 1] as const;
  });
}
