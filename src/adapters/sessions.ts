import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Sessions } from '../application/ports/sessions.ts';
import { lockOwner } from '../domain/lock-owner.ts';
import { runMarker } from '../domain/run-evidence.ts';
import { kindOf, ListedSession, type Session } from '../domain/session.ts';
import type { Worktree } from '../domain/worktree.ts';
import { ancestors } from './processes/ancestors.ts';
import { type ClaudeTable, procClaudes, psClaudes } from './processes/claudes.ts';
import { isGone, type ProcessTable } from './processes/table.ts';
import { processes } from './processes.ts';
import { byPlace, type Places, placesOf } from './sessions/places.ts';
import { isStart, readRegistered } from './sessions/registered.ts';

export type SessionsOptions = {
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly table?: ProcessTable;
  readonly claudes?: ClaudeTable;
};

/** How long claude may take to list its sessions: half a second on a machine that is not busy (2.1.197). */
const patienceMs = 5_000;

type Found = Session & { readonly pid: number };

export function openSessions(options: SessionsOptions): Sessions {
  const { home, variables, table = processes.table } = options;
  const claudes = options.claudes ?? (process.platform === 'linux' ? procClaudes : psClaudes);
  const folder = variables.CLAUDE_CONFIG_DIR ?? join(home, '.claude');

  /** What the processes say, with what claude keeps about each, without ours. */
  const seen = (placeOf: Places): readonly (Found | undefined)[] => {
    const registered = new Map(readRegistered(join(folder, 'sessions')).map((entry) => [entry.pid, entry]));
    const running = claudes.claudes((cwd) => placeOf(cwd) !== undefined);
    const pids = new Set([
      ...running.map(({ pid }) => pid),
      ...[...registered.values()].flatMap(({ pid, cwd }) => (placeOf(cwd) === undefined ? [] : [pid])),
    ]);
    if (pids.size === 0) return [];
    const rows = table.rowsOf([...pids]).filter((row) => !isGone(row));
    const known = rows.flatMap((row) => {
      const entry = registered.get(row.pid);
      const isSame = entry !== undefined && isStart(entry.procStart, row.startTime);
      const found = running.find(({ pid }) => pid === row.pid);
      return found === undefined && !isSame ? [] : [{ row, found, entry: isSame ? entry : undefined }];
    });
    const ours = new Set([
      ...ancestors(table),
      ...claudes.carrying(
        known.map(({ row }) => row.pid),
        runMarker,
      ),
    ]);
    return known
      .filter(({ row }) => !ours.has(row.pid))
      .filter(({ row, entry }) => entry !== undefined || !known.some((other) => other.row.parent === row.pid)) // wraps one
      .map(({ row, found, entry }) => {
        const cwd = found?.cwd ?? entry?.cwd;
        if (cwd === undefined) return undefined;
        return {
          pid: row.pid,
          kind: entry === undefined ? (found?.kind ?? 'interactive') : kindOf(entry),
          session_id: entry?.sessionId ?? null,
          name: entry?.name ?? null,
          cwd,
          source: found === undefined ? ('claude' as const) : ('process' as const),
        };
      });
  };

  /** What the locks of worktrees say, of processes that live. */
  const locked = (worktrees: readonly Worktree[]): readonly Found[] =>
    worktrees.flatMap(({ path, locked }) => {
      const lock = lockOwner(locked ?? '');
      const row = lock?.tool === 'claude' ? table.row(lock.pid) : undefined;
      if (lock === undefined || row === undefined || isGone(row)) return [];
      if (!isStart(lock.startTime, row.startTime) || ancestors(table).includes(lock.pid)) return [];
      return [{ pid: lock.pid, kind: 'agent', session_id: null, name: lock.id, cwd: path, source: 'lock' }];
    });

  return {
    here: async (worktrees) => {
      const placeOf = placesOf(worktrees);
      const found = seen(placeOf);
      if (found.includes(undefined)) return undefined;
      const all = [...(found as readonly Found[]), ...locked(worktrees)];
      return byPlace(placeOf, all);
    },
    listed: async (worktrees, [file, ...leading]) => {
      // Only claudes that live have entries beside this, and those are seen without asking.
      if (!existsSync(join(folder, 'jobs'))) return new Map();
      const { CLAUDECODE: _, CLAUDE_CODE_ENTRYPOINT: __, ...env } = variables;
      const { execa } = await import('./subprocess.ts');
      const ended = await execa(file, [...leading, 'agents', '--json'], {
        cwd: '/',
        env,
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
        timeout: patienceMs,
        killSignal: 'SIGKILL',
        cancelSignal: options.signal,
      });
      const entries = z.array(ListedSession).safeParse(parsed(ended.stdout));
      if (!entries.success) return undefined;
      const placeOf = placesOf(worktrees);
      const pids = entries.data.flatMap(({ pid }) => pid ?? []);
      const ours = new Set(
        pids.length === 0 ? [] : [...ancestors(table), ...claudes.carrying(pids, runMarker)],
      );
      const others = entries.data.filter(({ pid }) => pid === undefined || !ours.has(pid));
      return byPlace(
        placeOf,
        others.map(({ pid, kind, sessionId, name, cwd }) => ({
          pid: pid ?? null,
          kind: kind === 'background' ? 'background' : 'interactive',
          session_id: sessionId ?? null,
          name: name ?? null,
          cwd,
          source: 'claude',
        })),
      );
    },
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
