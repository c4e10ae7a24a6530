import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { wt } from '../../support/bin.ts';
import { makeRepo } from '../../support/repo.ts';
import { openAgent, type Written } from './agents.ts';
import { count } from './deeds.ts';
import { background, expiring, kinds, missing, taken } from './draws.ts';
import { errandsOf, openLauncher } from './launcher.ts';
import { gone } from './ledger.ts';
import type { Random } from './random.ts';
import { unsound } from './soundness.ts';

export type Harvest = {
  readonly operations: number;
  readonly killed: number;
  readonly blobs: number;
  readonly checks: number;
  /** Entries of the trash that have gone for good. */
  readonly expired: number;
  readonly missing: readonly string[];
  readonly faults: readonly string[];
  /** How commands that nobody killed ended: `name exit-code` and how often. */
  readonly exits: ReadonlyMap<string, number>;
};

export type Yard = {
  readonly random: Random;
  /** How many commands are at work at a time. */
  readonly lanes: number;
  /** How many are begun, unless the time is over before. */
  readonly operations: number;
  /** After so many all is looked at, so that a fault is found near its cause. */
  readonly checkEvery: number;
  readonly limitMs: number;
  readonly tell: (line: string) => void;
};

/** What a command that meets others, or what a killed one has left, may end with; nothing else is an answer here. */
const answers = new Set([0, 3, 4, 5, 6]);

/**
 * Agents that write into worktrees, and commands that create, land, clean up, undo and let expire and are killed at
 * random. What an agent wrote must be in a work tree, reachable from a ref, or in the trash, at every look.
 */
export async function work(yard: Yard): Promise<Harvest> {
  const { random, lanes, operations, checkEvery, limitMs, tell } = yard;
  const made = makeRepo();
  const repo = { ...made, env: { ...made.env, WT_TRASH_KEEP: '2s' } };
  repo.commit('ignored', { '.gitignore': 'build/\n' });
  const written = new Map<string, Written>();
  const exits = new Map<string, number>();
  const faults: string[] = [];
  const journal: string[] = [];
  const start = performance.now();
  let begun = 0;
  let killed = 0;
  let checks = 0;
  let expired = 0;
  let ignoredGone = 0;

  const lane = (number: number) => {
    const draw = random.fork(`lane ${number}`);
    const launcher = openLauncher(repo, draw);
    const agent = openAgent(repo, (each) => written.set(each.blob, each));
    let turn = 0;
    const command = async (args: readonly string[], how?: 'cold') => {
      const { code, stderr, fate } = await launcher.run(args, how);
      const line = `lane ${number}: wt ${args.join(' ')}${fate === '' ? '' : ` (${fate})`}: ${code ?? 'killed'}`;
      journal.push(`${new Date().toISOString()} ${line}`);
      if (code === null) {
        killed += 1;
        return;
      }
      count(exits, `${args[0]} ${code}`);
      if (!answers.has(code)) faults.push(`${line} ${stderr.slice(0, 800)}`);
    };
    const turnOver = async () => {
      turn += 1;
      const half = draw.pick(['a', 'b'] as const);
      const name = `feat/l${number}${half}`;
      const path = join(repo.root, 'jerry-wt', name);
      const isThere = existsSync(join(path, '.git'));
      const files = isThere ? draw.between(1, 2) : 0;
      for (let file = 0; file < files; file += 1)
        await agent.work(path, `l${number}-${turn}-${file}.txt`, draw, kinds[half]);
      if (draw.chance(0.02)) await background(repo, draw, command, () => (killed += 1));
      else if (draw.chance(0.05)) await command(expiring(repo, draw));
      else await command(isThere ? taken(draw, name, half) : missing(repo, draw, name));
    };
    return { turnOver, rest: launcher.rest };
  };

  const look = async () => {
    checks += 1;
    while (errandsOf(repo).length > 0) await pause(50);
    const status = await wt(repo.path, repo.env, ['status', '--json']);
    if (status.code !== 0) faults.push(`wt status: ${status.code} ${status.stderr}`);
    const { lawful, entries } = gone(repo);
    expired = entries;
    faults.push(...unsound(repo, { written: written.keys(), expires: true }));
    return faults.splice(0).filter((fault) => {
      const each = written.get(fault.replace('lost: ', ''));
      if (each === undefined) return true;
      if (!each.isIgnored || !lawful(each)) return true;
      written.delete(each.blob); // ignored files go with what expires, and need not be looked for again
      ignoredGone += 1;
      return false;
    });
  };

  const crew = Array.from({ length: lanes }, (_, number) => lane(number));
  const first = Array.from({ length: lanes }, (_, number) => `feat/l${number}a`);
  const ready = await wt(repo.path, repo.env, ['create', ...first, '--no-provision']);
  if (ready.code !== 0) throw new Error(`wt create: ${ready.code} ${ready.stderr}`);
  let found: readonly string[] = [];
  while (begun < operations && performance.now() - start < limitMs && found.length === 0) {
    const goal = Math.min(operations, begun + checkEvery);
    const shift = async ({ turnOver, rest }: (typeof crew)[number]) => {
      while (begun < goal && performance.now() - start < limitMs) {
        begun += 1;
        await turnOver();
      }
      await rest();
    };
    await Promise.all(crew.map(shift));
    found = await look();
    const seconds = Math.round((performance.now() - start) / 1000);
    tell(
      `${begun} operations, ${killed} killed, ${written.size + ignoredGone} blobs, ${expired} expired, ${seconds} s`,
    );
  }
  const describe = (fault: string) => {
    const each = written.get(fault.replace('lost: ', ''));
    return each === undefined ? fault : `${fault} ${JSON.stringify(each)}`;
  };
  const told = found.map(describe);
  if (told.length > 0) tell(`${told.join('\n')}\n${journal.slice(-3 * checkEvery).join('\n')}`);
  if (told.length > 0 && process.env.WT_TORTURE_KEEP !== undefined)
    cpSync(repo.root, process.env.WT_TORTURE_KEEP, { recursive: true, verbatimSymlinks: true });
  const missed = told.filter((fault) => fault.startsWith('lost: '));
  return {
    operations: begun,
    killed,
    blobs: written.size + ignoredGone,
    checks,
    expired,
    missing: missed,
    faults: told.filter((fault) => !missed.includes(fault)),
    exits,
  };
}
