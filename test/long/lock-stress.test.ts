import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { atomicWrite } from '../../src/adapters/atomic-write.ts';
import { openLocks } from '../../src/adapters/lock.ts';
import { processes } from '../../src/adapters/processes.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { insider } from '../support/alone.ts';
import { bundle } from '../support/bundle.ts';
import { type Started, start, until } from '../support/children.ts';
import { temporaryFolder } from '../support/repo.ts';

const processCount = 12;
const updatesEach = 25;

/** Adds its updates to one shared file, and acknowledges each once it is written. */
const writer = `
  import { appendFileSync, readFileSync } from 'node:fs';
  import { atomicWrite } from './src/adapters/atomic-write.ts';
  import { openLocks } from './src/adapters/lock.ts';
  import { enter, leave } from './test/support/alone.ts';
  const [folder, id, from, to] = process.argv.slice(2);
  const read = () => JSON.parse(readFileSync(folder + '/shared.json', 'utf8'));
  const locks = openLocks(folder + '/locks');
  for (let update = Number(from); update < Number(to); update++) {
    const asked = { count: read().length, at: performance.now() };
    await locks.hold('shared', async (lease) => {
      const waitedMs = performance.now() - asked.at;
      if (!enter(folder)) appendFileSync(folder + '/overlaps', id + '\\n');
      const all = read();
      await new Promise((resolve) => setImmediate(resolve));
      atomicWrite(folder + '/shared.json', JSON.stringify([...all, id + ':' + update]), { beforeCommit: lease.assertHeld });
      leave(folder);
      appendFileSync(folder + '/acknowledged/' + id, JSON.stringify({ update, waitedMs, overtaken: all.length - asked.count }) + '\\n');
    }, { waitMs: 120_000 });
  }
`;
type Acknowledged = { readonly update: number; readonly waitedMs: number; readonly overtaken: number };

it('loses no acknowledged update while holders and waiters are killed and stopped', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'acknowledged'));
  atomicWrite(join(folder, 'shared.json'), '[]');
  const program = await bundle(folder, writer);
  const acknowledged = (id: string): Acknowledged[] => {
    appendFileSync(join(folder, 'acknowledged', id), '');
    const text = readFileSync(join(folder, 'acknowledged', id), 'utf8');
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  };
  const ids = Array.from({ length: processCount }, (_, at) => `p${at}`);

  /** Stops a holder for a while: nobody else gets in, and it goes on afterwards as if nothing had been. */
  const stopHolder = async () => {
    let stopped: Started | undefined;
    await until(() => {
      stopped?.child.kill('SIGCONT');
      stopped = holder();
      stopped?.child.kill('SIGSTOP');
      return stopped !== undefined && processes.table.row(stopped.pid)?.state === 'T' && holder() === stopped;
    });
    const before = shared();
    const attempt = openLocks(join(folder, 'locks')).hold('shared', async () => {}, { waitMs: 250 });
    const failure = await attempt.catch((error) => error);
    expect(isFailure(failure, 'busy') && failure.details.holder).toContain(`pid ${stopped?.pid}`);
    expect(shared()).toEqual(before);
    stopped?.child.kill('SIGCONT');
  };

  const running = new Map<string, Started>();
  const run = async (id: string) => {
    for (;;) {
      const next = (acknowledged(id).at(-1)?.update ?? -1) + 1;
      if (next >= updatesEach) return;
      const started = start([process.execPath, program, folder, id, String(next), String(updatesEach)]);
      running.set(id, started);
      const exitCode = await new Promise((resolve) => started.child.once('close', resolve));
      running.delete(id);
      if (exitCode !== null) expect(exitCode).toBe(0);
    }
  };
  const done = Promise.all(ids.map(run));
  let finished = false;
  void done.finally(() => {
    finished = true;
  });

  const shared = (): string[] => JSON.parse(readFileSync(join(folder, 'shared.json'), 'utf8'));
  const holder = () => [...running.values()].find(({ pid }) => pid === insider(folder));
  const anybody = () => [...running.values()][kills % running.size];
  let kills = 0;
  for (let milestone = 5; !finished; milestone += 13) {
    await until(() => finished || shared().length >= milestone);
    let victim: Started | undefined;
    await until(() => {
      victim = kills % 2 === 0 ? holder() : anybody();
      return finished || victim?.child.kill('SIGKILL') === true;
    });
    kills += 1;
    if (kills === 10) await stopHolder();
  }
  await done;

  const written = new Set(shared());
  const all = ids.flatMap((id) =>
    acknowledged(id).map((each) => ({ ...each, name: `${id}:${each.update}` })),
  );
  expect(all).toHaveLength(processCount * updatesEach);
  expect(all.filter(({ name }) => !written.has(name))).toEqual([]);
  expect(readdirSync(folder)).not.toContain('overlaps');
  expect(kills).toBeGreaterThan(15);
  const worst = (of: (each: Acknowledged) => number) => Math.max(...all.map(of));
  const report = `worst wait ${Math.round(worst((each) => each.waitedMs))} ms, overtaken by ${worst((each) => each.overtaken)}`;
  expect(
    worst((each) => each.overtaken),
    report,
  ).toBeLessThanOrEqual(2 * processCount);
}, 120_000);
