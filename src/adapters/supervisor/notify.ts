import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { oneLine } from '../../domain/plain-text.ts';
import { withoutRepository } from '../git/environment.ts';
import { endTree, identify, marked, processes } from '../processes.ts';
import { runFiles } from './run-folder.ts';

/** What a command may write into the log, and when the log is full. */
const mostOutput = 16 * 1024;
const mostLog = 1024 * 1024;
/** How long output may still come once nothing of a command is left. */
const drainMs = 1_000;

export type NotifyOptions = {
  /** Where the commands run. */
  readonly cwd: string;
  /** How long they may take together; then they are ended with everything they started. */
  readonly limitMs?: number;
  readonly graceMs?: number;
};

/** In the environment of every command that is told of a run. */
export const notifyMarkerName = 'WT_NOTIFY_MARKER';

/** What carries this in its environment was started by a command that is told of the run. */
export const notifyMarker = ({ marker }: DispatchRecord) => ({
  name: notifyMarkerName,
  value: marker.value,
});

/**
 * Runs the shell commands that are to be told of a run, all at once, with its dispatch object on stdin. How they end
 * stands in `notify.log`, and nowhere else. Nothing of them is left when this is done.
 */
export async function notify(folder: string, record: DispatchRecord, options: NotifyOptions): Promise<void> {
  const commands = record.request.notify;
  if (commands.length === 0) return;
  const { limitMs = 60_000, graceMs = 2_000 } = options;
  const marker = notifyMarker(record);
  await endTree({ roots: [], marker, graceMs: 0 }); // of a supervisor that was killed while it told
  const cwd = existsSync(options.cwd) ? options.cwd : folder;
  const { [record.marker.name]: _, WT_DISPATCH_ID: __, ...inherited } = withoutRepository(process.env);
  const env = { ...inherited, [marker.name]: marker.value };
  const text = `${JSON.stringify(record.dispatch)}\n`;

  const told = commands.map((command) => tell(command, { cwd, env, text }));
  const enough = new AbortController();
  const done = (async () => {
    await Promise.all(told.map(({ exited }) => exited));
    while (!enough.signal.aborted && (await marked(marker)).length > 0) {
      await pause(processes.table.costly ? 1_000 : 100); // what they left in the background has its time too
    }
  })();
  const limit = pause(limitMs, undefined, { signal: enough.signal }).catch(() => {});
  await Promise.race([done, limit]);
  enough.abort();
  const late = new Set(told.filter(({ ending }) => ending() === undefined));
  const roots = told.flatMap(({ pid }) => identify(pid) ?? []);
  const { ended } = await endTree({ roots, marker, graceMs });
  // An exit is seen before the last of the output; somebody who took the marker off may hold the streams for ever.
  const drained = new AbortController();
  const patience = pause(drainMs, undefined, { signal: drained.signal }).catch(() => {});
  await Promise.race([Promise.all(told.map(({ closed }) => closed)), patience]);
  drained.abort();
  for (const { close } of told) close();
  for (const each of told) {
    const how = late.has(each) ? `not done after ${limitMs} ms, and ended` : each.ending();
    log(folder, `${oneLine(each.command, 200)}: ${how}`, each.output());
  }
  const others = ended.filter(({ pid }) => !told.some((each) => each.pid === pid));
  if (others.length > 0)
    log(folder, `ended what was left: ${others.map((other) => other.command).join(', ')}`);
}

/** Writes a line about the telling, and what belongs to it. */
export function log(folder: string, line: string, output = ''): void {
  const { notify: path } = runFiles(folder);
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostLog) return;
    const rest = output === '' || output.endsWith('\n') ? output : `${output}\n`;
    appendFileSync(path, `${new Date().toISOString()} ${line}\n${rest}`, { mode: 0o600 });
  } catch {
    // nobody is left to be told
  }
}

type Told = {
  readonly command: string;
  readonly pid: number;
  readonly exited: Promise<void>;
  /** Nothing more will come of its output. */
  readonly closed: Promise<void>;
  /** How it ended, once it has. */
  readonly ending: () => string | undefined;
  readonly output: () => string;
  readonly close: () => void;
};

type Telling = {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly text: string;
};

function tell(command: string, { cwd, env, text }: Telling): Told {
  let ending: string | undefined;
  const pieces: Buffer[] = [];
  let size = 0;
  const take = (piece: Buffer) => {
    if (size < mostOutput) pieces.push(piece.subarray(0, mostOutput - size));
    size += piece.length;
  };
  let child: ChildProcess | undefined;
  let whole = () => {};
  const closed = new Promise<void>((resolve) => {
    whole = resolve;
  });
  const exited = new Promise<void>((resolve) => {
    const end = (how: string) => {
      ending = how;
      resolve();
    };
    const fault = (error: unknown) => {
      end(`could not be started: ${(error as Error).message}`);
      whole();
    };
    try {
      child = spawn('/bin/sh', ['-c', command], { cwd, env, detached: true, stdio: 'pipe' });
    } catch (error) {
      fault(error); // node throws some errors, such as E2BIG
      return;
    }
    child.once('error', fault);
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    child.once('close', whole);
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.stdin?.on('error', () => {}); // it need not read
    child.stdin?.end(text);
  });
  return {
    command,
    pid: child?.pid ?? 0,
    exited,
    closed,
    ending: () => ending,
    output: () => {
      const more = size > mostOutput ? `\n… and ${size - mostOutput} bytes more` : '';
      return `${Buffer.concat(pieces).toString('utf8')}${more}`;
    },
    close: () => {
      for (const stream of [child?.stdin, child?.stdout, child?.stderr]) stream?.destroy();
    },
  };
}
