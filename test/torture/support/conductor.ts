import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { livenessOf, processes } from '../../../src/adapters/processes.ts';
import type { DispatchScene } from '../../support/dispatches.ts';
import { count, type Deeds, noDeeds } from './deeds.ts';
import type { Job } from './plan.ts';
import type { Random } from './random.ts';

export type Play = {
  readonly scene: DispatchScene;
  readonly branches: readonly string[];
  readonly random: Random;
  /** How many dispatches are to be begun. */
  readonly dispatches: number;
  /** The prompt and flags of the n-th dispatch in a worktree. */
  readonly job: (random: Random, name: string) => { readonly prompt: string; readonly flags: Job['flags'] };
  /** How many worktrees are at work at a time. */
  readonly most: number;
  /** Milliseconds between two kills, on average. */
  readonly killEveryMs: number;
};

const known = new Set([0, 1, 2, 3, 4, 5, 6, 7, 124, 130, 143]);

/** Dispatches in all worktrees, with other commands beside, and kills at random; ends when nothing lives that could go on. */
export async function conduct(play: Play): Promise<Deeds> {
  const deeds = noDeeds();
  const { scene, branches, random } = play;
  const live = new Map<ChildProcess, { readonly name: string; readonly branch: string | undefined }>();
  let begun = 0;
  let over = false;

  const run = async (args: readonly string[], branch?: string) => {
    const name = args[0] ?? '';
    const { child, ended } = scene.start(args);
    live.set(child, { name, branch });
    const ran = await ended;
    live.delete(child);
    if (ran.signal !== null) return undefined; // by us
    count(deeds.exits, `${name} ${ran.code}`);
    const at = ran.stderr.search(/^\s+at .*:\d+:\d+\)?$/m);
    if (!known.has(ran.code ?? -1) || at !== -1) {
      deeds.faults.push(
        `wt ${args.join(' ').slice(0, 200)} ended with ${ran.code}: ${ran.stderr.slice(0, 1500)}`,
      );
    }
    if (args.includes('--json') && ran.stdout !== '') {
      try {
        ran.json();
      } catch {
        deeds.faults.push(`wt ${args.join(' ').slice(0, 200)} gave no JSON: ${ran.stdout.slice(0, 300)}`);
      }
    }
    return ran;
  };

  const randoms = new Map(branches.map((branch) => [branch, random.fork(branch)]));
  const lane = async () => {
    while (runsIn(scene) < play.dispatches) {
      const branch = branches[begun % branches.length] as string;
      const own = randoms.get(branch) ?? random;
      begun += 1;
      const { prompt, flags } = play.job(own, `${branch.replaceAll('/', '-')}-${begun}`);
      for (;;) {
        const ran = await run(['dispatch', branch, '-p', prompt, ...flags], branch);
        if (ran?.code !== 4 && ran?.code !== 6) break;
        await pause(150); // the one before goes on
      }
    }
  };

  const bystander = async () => {
    const own = random.fork('bystander');
    while (!over) {
      const branch = own.pick(branches);
      const kind = own.next();
      if (kind < 0.3) await run(['status', '--json']);
      else if (kind < 0.5) await run(['runs', '--json']);
      else if (kind < 0.65) await run(['wait', branch, '--timeout', '1', '--json']);
      else if (kind < 0.75) await run(['logs', branch]);
      else if (kind < 0.82) await run(['list', '--json']);
      else {
        const isAll = kind > 0.98;
        const ask = { branch: isAll ? undefined : branch, from: Date.now(), to: Number.POSITIVE_INFINITY };
        deeds.asked.push(ask);
        await run(['cancel', isAll ? '-a' : branch, '--grace', own.pick(['0.3', '1']), '--json']);
        ask.to = Date.now();
      }
      await pause(own.between(0, 200));
    }
  };

  const killer = async () => {
    const own = random.fork('killer');
    while (!over) {
      await pause(own.between(0, 2 * play.killEveryMs));
      const kind = own.next();
      // However slow the machine is, about half of the runs come to their own end.
      const allowed = runsIn(scene) / 2;
      const { supervisors, agents, commands } = deeds.killed;
      const ended = [...commands.values()].reduce((sum, many) => sum + many, 0);
      if (kind < 0.4) {
        if (ended < allowed) killCommand(own);
      } else if (supervisors.size + agents.size < allowed) killInRun(own, (kind - 0.4) / 0.6);
    }
  };

  const killCommand = (own: Random) => {
    if (live.size === 0) return;
    const [child, { name, branch }] = own.pick([...live]);
    const signal =
      name === 'dispatch' && own.chance(0.2) ? own.pick(['SIGINT', 'SIGTERM'] as const) : 'SIGKILL';
    if (signal !== 'SIGKILL') {
      deeds.asked.push({ branch, from: Date.now(), to: Number.POSITIVE_INFINITY });
    }
    if (child.kill(signal)) count(deeds.killed.commands, `${name} ${signal}`);
  };

  /** Mostly in runs whose agent is at work: a supervisor takes long to start, and would often be hit before. */
  const killInRun = (own: Random, kind: number) => {
    const agents = scene
      .records()
      .filter(({ phase, claude }) => phase !== 'ended' && claude !== null && livenessOf(claude) === 'alive')
      .map(({ dispatch, claude }) => ({ id: dispatch.dispatch_id ?? '', pid: claude?.pid ?? 0 }));
    const isEarly = own.chance(0.1);
    const supervisors = supervisorsOf(scene).filter(
      ({ id }) => isEarly || agents.some((agent) => agent.id === id),
    );
    const victim = own.next();
    const pick = <T>(items: readonly T[]) => items[Math.floor(victim * items.length)];
    const supervisor = kind < 0.5 || kind > 0.85 ? pick(supervisors) : undefined;
    if (supervisor !== undefined && send(supervisor.pid)) deeds.killed.supervisors.add(supervisor.id);
    if (kind < 0.5) return;
    const agent = supervisor === undefined ? pick(agents) : agents.find(({ id }) => id === supervisor.id);
    if (agent !== undefined && send(agent.pid)) deeds.killed.agents.add(agent.id);
  };

  const work = Promise.all(Array.from({ length: play.most }, lane)).finally(() => {
    over = true;
  });
  await Promise.all([work, bystander(), bystander(), killer()]);
  return deeds;
}

/** How many runs were begun, by their folders. */
function runsIn({ repo }: DispatchScene): number {
  const folder = join(repo.path, '.git', 'wt', 'runs');
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

/** The supervisors of this repository that are alive, with the runs they keep. */
export function supervisorsOf({ repo }: DispatchScene): { readonly pid: number; readonly id: string }[] {
  const { table } = processes;
  const commands = table.commands(table.rows().map(({ pid }) => pid));
  return [...commands].flatMap(([pid, command]) => {
    const [, path = '', id = ''] = / __supervise (\S+)\/runs\/(dispatch-[\d-]+)/.exec(command) ?? [];
    return path.startsWith(repo.path) ? [{ pid, id }] : [];
  });
}

function send(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
