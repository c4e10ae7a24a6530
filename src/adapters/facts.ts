import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { FactsStore } from '../application/ports/state.ts';
import { failures } from '../domain/failure.ts';
import type { Repository } from '../domain/repository.ts';
import { quote } from '../domain/shell.ts';
import { WorktreeFacts } from '../domain/worktree-facts.ts';
import { atomicWrite } from './atomic-write.ts';

/** Parses a JSON state file that carries a `version`; throws `state_too_new`, and gives `undefined` for no file. */
export function readState<T>(
  path: string,
  schema: { parse: (value: unknown) => T },
  known: number,
): T | undefined {
  let text: string;
  try {
    // Most worktrees have none, and an exception costs more than looking.
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw failures.commandFailed(path, `cannot be read: ${(error as Error).message}`, { path });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw failures.commandFailed(
      path,
      `is not JSON: ${(error as Error).message}`,
      { path },
      `mv ${quote(path)} ${quote(`${path}.unreadable`)}, when no other wt can read it`,
    );
  }
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > known) throw failures.stateTooNew(path, version);
  try {
    return schema.parse(value);
  } catch (error) {
    throw failures.commandFailed(
      path,
      `is not what wt wrote: ${firstIssue(error)}`,
      { path },
      `mv ${quote(path)} ${quote(`${path}.unreadable`)}, when no other wt can read it`,
    );
  }
}

/** What a schema found first, in one line. */
function firstIssue(error: unknown): string {
  if (!(error instanceof z.ZodError)) return String(error);
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}`;
}

/** The facts of a worktree, read at once (a few hundred bytes; 30 of them cost 2 ms). */
export const readFacts = (gitDir: string): WorktreeFacts | undefined =>
  readState(join(gitDir, 'wt.json'), WorktreeFacts, 1);

export function openFacts(repository: Repository): FactsStore {
  const lastFile = join(repository.stateDir, 'cache', 'last-used');
  const lastUsed = () => {
    try {
      return readFileSync(lastFile, 'utf8')
        .split('\0')
        .filter((path) => path !== '');
    } catch {
      return [];
    }
  };
  return {
    read: async (gitDir) => readFacts(gitDir),
    write: async (gitDir, facts) => {
      atomicWrite(join(gitDir, 'wt.json'), `${JSON.stringify(facts, null, 2)}\n`);
    },
    lastUsed: async () => lastUsed(),
    rememberUsed: async (path) => {
      const earlier = lastUsed();
      if (earlier[0] === path) return;
      try {
        mkdirSync(dirname(lastFile), { recursive: true, mode: 0o700 });
        writeFileSync(lastFile, [path, ...earlier.filter((other) => other !== path)].slice(0, 2).join('\0'));
      } catch {
        // a convenience; a read-only repository goes without
      }
    },
  };
}
