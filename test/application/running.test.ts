import { describe, expect, it } from 'vitest';
import type { Dispatching, ReadyWorktree } from '../../src/application/dispatching.ts';
import type { RunNews } from '../../src/application/ports/agent.ts';
import type { Hub, Ports } from '../../src/application/ports.ts';
import { openRunner } from '../../src/application/running.ts';
import { blankDispatch, type DispatchRecord } from '../../src/domain/dispatch.ts';
import { until } from '../support/children.ts';

const recordOf = (name: string, change: object = {}) =>
  ({
    phase: 'running',
    request: { grace_ms: 0, until: null },
    dispatch: { ...blankDispatch, dispatch_id: name, branch: name, status: 'running', ...change },
  }) as unknown as DispatchRecord;

/** A runner on a machine that starts and ends runs when it is told to. */
function stage(names: readonly string[], options: { readonly atOnce: number; readonly async?: boolean }) {
  const interrupt = new AbortController();
  let hangUp = () => {};
  const hangup = new Promise<void>((resolve) => {
    hangUp = resolve;
  });
  const started: string[] = [];
  const stopped: string[] = [];
  const begin = new Map<string, () => void>();
  const end = new Map<string, () => void>();
  const waits = (gates: Map<string, () => void>, name: string) =>
    new Promise<void>((resolve) => gates.set(name, resolve));
  async function* follow(name: string, signal: AbortSignal): AsyncGenerator<RunNews> {
    if (signal.aborted) return;
    const left = new Promise((resolve) => signal.addEventListener('abort', resolve));
    const ended = waits(end, name).then(() => true);
    if ((await Promise.race([ended, left])) !== true) return;
    yield { kind: 'record', record: recordOf(name, { status: 'complete' }) };
  }
  const narrator = {
    ...{ signal: interrupt.signal, hangup, format: 'json', tty: { columns: 80 } },
    ...{ note: () => {}, warn: () => {}, live: () => {} },
  };
  const supervisors = {
    follow: async (name: string, { signal }: { signal: AbortSignal }) => follow(name, signal),
    stop: async ({ dispatch }: DispatchRecord) => {
      stopped.push(dispatch.branch ?? '');
      end.get(dispatch.branch ?? '')?.();
      return recordOf(dispatch.branch ?? '', { status: 'failed', reason: 'cancelled' });
    },
  };
  const dispatching = {
    start: async ({ worktree }: ReadyWorktree) => {
      const name = worktree.branch ?? '';
      started.push(name);
      await waits(begin, name);
      return recordOf(name);
    },
  };
  const runner = openRunner(
    { narrator, clock: { now: () => new Date(0) } } as unknown as Ports,
    { supervisors } as unknown as Hub,
    dispatching as unknown as Dispatching,
    { names, async: false, tellsEnds: false, ...options },
  );
  const run = (name: string) =>
    runner.run({ worktree: { branch: name } } as unknown as ReadyWorktree, 'x').then(
      ({ dispatch }) => `${name} ${dispatch.status}`,
      ({ code }) => `${name} ${code}`,
    );
  const tell = async (gates: Map<string, () => void>, name: string) => {
    await until(() => gates.has(name));
    gates.get(name)?.();
  };
  return {
    ...{ runner, run, started, stopped, interrupt, hangUp: () => hangUp() },
    begins: (name: string) => tell(begin, name),
    follows: (name: string) => until(() => end.has(name)),
    ends: (name: string) => tell(end, name),
  };
}

describe('the runs of one command', () => {
  it('are started in order, so many at once', async () => {
    const { run, started, begins, ends } = stage(['a', 'b', 'c'], { atOnce: 2 });
    const all = Promise.all(['a', 'b', 'c'].map(run));
    await Promise.all(['a', 'b'].map(begins));
    expect(started).toEqual(['a', 'b']);
    await ends('b');
    await begins('c');
    await Promise.all(['a', 'c'].map(ends));
    expect(await all).toEqual(['a complete', 'b complete', 'c complete']);
  });

  it('are left when the terminal is closed, once the last was started or will not be', async () => {
    const { runner, run, begins, ends, hangUp } = stage(['a', 'b', 'c'], { atOnce: 1 });
    const all = Promise.all(['a', 'b'].map(run));
    await begins('a');
    hangUp();
    await ends('a'); // still followed: it makes room for the next
    await begins('b');
    runner.skip();
    expect(await all).toEqual(['a complete', 'b running']);
  });

  it('are taken back by a Ctrl-C before the command has answered, though they were to be left', async () => {
    const { run, stopped, begins, interrupt } = stage(['a', 'b'], { atOnce: 2, async: true });
    const all = Promise.all(['a', 'b'].map(run));
    await begins('a');
    interrupt.abort('SIGINT');
    await begins('b');
    expect(await all).toEqual(['a failed', 'b failed']);
    expect(stopped.sort()).toEqual(['a', 'b']);
  });

  it('that have not begun at a Ctrl-C never begin', async () => {
    const { run, started, begins, follows, interrupt } = stage(['a', 'b'], { atOnce: 1 });
    const all = Promise.all(['a', 'b'].map(run));
    await begins('a');
    await follows('a');
    interrupt.abort('SIGINT');
    expect(await all).toEqual(['a failed', 'b interrupted']);
    expect(started).toEqual(['a']);
  });
});
