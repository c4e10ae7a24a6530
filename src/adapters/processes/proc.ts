import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isInside, type ProcessRow, type ProcessTable, shortCommand } from './table.ts';

/** Parses `/proc/<pid>/stat` (proc(5)); the command may hold spaces and `)`, so fields count from the last one. */
export function parseStat(text: string): ProcessRow | undefined {
  const [state, parent, group, session, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const startTime = rest[15];
  if (state === undefined || startTime === undefined) return undefined;
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime,
    state: state.toUpperCase(),
  };
}

const attempt = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch {
    return undefined; // gone meanwhile, or not ours to read
  }
};

const row = (pid: number) => {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return text === undefined ? undefined : parseStat(text);
};

const pids = () => readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
const rowsOf = (wanted: readonly number[]) => wanted.flatMap((pid) => row(pid) ?? []);

function command(pid: number): string | undefined {
  const line = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.replaceAll('\0', ' ');
  const text = line?.trim() ? line : attempt(() => `[${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}]`);
  return text === undefined ? undefined : shortCommand(text);
}

/** Linux: reads /proc, without starting a process. */
export const procTable: ProcessTable = {
  costly: false,
  row,
  rows: () => rowsOf(pids()),
  rowsOf,
  commands: (wanted) =>
    new Map(
      wanted.flatMap((pid) => {
        const text = command(pid);
        return text === undefined ? [] : [[pid, text] as const];
      }),
    ),
  carrying: ({ name, value }) => {
    const entry = `\0${Buffer.from(`${name}=${value}`).toString('latin1')}\0`;
    return pids().filter((pid) => {
      const environment = attempt(() => readFileSync(`/proc/${pid}/environ`, 'latin1'));
      return environment !== undefined && `\0${environment}\0`.includes(entry);
    });
  },
  inside: (folder) =>
    pids().filter((pid) => {
      const link = attempt(() => readlinkSync(`/proc/${pid}/cwd`));
      return link !== undefined && isInside(link.replace(/ \(deleted\)$/, ''), folder);
    }),
};
