import type { Random } from './random.ts';

/** One thing that the agent of agent.mjs does. */
export type Act =
  | readonly ['write', string, number]
  | readonly ['commit', number]
  | readonly ['think' | 'work' | 'linger', number]
  | readonly ['hang' | 'half']
  | readonly ['daemon', 'session' | 'root' | 'bare', number]
  | readonly ['die', number | string]
  | readonly ['result', 'ok' | 'api'];

/** What one dispatch is to do, and the flags it is given. */
export type Job = { readonly plan: readonly Act[]; readonly flags: readonly string[] };

/** So long may claude run: what hangs ends by it. */
export const timeLimit = 4;

/** Draws a job; the files of a job have names of their own, so that nothing overwrites another's. */
export function drawJob(random: Random, name: string): Job {
  const plan: Act[] = [];
  const flags = ['--timeout', String(timeLimit)];
  const steps = random.between(1, 4);
  for (let step = 0; step < steps; step += 1) {
    const kind = random.next();
    if (kind < 0.55) plan.push(['write', `work/${name}-${step}.txt`, random.between(10, 20_000)]);
    if (kind < 0.35) plan.push(['commit', step]);
    if (kind >= 0.55 && kind < 0.8)
      plan.push([random.pick(['think', 'work'] as const), random.between(50, 400)]);
    if (kind >= 0.8) {
      const what = random.pick(['session', 'root', 'bare'] as const);
      plan.push(['daemon', what, what === 'bare' ? 1_500 : random.between(0, 200)]);
    }
  }
  const end = random.next();
  if (end < 0.1) plan.push(['hang']);
  else if (end < 0.15) plan.push(['half'], ['die', 'SIGKILL']);
  else if (end < 0.2) plan.push(['die', random.between(0, 3)]);
  else if (end < 0.25) plan.push(['half'], ['hang']);
  else if (end < 0.32) {
    plan.push(['result', 'api'], ['write', `work/${name}-again.txt`, 500], ['result', 'ok']);
    if (random.chance(0.7)) flags.push('--retries', '1');
  } else {
    plan.push(['result', 'ok']);
    if (random.chance(0.15)) plan.push(['linger', random.between(50, 800)]);
    if (random.chance(0.05)) plan.push(['die', 'SIGKILL']);
  }
  if (random.chance(0.1)) flags.push('--commit');
  if (random.chance(0.1)) flags.push('--stall', '2');
  if (random.chance(0.3)) flags.push('--async');
  if (random.chance(0.3)) flags.push('--json');
  return { plan, flags };
}
