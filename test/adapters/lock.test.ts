import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drop, readHolder, seize } from '../../src/adapters/lock/holder.ts';
import { openLocks } from '../../src/adapters/lock.ts';
import { ownIdentity } from '../../src/adapters/processes.ts';
import type { Failure } from '../../src/domain/failure.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { bundle } from '../support/bundle.ts';
import { type Started, start, until } from '../support/children.ts';
import { temporaryFolder } from '../support/repo.ts';

/** One waiter: at each line on stdin it takes the lock, says `in`, and at the next line leaves and says `out`. */
const waiter = `
  import { createInterface } from 'node:readline';
  import { drop, readHolder, seize } from '../../src/adapters/lock/holder.ts';
import { openLocks } from './src/adapters/lock.ts';
  import { enter, leave } from './test/support/alone.ts';
  const [folder, id] = process.argv.slice(2);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const locks = openLocks(folder);
  console.log('up');
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    await locks.hold('repository', async (lease) => {
      console.log(enter(folder) ? 'in' : 'not alone', id);
      if ((await lines.next()).done) return;
      lease.assertHeld();
      leave(folder);
    }, { purpose: 'wt merge', waitMs: 60_000 });
    console.log('out', id);
  }
`;

let program = '';
let home = '';
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'wt-test-lock-'));
  program = await bundle(home, waiter);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const newFolder = () => join(temporaryFolder(), 'locks');
const lockOf = (folder: string) => join(folder, 'repository.lock');
const waiting = (folder: string) => readdirSync(join(folder, 'queue')).length;
const say = ({ child }: Started) => child.stdin.write('\n');

async function startWaiter(folder: string, id = 'w'): Promise<Started> {
  const started = start([process.execPath, program, folder, id]);
  await started.lines(1);
  return started;
}

async function startHolder(folder: string): Promise<Started> {
  const started = await startWaiter(folder, 'holder');
  say(started);
  await started.lines(1);
  return started;
}

async function killed({ child }: Started) {
  child.kill('SIGKILL');
  await until(() => child.signalCode !== null);
}

const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => (isFailure(error) ? error : Promise.reject(error)),
  );
const busy = (folder: string, waitMs = 0) =>
  failureOf(openLocks(folder).hold('repository', async () => {}, { waitMs }));

/** Plants the lock of a holder elsewhere, refreshed `ageMs` ago. */
function plant(folder: string, ageMs: number, owner: object = { hostname: 'elsewhere', boot_id: 'theirs' }) {
  mkdirSync(lockOf(folder), { recursive: true });
  const process = { ...ownIdentity(), ...owner };
  writeFileSync(
    join(lockOf(folder), 'somebody'),
    JSON.stringify({ version: 1, process, purpose: 'wt create', since: new Date(Date.now() - 4_000) }),
  );
  const refreshed = new Date(Date.now() - ageMs);
  utimesSync(lockOf(folder), refreshed, refreshed);
}

describe('a lock', () => {
  it('gives the result of the work and leaves nothing', async () => {
    const folder = newFolder();
    const result = await openLocks(folder).hold('repository', async (lease) => {
      lease.assertHeld();
      expect(existsSync(lockOf(folder))).toBe(true);
      return 42;
    });
    expect(result).toBe(42);
    expect(readdirSync(folder, { recursive: true })).toEqual(['queue']);
  });

  it('passes on what the work throws, and is free afterwards', async () => {
    const folder = newFolder();
    const error = new Error('mine');
    const work = () => Promise.reject(error);
    await expect(openLocks(folder).hold('repository', work)).rejects.toBe(error);
    expect(existsSync(lockOf(folder))).toBe(false);
  });

  it('excludes the parts of one process, in the order in which they asked', async () => {
    const folder = newFolder();
    const seen: string[] = [];
    const part = (name: string) =>
      openLocks(folder).hold('repository', async () => {
        seen.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} out`);
      });
    await Promise.all([part('a'), part('b'), part('c')]);
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('ends as busy for a part that asks again for what it holds', async () => {
    const folder = newFolder();
    const locks = openLocks(folder);
    await locks.hold(
      'repository',
      async () => {
        const failure = await failureOf(locks.hold('repository', async () => {}, { waitMs: 20 }));
        expect(failure.message).toContain(`wt create (pid ${process.pid}, for 0 s)`);
      },
      { purpose: 'wt create' },
    );
  });

  it('does not mix up two names', async () => {
    const locks = openLocks(newFolder());
    await locks.hold('a', () => locks.hold('b', async () => {}, { waitMs: 0 }));
  });

  it('names the folder that cannot be written', async () => {
    const file = join(temporaryFolder(), 'state');
    writeFileSync(file, '');
    const failure = await failureOf(openLocks(join(file, 'locks')).hold('repository', async () => {}));
    expect([failure.code, failure.message]).toEqual([
      'command_failed',
      `${join(file, 'locks')} could not be written: a file is where a folder belongs`,
    ]);
  });

  it('tells who holds it once after a second, and names the holder when the wait is over', async () => {
    const folder = newFolder();
    const holder = await startHolder(folder);
    const told: [string, number][] = [];
    const failure = await failureOf(
      openLocks(folder).hold('repository', async () => {}, {
        waitMs: 1_100,
        onWait: (text, ms) => told.push([text, ms]),
      }),
    );
    const name = expect.stringMatching(new RegExp(`^wt merge \\(pid ${holder.pid}, for \\d+ s\\)$`));
    expect(told).toEqual([[name, expect.any(Number)]]);
    expect(told[0]?.[1]).toBeGreaterThanOrEqual(1_000);
    expect([failure.kind, failure.code, failure.details.holder]).toEqual(['busy', 'busy', name]);
    expect(failure.message).toMatch(
      /^the repository lock is held by wt merge \(pid .* gave up after 1\.\d s$/,
    );
    expect(waiting(folder)).toBe(0);
  });

  it('ends the wait when it is aborted, also before it begins', async () => {
    const folder = newFolder();
    await startHolder(folder);
    const stop = new AbortController();
    const hold = () => openLocks(folder).hold('repository', async () => {}, { signal: stop.signal });
    const outcome = failureOf(Promise.all([hold(), hold()]));
    await until(() => waiting(folder) === 1);
    stop.abort('SIGTERM');
    expect([(await outcome).code, (await outcome).details]).toEqual(['interrupted', { signal: 'SIGTERM' }]);
    expect((await failureOf(hold())).code).toBe('interrupted');
    await until(() => waiting(folder) === 0);
  });

  it('tells the holder when it has been taken over', async () => {
    const folder = newFolder();
    const failure = await failureOf(
      openLocks(folder).hold('repository', async (lease) => {
        rmSync(lockOf(folder), { recursive: true });
        plant(folder, 0);
        lease.assertHeld();
      }),
    );
    expect(failure.code).toBe('busy');
    expect(readdirSync(lockOf(folder))).toEqual(['somebody']);
  });
});

describe('a lock whose holder is gone', () => {
  it('is free at once, long before it would count as stale', async () => {
    const folder = newFolder();
    await killed(await startHolder(folder));
    expect(existsSync(lockOf(folder))).toBe(true);
    await openLocks(folder).hold('repository', async () => {}, { waitMs: 0 });
  });

  it('is removed by a holder that SIGTERM ends', async () => {
    const folder = newFolder();
    const { child } = await startHolder(folder);
    child.kill('SIGTERM');
    await until(() => child.signalCode !== null);
    expect(existsSync(lockOf(folder))).toBe(false);
  });

  it('is free when its folder is empty, as a crash in the middle of a release leaves it', async () => {
    const folder = newFolder();
    mkdirSync(lockOf(folder), { recursive: true });
    await openLocks(folder).hold('repository', async () => {}, { waitMs: 0 });
  });

  it('is free after a boot', async () => {
    const folder = newFolder();
    plant(folder, 0, { boot_id: 'an earlier boot' });
    await openLocks(folder).hold('repository', async () => {}, { waitMs: 0 });
  });

  it.each([
    [
      'on another host',
      { hostname: 'elsewhere', boot_id: 'theirs' },
      /wt create \(pid \d+ on elsewhere, for [45] s\)/,
    ],
    ['in another container', { pid_namespace: 'pid:[1]' }, /wt create \(pid \d+, for [45] s\)/],
    ['of whom nothing can be read', { pid: 'garbage' }, /another process/],
  ])('is kept for half a minute when the holder is %s', async (_, owner, name) => {
    const folder = newFolder();
    plant(folder, 25_000, owner);
    expect((await busy(folder)).message).toMatch(name);
    plant(folder, 31_000, owner);
    await openLocks(folder).hold('repository', async () => {}, { waitMs: 0 });
  });

  it('goes to exactly one of twenty that find it stale at once', async () => {
    const folder = newFolder();
    const waiters = await Promise.all(Array.from({ length: 20 }, () => startWaiter(folder)));
    for (let round = 0; round < 3; round++) {
      plant(folder, 60_000);
      for (const each of waiters) say(each);
      const said = await Promise.all(
        waiters.map(async (each) => {
          const [first] = await each.lines(1);
          say(each);
          return [first, ...(await each.lines(1))];
        }),
      );
      expect(said).toEqual(waiters.map(() => ['in w', 'out w']));
    }
  });
});

describe('the folder of a lock', () => {
  const prepare = (folder: string, token: string) => {
    mkdirSync(join(folder, token), { recursive: true });
    writeFileSync(join(folder, token, token), '');
    return join(folder, token);
  };

  it('comes to be with its holder in one step, and is taken by nobody else', () => {
    const folder = temporaryFolder();
    const lock = join(folder, 'repository.lock');
    expect(seize(lock, prepare(folder, 'first'), 'first')).toBe(true);
    expect(seize(lock, prepare(folder, 'second'), 'second')).toBe(false);
    expect(readdirSync(lock)).toEqual(['first']);
  });

  it('is taken away from the holder that was meant, never from its successor', () => {
    const folder = temporaryFolder();
    const lock = join(folder, 'repository.lock');
    seize(lock, prepare(folder, 'first'), 'first');
    drop(lock, 'first');
    expect(existsSync(lock)).toBe(false);
    seize(lock, prepare(folder, 'second'), 'second');
    drop(lock, 'first');
    expect(readdirSync(lock)).toEqual(['second']);
  });

  it('is not taken with a ticket that was swept at the last moment', () => {
    const folder = temporaryFolder();
    const lock = join(folder, 'repository.lock');
    mkdirSync(join(folder, 'swept'));
    expect(seize(lock, join(folder, 'swept'), 'swept')).toBe(false);
    expect(readHolder(lock)).toBeUndefined();
  });
});

describe('a living holder', () => {
  it('is never robbed, however old its lock and however long it is stopped', async () => {
    const folder = newFolder();
    const holder = await startHolder(folder);
    holder.child.kill('SIGSTOP');
    utimesSync(lockOf(folder), 1, 1);
    expect((await busy(folder, 150)).details.holder).toContain(`pid ${holder.pid}`);
    holder.child.kill('SIGCONT');
    say(holder);
    expect(await holder.lines(1)).toEqual(['out holder']);
  });
});

describe('waiters', () => {
  const enqueue = async (folder: string, each: Started, place: number) => {
    say(each);
    await until(() => waiting(folder) === place);
  };

  it('get the lock in the order in which they came, before one that has just had it', async () => {
    const folder = newFolder();
    const holder = await startHolder(folder);
    const waiters = await Promise.all(['c', 'a', 'b'].map((id) => startWaiter(folder, id)));
    for (const [at, each] of waiters.entries()) await enqueue(folder, each, at + 1);
    say(holder);
    say(holder);
    const order: string[] = [];
    await Promise.all(
      [...waiters, holder].map(async (each) => {
        if (each === holder) await each.lines(1);
        order.push(...(await each.lines(1)));
        say(each);
      }),
    );
    expect(order).toEqual(['in c', 'in a', 'in b', 'in holder']);
  });

  it('that died or were stopped while they waited keep nobody from the lock', async () => {
    const folder = newFolder();
    const holder = await startHolder(folder);
    const waiters = await Promise.all(['dead', 'stopped', 'well'].map((id) => startWaiter(folder, id)));
    for (const [at, each] of waiters.entries()) await enqueue(folder, each, at + 1);
    const [dead, stopped, well] = waiters as [Started, Started, Started];
    await killed(dead);
    stopped.child.kill('SIGSTOP');
    say(holder);
    expect(await well.lines(1)).toEqual(['in well']);
    say(well);
    stopped.child.kill('SIGCONT');
    expect(await stopped.lines(1)).toEqual(['in stopped']);
    say(stopped);
    expect(await stopped.lines(1)).toEqual(['out stopped']);
    expect(waiting(folder)).toBe(0);
  });

  it('elsewhere that do not take a free lock are passed by, and forgotten when they show no life', async () => {
    const folder = newFolder();
    const ticket = join(folder, 'queue', 'repository~0000000000~1~1~00000000~x');
    mkdirSync(ticket, { recursive: true });
    await openLocks(folder).hold('repository', async () => {});
    expect(existsSync(ticket)).toBe(true);
    utimesSync(ticket, 1, 1);
    await openLocks(folder).hold('repository', async () => {});
    expect(existsSync(ticket)).toBe(false);
  });
});
