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
export function lines(...selection: readonly string[]): Map<number, string> {
  const listed = output('ps', [...selection, '-o', 'pid=,command=']);
  return new Map(
    (listed?.text ?? '').split('\n').flatMap((line) => {
      const [, pid, rest] = /^\s*(\d+)\s(.*)$/.exec(line) ?? [];
      return rest === undefined || Number(pid) === listed?.pid ? [] : [[Number(pid), rest] as const];
    }),
  );
}

const rowsOf = (pids: readonly number[]) => (pids.length === 0 ? [] : rows('-p', pids.join(',')));

/** Current directories by pid, of `lsof -Fpn -d cwd` (one field per line). */
export function parseDirectories(text: string): Map<number, string> {
  const found = new Map<number, string>();
  let pid = 0;
  for (const field of text.split('\n')) {
    if (field.startsWith('p')) pid = Number(field.slice(1));
    if (field.startsWith('n')) found.set(pid, field.slice(1).replace(/ \(deleted\)$/, ''));
  }
  return found;
}

/** The current directories of processes; empty where there is no lsof. */
export const directoriesOf = (pids: readonly number[]): ReadonlyMap<number, string> =>
  parseDirectories(output('lsof', ['-w', '-a', '-d', 'cwd', '-Fpn', '-p', pids.join(',')])?.text ?? '');

/** The environments of all processes as far as they are shown, by pid: ` NAME=value NAME=value`. */
export function environments(): Map<number, string> {
  const commands = lines('-A', '-ww');
  // The environment follows the arguments. BSD's `e` shows it; on macOS that means every process, and -E does.
  const withEnvironment = process.platform === 'darwin' ? lines('-A', '-E', '-ww') : lines('eww', '-A');
  return new Map(
    [...withEnvironment].flatMap(([pid, line]) => {
      const command = commands.get(pid);
      return command !== undefined && line.startsWith(command) ? [[pid, line.slice(command.length)]] : [];
    }),
  );
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
  carrying: ({ name, value }) =>
    [...environments()].flatMap(([pid, text]) => (`${text} `.includes(` ${name}=${value} `) ? [pid] : [])),
  inside: (folder) => {
    const listed = output('lsof', ['-w', '-d', 'cwd', '-Fpn']);
    if (listed === undefined) return undefined;
    return [...parseDirectories(listed.text)].flatMap(([pid, directory]) =>
      pid !== listed.pid && isInside(directory, folder) ? [pid] : [],
    );
  },
};
