import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { processes } from '../../src/adapters/processes.ts';
import { afterEveryFile } from './after.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;
const started: Child[] = [];
const used: { name: string; value: string }[] = [];

afterEveryFile(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const marker of used.splice(0)) await processes.endTree({ roots: [], marker, graceMs: 0 });
});

/** A marker of its own for the test; whatever still carries it when the file is done is killed. */
export function testMarker(): { readonly name: string; readonly value: string } {
  const marker = { name: 'WT_TEST_MARKER', value: randomUUID() };
  used.push(marker);
  return marker;
}

export type Started = {
  readonly child: Child;
  readonly pid: number;
  /** Resolves with the next `count` lines that the process, or what inherited its stdout, has written. */
  readonly lines: (count: number) => Promise<string[]>;
};

/** Starts a program in a session of its own; it is killed when the file is done. */
export function start(
  command: readonly [string, ...string[]],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Started {
  const [program, ...args] = command;
  const child = spawn(program, args, { ...options, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child);
  if (child.pid === undefined) throw new Error(`${program} did not start`);
  const incoming = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const lines = async (count: number) => {
    const got: string[] = [];
    while (got.length < count) {
      const { value, done } = await incoming.next();
      if (done) throw new Error(`${program} closed its output after ${got.length} of ${count} lines`);
      got.push(value);
    }
    return got;
  };
  return { child, pid: child.pid, lines };
}

/** Waits until the condition holds; the test's own time limit ends a wait for something that never comes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
