import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { claudeIn, type SessionKind } from '../../domain/session.ts';
import { directoriesOf, environments, lines } from './ps.ts';

/** A process of claude; `cwd` is `undefined` where its directory cannot be read. */
export type ClaudeProcess = {
  readonly pid: number;
  readonly kind: SessionKind;
  readonly cwd: string | undefined;
};

/** How the processes of claude are found. */
export type ClaudeTable = {
  /** Those that work in a folder that is wanted, and those of which that cannot be told. */
  readonly claudes: (isWanted: (cwd: string) => boolean) => readonly ClaudeProcess[];
  /** Those of the pids that have a variable of this name in their environment. */
  readonly carrying: (pids: readonly number[], variable: string) => readonly number[];
};

const text = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // gone meanwhile, or not ours to read
  }
};

function directory(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined; // another user's: where it works is its own business
  }
}

/** Linux: a link is read for each process, and more only of those that are in a wanted folder. */
export const procClaudes: ClaudeTable = {
  claudes: (isWanted) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0; // what cannot be read costs a third less
    try {
      return readdirSync('/proc').flatMap((name) => {
        const cwd = /^\d/.test(name) ? directory(name) : undefined;
        if (cwd === undefined || !isWanted(cwd)) return [];
        const found = claudeIn(text(`/proc/${name}/cmdline`).split('\0'));
        return found === undefined ? [] : [{ pid: Number(name), cwd, ...found }];
      });
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  },
  carrying: (pids, variable) =>
    pids.filter((pid) => `\0${text(`/proc/${pid}/environ`)}`.includes(`\0${variable}=`)),
};

/** Elsewhere: one ps, and lsof only where there is a claude at all. */
export const psClaudes: ClaudeTable = {
  claudes: (isWanted) => {
    const found = [...lines('-A', '-ww')].flatMap(([pid, line]) => {
      const claude = claudeIn(line.trim().split(/\s+/));
      return claude === undefined ? [] : [{ pid, ...claude }];
    });
    if (found.length === 0) return [];
    const directories = directoriesOf(found.map(({ pid }) => pid));
    return found
      .map((claude) => ({ ...claude, cwd: directories.get(claude.pid) }))
      .filter(({ cwd }) => cwd === undefined || isWanted(cwd));
  },
  carrying: (pids, variable) => {
    const all = environments();
    return pids.filter((pid) => all.get(pid)?.includes(` ${variable}=`));
  },
};
