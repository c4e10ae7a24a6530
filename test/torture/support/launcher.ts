import { readdirSync, readFileSync } from 'node:fs';
import { afterEveryTest } from '../../support/after.ts';
import { wtKilledAt } from '../../support/crashes.ts';
import type { TestRepo } from '../../support/repo.ts';
import { startWt } from '../../support/shim.ts';
import { openHost } from './host.ts';
import type { Random } from './random.ts';

/** How a command ended (`code` null: it was killed), and what was in store for it. */
export type Launched = { readonly code: number | null; readonly stderr: string; readonly fate: string };

export type Launcher = {
  /** Runs the real bin when told to, or by chance. */
  readonly run: (args: readonly string[], how?: 'cold') => Promise<Launched>;
  readonly rest: () => Promise<void>;
};

const running = new Set<ReturnType<typeof startWt>>();
afterEveryTest(() => {
  for (const each of running) each.kill('SIGKILL');
});

/** What a command did at most and how long it took of late, so that kills are spread over all of it. */
type Known = { effects: number; ms: number };
const unknown: Known = { effects: 60, ms: 200 };

/**
 * Runs commands and kills a half of them, at a random effect or a random time; one in ten is the real bin, the others
 * are run by a process that is warm.
 */
export function openLauncher(repo: TestRepo, draw: Random): Launcher {
  const host = openHost(repo);
  const known = new Map<string, Known>();

  const cold = async (args: readonly string[], kill: string | undefined, fuse: number | undefined) => {
    if (kill !== undefined) {
      const [moment = '', effect] = kill.split(':');
      const inner = { ...repo, env: { ...repo.env, WT_TEST_INNER: args[0]?.startsWith('__') ? '1' : '0' } };
      return wtKilledAt(inner, args, moment as 'before', Number(effect));
    }
    const child = startWt(repo.path, repo.env, args);
    running.add(child);
    const burning = fuse === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), fuse);
    const { code } = await child.ended;
    clearTimeout(burning);
    running.delete(child);
    return { code, stderr: child.stderr() };
  };

  return {
    run: async (args, wanted) => {
      const name = args[0] ?? '';
      const { effects, ms } = known.get(name) ?? unknown;
      const end = draw.next();
      const moment = draw.pick(['before', 'middle', 'after'] as const);
      const kill = end < 0.3 ? `${moment}:${draw.between(1, effects)}` : undefined;
      const isCold = draw.chance(0.1) || wanted === 'cold';
      const fuse =
        end < 0.3 || end > 0.5 ? undefined : Math.round(draw.next() * ms * 1.5) + (isCold ? 100 : 0);
      const delay = draw.pick(['0', '0.001', '0.002', '0.004', '0.008'] as const);
      const fate = kill ?? (fuse === undefined ? '' : `after ${fuse} ms`);
      if (isCold) return { ...(await cold(args, kill, fuse)), fate };
      const ended = await host.run(args, { kill, fuse, delay });
      if (ended.code !== null)
        known.set(name, { effects: Math.max(known.get(name)?.effects ?? 1, ended.effects), ms: ended.ms });
      return { ...ended, fate };
    },
    rest: host.rest,
  };
}

/** The processes that let entries of the trash of this repository expire. */
export const errandsOf = ({ path }: TestRepo): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`__expire\0${path}\0`);
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
