import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Environment } from '../application/ports.ts';
import { failures } from '../domain/failure.ts';

/** The process's own surroundings; `-C` may be given more than once, each relative to the one before. */
export function openEnvironment(directory: string | undefined, version: string): Environment {
  return {
    cwd: () => {
      let start: string;
      try {
        start = process.cwd();
      } catch {
        if (directory === undefined || !directory.startsWith('/')) throw failures.cwdDeleted();
        start = '/';
      }
      if (directory === undefined) return start;
      const target = resolve(start, ...directory.split('\0'));
      try {
        if (statSync(target).isDirectory()) return realpathSync(target);
      } catch {
        // reported below, as for a file
      }
      throw failures.fileNotFound(target);
    },
    home: process.env.HOME ?? homedir(),
    self: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    handover: handover(process.env, process.ppid),
    variables: { ...process.env }, // each look at process.env itself asks the system
    version,
  };
}

/** Only the shell that runs the function can change its directory; what it starts inherits the variables. */
export const handover = (
  { WT_CD_FILE: file, WT_CD_SHELL: shell }: Readonly<Record<string, string | undefined>>,
  parent: number,
): string | undefined => (file !== '' && shell === String(parent) ? file : undefined);
