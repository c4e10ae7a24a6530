import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { processes } from '../../src/adapters/processes.ts';
import { dataOf } from '../../src/domain/yaml-tree.ts';
import { insider } from './alone.ts';
import { bundle } from './bundle.ts';
import { type Started, start, until } from './children.ts';
import { pictured, realFile, rootOf } from './orchestration.ts';
import { temporaryFolder } from './repo.ts';

/** A program that sets the status of its own part of the file again and again, and acknowledges each time. */
const writer = `
  import { appendFileSync } from 'node:fs';
  import { openLocks } from './src/adapters/lock.ts';
  import { openStateFiles } from './src/adapters/state-files/state-files.ts';
  import { parseYaml } from './src/adapters/yaml/tree.ts';
  import { planChange } from './src/domain/orchestration/change.ts';
  import { isEditOf } from './src/domain/yaml-edit.ts';
  import { enter, leave } from './test/support/alone.ts';
  const [folder, id, address, from, to] = process.argv.slice(2);
  const locks = openLocks(folder + '/locks');
  // What the ledger does under the lock is between two signs, so that the test can tell who is in there.
  const watched = {
    hold: (name, work, options) =>
      locks.hold(name, async (lease) => {
        if (!enter(folder)) appendFileSync(folder + '/overlaps', id + '\\n');
        try { return await work(lease); } finally { leave(folder); }
      }, { ...options, waitMs: 600_000 }),
  };
  const files = openStateFiles(undefined, watched);
  for (let update = Number(from); update < Number(to); update++) {
    const began = performance.now();
    await files.update(folder + '/repo/ORCHESTRATION.yaml', async (file) => {
      const before = parseYaml(file.text);
      if (!before.ok) throw new Error('torn: ' + before.fault.message);
      const change = { address, status: id + ' update ' + update, statusOnly: true };
      const plan = planChange({ ...file, root: before.root }, change, new Date());
      const after = parseYaml(plan.text);
      if (!after.ok || !isEditOf(before.root, after.root, plan.edits)) throw new Error('more changed');
      return { text: plan.text, result: undefined };
    }, { within: folder + '/repo', purpose: 'test' });
    appendFileSync(folder + '/acknowledged/' + id, JSON.stringify({ update, waitedMs: performance.now() - began }) + '\\n');
  }
`;
type Acknowledged = { readonly update: number; readonly waitedMs: number };

export type StateFileTorture = {
  readonly acknowledged: number;
  readonly kills: number;
  readonly stops: number;
  readonly looks: number;
  readonly worstWaitMs: number;
  /** What went wrong: lost updates, torn files, two holders, changed comments. */
  readonly faults: readonly string[];
};

/**
 * Many processes set statuses of one real file, each its own, while holders and waiters are killed, some are stopped
 * for a while, and a reader looks all the time.
 */
export async function tortureStateFile(options: {
  readonly processes: number;
  readonly updates: number;
  readonly stops: number;
}): Promise<StateFileTorture> {
  const folder = temporaryFolder();
  for (const name of ['repo', 'acknowledged']) mkdirSync(join(folder, name));
  const path = join(folder, 'repo', 'ORCHESTRATION.yaml');
  const original = realFile('PROJ-006');
  writeFileSync(path, original);
  const program = await bundle(folder, writer);
  const parts = pictured(original).statuses.slice(0, options.processes);
  const writers = parts.map(({ address, line }, at) => ({ id: `p${at}`, address, line }));
  const faults: string[] = [];

  const acknowledged = (id: string): Acknowledged[] => {
    appendFileSync(join(folder, 'acknowledged', id), '');
    const text = readFileSync(join(folder, 'acknowledged', id), 'utf8');
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  };
  const running = new Map<string, Started>();
  const run = async ({ id, address }: (typeof writers)[number]) => {
    for (;;) {
      const next = (acknowledged(id).at(-1)?.update ?? -1) + 1;
      if (next >= options.updates) return;
      const words = [program, folder, id, address, String(next), String(options.updates)];
      const started = start([process.execPath, ...words]);
      running.set(id, started);
      const exitCode = await new Promise((resolve) => started.child.once('close', resolve));
      running.delete(id);
      if (exitCode !== null && exitCode !== 0) {
        faults.push(`${id} ended with ${exitCode}`);
        return;
      }
    }
  };
  let finished = false;
  const done = Promise.all(writers.map(run)).finally(() => {
    finished = true;
  });

  const comments = (text: string) =>
    text.split('\n').filter((_, index) => !writers.some(({ line }) => line === index + 1));
  const untouched = comments(original).join('\n');
  let looks = 0;
  let seen = '';
  const look = () => {
    const text = readFileSync(path, 'utf8');
    looks += 1;
    if (text === seen) return text;
    seen = text;
    const { errors } = parseDocument(text, { uniqueKeys: false, prettyErrors: false });
    if (errors.length > 0) faults.push(`torn: ${errors[0]?.message}`);
    if (comments(text).join('\n') !== untouched) faults.push('lines that nobody edits have changed');
    return text;
  };
  const total = () => writers.reduce((sum, { id }) => sum + acknowledged(id).length, 0);
  const holder = () => [...running.values()].find(({ pid }) => pid === insider(folder));
  const victimOf = (turn: number) =>
    turn % 2 === 0 ? holder() : [...running.values()][turn % Math.max(1, running.size)];

  let kills = 0;
  let stops = 0;
  const whole = writers.length * options.updates;
  const stopEvery = Math.ceil(whole / (options.stops + 1));
  for (let milestone = 5; !finished; milestone += 11) {
    await until(() => {
      look();
      return finished || total() >= milestone;
    });
    if (finished) break;
    if (stops < options.stops && milestone > (stops + 1) * stopEvery) {
      let stopped: Started | undefined;
      await until(() => {
        stopped = holder();
        stopped?.child.kill('SIGSTOP');
        return finished || stopped !== undefined;
      });
      if (stopped !== undefined && processes.table.row(stopped.pid) !== undefined) {
        const { pid } = stopped;
        await until(() => processes.table.row(pid)?.state !== 'R');
        const isInside = holder() === stopped;
        const before = look();
        for (let times = 0; times < 20; times += 1) look();
        if (isInside && processes.table.row(pid)?.state === 'T' && look() !== before)
          faults.push('somebody wrote while the holder was stopped');
        stopped.child.kill('SIGCONT');
        stops += 1;
      }
    }
    let victim: Started | undefined;
    await until(() => {
      victim = victimOf(kills);
      return finished || victim?.child.kill('SIGKILL') === true;
    });
    kills += 1;
  }
  await done;

  const text = look();
  const statuses = new Map(pictured(text).statuses.map(({ address, raw_status: raw }) => [address, raw]));
  for (const { id, address } of writers) {
    const last = acknowledged(id).at(-1)?.update;
    if (statuses.get(address) !== `${id} update ${options.updates - 1}`)
      faults.push(`lost: ${address} is ${statuses.get(address)}, and ${last} was acknowledged`);
  }
  let back = text;
  for (const { line } of writers) {
    const lines = back.split('\n');
    lines[line - 1] = original.split('\n')[line - 1] ?? '';
    back = lines.join('\n');
  }
  if (back !== original) faults.push('more than the statuses has changed');
  if (JSON.stringify(dataOf(rootOf(back))) !== JSON.stringify(dataOf(rootOf(original))))
    faults.push('other data');
  try {
    faults.push(`two holders at once: ${readFileSync(join(folder, 'overlaps'), 'utf8')}`);
  } catch {
    // nobody overlapped
  }
  const all = writers.flatMap(({ id }) => acknowledged(id));
  return {
    acknowledged: all.length,
    kills,
    stops,
    looks,
    worstWaitMs: Math.round(Math.max(...all.map(({ waitedMs }) => waitedMs))),
    faults: [...new Set(faults)],
  };
}
