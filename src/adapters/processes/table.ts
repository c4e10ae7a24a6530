import type { Marker } from '../../domain/process.ts';

/** One process as the system lists it. Group and session are the pids of their leaders, dead or alive. */
export type ProcessRow = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTime: string;
  /** The first letter of ps's `stat`: `T` is stopped, `Z` and `X` are gone. */
  readonly state: string;
};

/** The system's processes, from /proc or from ps. Each call looks anew. */
export type ProcessTable = {
  /** Whether a look starts a program. */
  readonly costly: boolean;
  /** `undefined` when no process has this pid; a zombie is given with its state. */
  readonly row: (pid: number) => ProcessRow | undefined;
  readonly rows: () => readonly ProcessRow[];
  /** Of these pids, those that exist. */
  readonly rowsOf: (pids: readonly number[]) => readonly ProcessRow[];
  /** Command lines by pid, shortened; a process that is gone is left out. */
  readonly commands: (pids: readonly number[]) => ReadonlyMap<number, string>;
  /** Pids that carry the marker in their environment, as far as it can be read. */
  readonly carrying: (marker: Marker) => readonly number[];
  /** Pids whose current directory is `folder` or below it; `undefined` when that cannot be known. */
  readonly inside: (folder: string) => readonly number[] | undefined;
};

/** Zombies and processes that are being torn down: they run no more. */
export const isGone = (row: ProcessRow): boolean => row.state === 'Z' || row.state === 'X';

/** A command line as one short line for people. */
export const shortCommand = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
};

/** Whether `path` is `folder` or below it. */
export const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
