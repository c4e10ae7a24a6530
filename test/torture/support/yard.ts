import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEveryTest } from '../../support/after.ts';
import { wt } from '../../support/bin.ts';
import { wtKilledAt } from '../../support/crashes.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';
import { startWt } from '../../support/shim.ts';
import { count } from './deeds.ts';
import type { Random } from './random.ts';
import { unsound } from './soundness.ts';
import { blobOf } from './whereabouts.ts';

const run = promisify(execFile);
const running = new Set<ReturnType<typeof startWt>>();
afterEveryTest(() => {
  for (const each of running) each.kill('SIGKILL');
});

export type Harvest = {
  readonly operations: number;
  readonly killed: number;
  readonly blobs: number;
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
  readonly limitMs: number;
};

/** What a command that meets others, or what a killed one has left, may end with; nothing else is an answer here. */
const answers = new Set([0, 3, 4, 5, 6]);

/** Agents that write into worktrees, and commands that create, land, clean up and undo them and are killed at random. */
export async function work({ random, lanes, operations, limitMs }: Yard): Promise<Harvest> {
  const repo = makeRepo();
  repo.commit('ignored', { '.gitignore': 'build/\n' });
  const written = new Set<string>();
  const exits = new Map<string, number>();
  const faults: string[] = [];
  const end = performance.now() + limitMs;
  let begun = 0;
  let killed = 0;

  const write = async (path: string, name: string, draw: Random) => {
    const kind = draw.pick(['untracked', 'ignored', 'staged', 'committed', 'committed'] as const);
    const file = kind === 'ignored' ? `build/${name}` : name;
    const bytes = Buffer.from(`${name} ${'x'.repeat(draw.between(0, 2_000))}\n`);
    try {
      if (kind === 'ignored' && existsSync(join(path, '.git')))
        mkdirSync(join(path, 'build'), { recursive: true });
      writeFileSync(join(path, file), bytes);
    } catch {
      return; // it is being moved
    }
    written.add(blobOf(bytes));
    appendFileSync(join(repo.home, 'written'), `${blobOf(bytes)} ${path}/${file}\n`);
    const git = (...args: string[]) => run('git', args, { cwd: path, env: repo.env });
    try {
      if (kind === 'staged' || kind === 'committed') await git('add', '--', file);
      if (kind === 'committed') await git('commit', '-q', '-m', name);
    } catch {
      // the file stays, whatever git could not do with it just now
    }
  };

  const command = async (args: readonly string[], draw: Random) => {
    const how = draw.next();
    let ran: { readonly code: number | null; readonly signal: string | null; readonly stderr: string };
    if (how < 0.3) {
      const moment = draw.pick(['before', 'middle', 'after'] as const);
      ran = await wtKilledAt(repo, args, moment, draw.between(1, 90));
    } else {
      const child = startWt(repo.path, repo.env, args);
      running.add(child);
      const fuse = how < 0.5 ? setTimeout(() => child.kill('SIGKILL'), draw.between(30, 900)) : undefined;
      ran = { ...(await child.ended), stderr: child.stderr() };
      clearTimeout(fuse);
      running.delete(child);
    }
    if (ran.signal === 'SIGKILL') {
      killed += 1;
      return;
    }
    count(exits, `${args[0]} ${ran.code}`);
    if (!answers.has(ran.code ?? -1))
      faults.push(`wt ${args.join(' ')}: ${ran.code} ${ran.stderr.slice(0, 800)}`);
  };

  const lane = async (number: number) => {
    const draw = random.fork(`lane ${number}`);
    const names = [`feat/l${number}a`, `feat/l${number}b`];
    for (let turn = 0; begun < operations && performance.now() < end; turn += 1) {
      begun += 1;
      const name = draw.pick(names);
      const path = join(repo.root, 'jerry-wt', name);
      const isThere = existsSync(join(path, '.git'));
      const files = draw.between(1, 2);
      if (isThere)
        for (let file = 0; file < files; file += 1) await write(path, `l${number}-${turn}-${file}.txt`, draw);
      await command(isThere ? taken(draw, name) : missing(repo, draw, name), draw);
    }
  };
  const first = Array.from({ length: lanes }, (_, number) => `feat/l${number}a`);
  const made = await wt(repo.path, repo.env, ['create', ...first, '--no-provision']);
  if (made.code !== 0) throw new Error(`wt create: ${made.code} ${made.stderr}`);
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));

  const status = await wt(repo.path, repo.env, ['status', '--json']);
  if (status.code !== 0) faults.push(`wt status: ${status.code} ${status.stderr}`);
  const found = unsound(repo, undefined, written);
  const lost = found.filter((fault) => fault.startsWith('lost: '));
  faults.push(...found.filter((fault) => !lost.includes(fault)));
  return { operations: begun, killed, blobs: written.size, missing: lost, faults, exits };
}

const taken = (draw: Random, name: string): readonly string[] =>
  draw.pick([
    ['merge', name],
    ['merge', name, '--commit'],
    ['cleanup', name],
    ['cleanup', name, '--force'],
    ['cleanup', name, '--force'],
    ['provision', name],
    ['status'],
  ]);

const missing = ({ path }: TestRepo, draw: Random, name: string): readonly string[] => {
  const isBranch = existsSync(join(path, '.git/refs/heads', name));
  return draw.chance(0.35) ? ['undo'] : ['create', name, ...(isBranch ? ['--existing'] : [])];
};
