import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { CheckAnswer } from '../../domain/answers/dispatch.ts';
import type { Exit } from '../../domain/dispatch-verdict.ts';
import { outputEnd } from '../../domain/output-end.ts';
import type { Warning } from '../../domain/warning.ts';
import { openBoundedOutput } from '../bounded-output.ts';
import { identify } from '../processes.ts';
import { runEnvironment } from './agent-process.ts';
import { processWarnings } from './conclude.ts';
import { runFiles } from './run-folder.ts';
import { eachLook } from './stages.ts';
import { lookMs, type StopWish, type Supervised } from './supervised.ts';
import { openSweep } from './sweep.ts';

export type Checked = {
  readonly check: CheckAnswer;
  /** What it had left running. */
  readonly warnings: readonly Warning[];
  /** The request that ended it, if there was one. */
  readonly asked: StopWish | undefined;
};

/** Runs the command that decides whether the work is done, in the worktree, with the agent's environment. */
export async function runCheck(run: Supervised, command: string): Promise<Checked> {
  const record = run.record();
  const startedAt = performance.now();
  const output = openBoundedOutput(runFiles(run.folder).check(record.dispatch.attempts.length));
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: record.dispatch.worktree_path ?? '/',
    env: runEnvironment(process.env, record),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let exit: Exit | undefined;
  child.once('error', (error) => {
    output.add(Buffer.from(`${error.message}\n`));
    exit ??= { code: null, signal: null };
    run.wake();
  });
  child.once('exit', (code, signal) => {
    exit = { code, signal };
    run.wake();
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', output.add).on('error', () => {});
  const { timeout_ms, grace_ms } = record.request;
  const sweep = openSweep(run, child.pid === undefined ? null : (identify(child.pid) ?? null));
  const look = eachLook(run, sweep);
  let asked: StopWish | undefined;
  let isLate = false;
  while (exit === undefined) {
    run.catchUp();
    asked = run.stopRequest();
    isLate = performance.now() - startedAt >= timeout_ms;
    if (isLate || asked !== undefined) break;
    look();
    await run.idle(lookMs);
  }
  const ended = await sweep.end(asked?.graceMs ?? grace_ms);
  await Promise.race([closed, pause(1_000)]); // longer only where something that left the family holds the pipe
  for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
  if (isLate) output.add(Buffer.from(`\n[ended by wt: it took longer than ${timeout_ms / 1000} s]\n`));
  const { code, signal } = isLate
    ? { code: null, signal: 'SIGTERM' }
    : (exit ?? { code: null, signal: null });
  const duration_ms = Math.round(performance.now() - startedAt);
  const { bytes, isCut } = output.end();
  return {
    check: { command, exit_code: code, signal, duration_ms, output: outputEnd(bytes, isCut) },
    warnings: processWarnings(ended, child.pid),
    asked,
  };
}
