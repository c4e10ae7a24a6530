import type { DispatchRecord } from '../domain/dispatch.ts';
import { failures } from '../domain/failure.ts';
import { quote } from '../domain/shell.ts';
import { worktreeName } from '../domain/worktree.ts';
import { summaryLine } from './dispatch-view.ts';
import type { Dispatching, ReadyWorktree } from './dispatching.ts';
import { followRun } from './following.ts';
import { openGate } from './gate.ts';
import { type LiveLines, openLiveLines } from './live-lines.ts';
import type { Hub, Ports } from './ports.ts';
import { nameColumn } from './progress-view.ts';

export type RunnerOptions = {
  /** The names of all that will be run or skipped. */
  readonly names: readonly string[];
  readonly atOnce: number;
  /** Whether they are left to their supervisors once claude runs in all of them. */
  readonly async: boolean;
  /** Whether the end of each is told as it comes. */
  readonly tellsEnds: boolean;
  readonly onLine?: ((line: string) => Promise<void>) | undefined;
  /** The live lines of the command, where it has others too. */
  readonly live?: LiveLines | undefined;
};

/** The runs of one command: so many at once, a live line for each. */
export type Runner = {
  /** Waits for its turn, starts a run and follows it to its end, unless it is to be left or the terminal is closed. */
  readonly run: (ready: ReadyWorktree, prompt: string) => Promise<DispatchRecord>;
  /** One of the names will not be run. */
  readonly skip: () => void;
};

/**
 * Opens a runner. Ctrl-C ends all that it started and starts no more. A closed terminal leaves the runs to their
 * supervisors, but not before the last was started: there is nobody else who would see that not too many run.
 */
export function openRunner(
  ports: Ports,
  hub: Hub,
  dispatching: Dispatching,
  { names, atOnce, async: isAsync, tellsEnds, onLine, live = openLiveLines(ports.narrator) }: RunnerOptions,
): Runner {
  const { narrator } = ports;
  const gate = openGate(atOnce);
  const label = nameColumn(names, narrator.tty.columns);
  const detach = new AbortController();
  let toBegin = names.length;
  let queued = 0;
  let isHungUp = false;
  let tellBegun = () => {};
  const allBegun = new Promise<void>((resolve) => {
    tellBegun = resolve;
  });
  const look = () => {
    if (toBegin > 0) return;
    tellBegun();
    if (isHungUp) detach.abort();
  };
  void narrator.hangup.then(() => {
    isHungUp = true;
    look();
  });
  const skip = () => {
    toBegin -= 1;
    look();
  };

  const enter = async () => {
    const queue = (change: number) => {
      queued += change;
      live.below(queued > 0 ? `${queued} more to come` : undefined);
    };
    queue(1);
    const leave = await gate.enter();
    queue(-1);
    return leave;
  };

  const begin = async (ready: ReadyWorktree, prompt: string): Promise<DispatchRecord> => {
    try {
      if (narrator.signal.aborted) throw failures.interrupted(String(narrator.signal.reason));
      const record = await dispatching.start(ready, prompt);
      const { dispatch_id: id, pid, status } = record.dispatch;
      const name = worktreeName(ready.worktree);
      const further = isAsync ? `; wt logs ${quote(name)} --follow` : '';
      if (status === 'running') narrator.note(`${id} runs in ${name} (claude ${pid})${further}`);
      return record;
    } finally {
      skip();
    }
  };

  /** A Ctrl-C before this command has answered takes back what it had begun. */
  const left = async (record: DispatchRecord): Promise<DispatchRecord> => {
    await allBegun;
    if (!narrator.signal.aborted) return record;
    return hub.supervisors.stop(record, 'interrupted', record.request.grace_ms);
  };

  return {
    skip,
    run: async (ready, prompt) => {
      const leave = await enter();
      try {
        const record = await begin(ready, prompt);
        if (isAsync) return await left(record);
        const name = worktreeName(ready.worktree);
        const options = { live, label: label(name), detach: detach.signal, onLine };
        const ended = await followRun(ports, hub, record, options);
        if (tellsEnds) narrator.note(`${name}: ${summaryLine(ended.dispatch, false)}`);
        return ended;
      } finally {
        leave();
      }
    },
  };
}
