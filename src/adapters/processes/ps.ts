import { isInside, type ProcessRow, type ProcessTable, shortCommand } from './table.ts';

/** macOS gives a kernel address for the session, so there the group stands in for it. */
const session = process.platform === 'darwin' ? 'pgid=' : 'sess=';
const columns = `pid=,ppid=,pgid=,${session},stat=,lstart=`;

type Output = { readonly pid: number; readonly text: string };

/** Runs a program for its output; `undefined` when it is missing or said nothing. Loads child_process on demand. */
function output(program: string, args: readonly string[]): Output | undefined {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { pid, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout ? { pid, text: stdout } : undefined; // ps exits 1 when one of the pids is gone, lsof too
}

/** Parses lines of `ps -o pid=,ppid=,pgid=,sess=,stat=,lstart=`. */
export function parseRows(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parent, group, session, state, ...start] = line.trim().split(/\s+/);
    if (state === undefined || start.length === 0) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: Number(session),
        state: state.slice(0, 1).toUpperCase(),
        startTime: start.join(' '),
      },
    ];
  });
}

/** The rows that ps gives, without its own. */
function rows(...selection: readonly string[]): ProcessRow[] {
  const listed = output('ps', ['-o', columns, ...selection]);
  return listed === undefined ? [] : parseRows(listed.text).filter((row) => row.pid !== listed.pid);
}

/** The command lines that ps gives, by pid, without its own. */
function lines(...selection: readonly string[]): Map<number, string> {
  const listed = output('ps', [...selection, '-o', 'pid=,command=']);
  return new Map(
    (listed?.text ?? '').split('\n').flatMap((line) => {
      const [, pid, rest] = /^\s*(\d+)\s(.*)$/.exec(line) ?? [];
      return rest === undefined || Number(pid) === listed?.pid ? [] : [[Number(pid), rest] as const];
    }),
  );
}

const rowsOf = (pids: readonly number[]) => (pids.length === 0 ? [] : rows('-p', pids.join(',')));

/** Pids of `lsof -Fpn -d cwd` (one field per line) whose directory is in the folder. */
export function parseDirectories(text: string, folder: string): number[] {
  let pid = 0;
  return text.split('\n').flatMap((field) => {
    if (field.startsWith('p')) pid = Number(field.slice(1));
    return field.startsWith('n') && isInside(field.slice(1).replace(/ \(deleted\)$/, ''), folder)
      ? [pid]
      : [];
  });
}

/**
 * Systems without /proc. A start time has a resolution of one second here, and macOS shows the environment of
 * its own system programs (/bin/sleep) to nobody, so that a marker does not find those.
 */
export const psTable: ProcessTable = {
  costly: true,
  row: (pid) => rowsOf([pid])[0],
  rows: () => rows('-A'),
  rowsOf,
  commands: (pids) => {
    if (pids.length === 0) return new Map();
    return new Map([...lines('-ww', '-p', pids.join(','))].map(([pid, line]) => [pid, shortCommand(line)]));
  },
  carrying: ({ name, value }) => {
    const commands = lines('-A', '-ww');
    // The environment follows the arguments. BSD's `e` shows it; on macOS that means every process, and -E does.
    const withEnvironment = process.platform === 'darwin' ? lines('-A', '-E', '-ww') : lines('eww', '-A');
    return [...withEnvironment].flatMap(([pid, line]) => {
      const command = commands.get(pid);
      const environment = command !== undefined && line.startsWith(command) ? line.slice(command.length) : '';
      return `${environment} `.includes(` ${name}=${value} `) ? [pid] : [];
    });
  },
  inside: (folder) => {
    const listed = output('lsof', ['-w', '-d', 'cwd', '-Fpn']);
    if (listed === undefined) return undefined;
    return parseDirectories(listed.text, folder).filter((pid) => pid !== listed.pid);
  },
};
