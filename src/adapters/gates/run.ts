import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { GateCommand, GateEnd } from '../../application/ports/gates.ts';
import type { ChildBinding } from '../../application/ports/provisioning.ts';
import { outputEnd } from '../../domain/output-end.ts';
import { oneLine } from '../../domain/plain-text.ts';
import { draftOf } from '../atomic-write.ts';
import { openBoundedOutput } from '../bounded-output.ts';
import { realOrResolved } from '../folders.ts';
import { isGone } from '../processes/table.ts';
import { endTree, here, processes } from '../processes.ts';
import { runChild, stepMarker } from '../provisioning/run.ts';

const graceMs = 2_000;
const mostTail = 4 * 1024;

/** Runs a gate to its end, ends what it left running, and puts its output in the log. */
export async function runGate(
  variables: Readonly<Record<string, string | undefined>>,
  { command, cwd, env, timeoutMs }: GateCommand,
  binding: ChildBinding,
  log: string,
): Promise<GateEnd> {
  const draft = draftOf(log);
  makeFolder(dirname(log));
  const output = openBoundedOutput(draft);
  const listen = (stream: Readable) => stream.on('data', output.add).on('error', () => {});
  const { how, exitCode, why, root } = await runChild(
    variables,
    '/bin/sh',
    { argv: ['sh', '-c', command], cwd, env, timeoutMs },
    { ...binding, listen },
  );
  const marker = stepMarker(binding.step);
  const swept = await endTree({ roots: root === undefined ? [] : [root], marker, graceMs });
  const { ended } = await endTree({ roots: straysIn(cwd), graceMs });
  if (how === 'timeout')
    output.add(Buffer.from(`\n[ended by wt: it took longer than ${timeoutMs / 1000} s]\n`));
  if (how === 'not-started') output.add(Buffer.from(`${why}\n`));
  const isWritten = output.isWritten();
  const { bytes, isCut } = output.end();
  return {
    how,
    exitCode,
    tail: outputEnd(bytes, isCut, mostTail),
    logPath: isWritten && takesPlace(draft, log) ? log : undefined,
    leftovers: [...swept.ended, ...ended]
      .filter(({ pid }) => pid !== root?.pid)
      .map(({ pid, command: line }) => `${oneLine(line, 80)} (${pid})`),
  };
}

/** What took the marker off and left its parents, and still sits in the room; a person's shell there has a parent. */
function straysIn(room: string) {
  const { table } = processes;
  return table
    .rowsOf(table.inside(realOrResolved(room)) ?? [])
    .filter((row) => row.parent === 1 && !isGone(row))
    .map((row) => ({ pid: row.pid, start_time: row.startTime, ...here() }));
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // then there is no log
  }
}

function takesPlace(draft: string, log: string): boolean {
  try {
    renameSync(draft, log);
    return true;
  } catch {
    rmSync(draft, { force: true });
    return false;
  }
}
