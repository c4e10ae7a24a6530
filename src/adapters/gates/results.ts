import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { GateKey } from '../../application/ports/gates.ts';
import { isFailure } from '../../domain/failure.ts';
import { GateRecord } from '../../domain/gate.ts';
import { atomicWrite, sweepTemporaries } from '../atomic-write.ts';

const dayMs = 24 * 60 * 60 * 1000;
const keepMs = 30 * dayMs;
const mostFiles = 1_000;
const mostBytes = 512 * 1024 * 1024;

/** The results and logs of gates: `gates/<tree>-<hash of the command>.{json,log}` below the control plane. */
export function openResults(stateDir: string, now: () => Date) {
  const folder = join(stateDir, 'gates');
  const pathOf = ({ tree, command }: GateKey, ending: string) =>
    join(folder, `${tree}-${hashOf(command)}.${ending}`);
  return {
    logOf: (key: GateKey): string => pathOf(key, 'log'),
    recall: (key: GateKey) => {
      const record = read(pathOf(key, 'json'));
      if (record === undefined || record.tree !== key.tree || record.command !== key.command)
        return undefined;
      if (now().getTime() - Date.parse(record.at) > keepMs) return undefined;
      const log = pathOf(key, 'log');
      return { record, logPath: sizeOf(log) === undefined ? undefined : log };
    },
    remember: (record: GateRecord): void => {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        atomicWrite(pathOf(record, 'json'), `${JSON.stringify(record, null, 2)}\n`);
        prune(folder, now().getTime());
      } catch (error) {
        const isUnwritable = isFailure(error) || (error instanceof Error && 'syscall' in error);
        if (!isUnwritable) throw error; // else the next one tests again
      }
    },
  };
}

// The same control plane may be seen by a host and by its containers.
const hashOf = (command: string) =>
  createHash('sha256').update(`${process.platform} ${process.arch}\0${command}`).digest('hex').slice(0, 16);

function read(path: string): GateRecord | undefined {
  try {
    return GateRecord.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined; // none, or one that is damaged
  }
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size;

/** Lets the oldest go when there are too many, and what is too old. */
function prune(folder: string, now: number): void {
  sweepTemporaries(folder, 2 * dayMs);
  const files = readdirSync(folder)
    .filter((name) => /\.(?:json|log)$/.test(name))
    .flatMap((name) => {
      const path = join(folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats === undefined ? [] : [{ path, at: stats.mtimeMs, size: stats.size }];
    })
    .sort((a, b) => b.at - a.at);
  let bytes = 0;
  for (const [index, { path, at, size }] of files.entries()) {
    bytes += size;
    if (index >= mostFiles || bytes > mostBytes || now - at > keepMs) rmSync(path, { force: true });
  }
}
