import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLocks } from '../../src/adapters/lock.ts';
import { processes } from '../../src/adapters/processes.ts';
import { wt } from '../support/bin.ts';
import { until } from '../support/children.ts';
import { hook, type Moment } from '../support/crashes.ts';
import { dispatchIn, dispatchScene } from '../support/dispatches.ts';
import { pictured, realFile } from '../support/orchestration.ts';

const file = 'ORCHESTRATION.yaml';
const agent = 'pipeline-a/1/agent-a-001';

/** A worktree that works for an agent, whose claude waits for a file before it commits. */
async function scene(status = 'PENDING') {
  const made = dispatchScene([]);
  const { repo, env } = made;
  repo.commit('plan', { [file]: realFile('TEMPLATE') });
  await made.wt(['create', 'feat/a', '--no-provision', '--address', 'agent-a-001']);
  await made.wt(['orchestration', 'set', agent, status]);
  const go = join(repo.root, 'go');
  const prompt = [
    '@run while [ ! -e ../../../go ]; do sleep 0.02; done',
    '@write a.txt text',
    '@commit work',
  ].join('\n');
  const statusOf = () =>
    pictured(readFileSync(join(repo.path, file), 'utf8')).statuses.find(({ address }) => address === agent)
      ?.status;
  return {
    ...made,
    statusOf,
    go: () => writeFileSync(go, ''),
    /** Dispatches with a supervisor that is killed at an effect of its own. */
    killedAt: (when: Moment, effect: RegExp) =>
      wt(
        repo.path,
        { ...env, NODE_OPTIONS: `--require=${hook}`, WT_TEST_INNER: '1', WT_TEST_KILL: `${when}:${effect}` },
        ['dispatch', 'feat/a', '-p', prompt, '--async', '--json'],
      ),
    supervisorIsGone: () =>
      until(() => {
        const [newest] = made.records();
        return newest?.supervisor != null && processes.livenessOf(newest.supervisor) === 'dead';
      }),
  };
}

const entering = /rename \S*ORCHESTRATION/;

describe('a supervisor that is killed', () => {
  it.each(['before', 'after'] as const)(
    'right %s it entered that claude runs is replaced, and that is entered',
    async (when) => {
      const { killedAt, supervisorIsGone, statusOf, go, wt: run, records } = await scene();
      expect((await killedAt(when, entering)).code).toBe(0);
      await supervisorIsGone();
      expect(statusOf()).toBe(when === 'before' ? 'PENDING' : 'IN_PROGRESS');
      await run(['status']);
      await until(() => records()[0]?.recording !== undefined);
      expect(statusOf()).toBe('IN_PROGRESS');
      go();
      expect((await run(['wait', 'feat/a'])).code).toBe(0);
      expect([records()[0]?.dispatch.orchestration?.status, statusOf()]).toEqual(['COMPLETE', 'COMPLETE']);
    },
  );

  it.each([
    ['before', /spawn git diff-tree -r -z --name-only --no-renames --diff-filter/],
    ['before', entering],
    ['after', entering],
    ['before', /rename \S*state-files.json/],
  ] as const)('%s %s at the end of a run leaves it to the next command', async (when, effect) => {
    const { killedAt, supervisorIsGone, statusOf, go, wt: run, records, repo } = await scene('IN_PROGRESS');
    await killedAt(when, effect);
    expect(statusOf()).toBe('IN_PROGRESS');
    go();
    await supervisorIsGone();
    expect(records()[0]?.phase).toBe('ending');
    expect(statusOf()).toBe(when === 'before' ? 'IN_PROGRESS' : 'COMPLETE');
    await run(['status']);
    expect(records()[0]).toMatchObject({
      phase: 'ended',
      dispatch: { status: 'complete', orchestration: { address: agent, status: 'COMPLETE' } },
    });
    expect(statusOf()).toBe('COMPLETE');
    const text = readFileSync(join(repo.path, file), 'utf8');
    await run(['status']);
    expect(readFileSync(join(repo.path, file), 'utf8')).toBe(text);
  });

  it('with its claude is lost, and its agent has failed, whichever command looks first', async () => {
    const { wt: run, statusOf, records } = await scene();
    const started = dispatchIn(await run(['dispatch', 'feat/a', '-p', '@hang', '--async', '--json']));
    const { supervisor, marker } = records()[0] ?? {};
    expect([started.orchestration?.status, statusOf()]).toEqual(['IN_PROGRESS', 'IN_PROGRESS']);
    if (supervisor != null && marker !== undefined)
      await processes.endTree({ roots: [supervisor], marker, graceMs: 0 });
    const [runs] = (await run(['runs', '--json'])).json() as { reason: string; orchestration: object }[];
    expect(runs).toMatchObject({ reason: 'lost', orchestration: { status: 'FAILED' } });
    expect(statusOf()).toBe('FAILED');
  });

  it('an end that could not be entered since somebody held the lock is entered by a later command', async () => {
    const { repo, wt: run, statusOf, records, killedAt, supervisorIsGone, go } = await scene('IN_PROGRESS');
    await killedAt('before', entering);
    go();
    await supervisorIsGone();
    // The wt that concludes the run is not given the lock.
    const holder = await holding(join(repo.path, '.git/wt/locks'));
    await run(['status']);
    expect(records()[0]).toMatchObject({ phase: 'ended', recording: { owed: true } });
    expect([
      statusOf(),
      records()[0]?.dispatch.warnings.some(({ code }) => code === 'recording_owed'),
    ]).toEqual(['IN_PROGRESS', true]);
    await holder.release();
    await run(['status']);
    expect([statusOf(), records()[0]?.recording?.owed]).toEqual(['COMPLETE', false]);
    expect(records()[0]?.dispatch.warnings.some(({ code }) => code === 'recording_owed')).toBe(false);
  });
});

/** Holds the repository's lock in this process until it is released. */
async function holding(locks: string) {
  let release = () => {};
  const done = new Promise<void>((resolve) => {
    release = resolve;
  });
  let held = false;
  const whole = openLocks(locks).hold('repository', async () => {
    held = true;
    await done;
  });
  await until(() => held);
  return {
    release: async () => {
      release();
      await whole;
    },
  };
}
