import { join } from 'node:path';
import { expect } from 'vitest';
import * as z from 'zod';
import { StatusAnswer } from '../../src/domain/answers/status.ts';
import { wt } from './bin.ts';
import type { TestRepo } from './repo.ts';

/** Runs a command that answers with rows: each checked against the schema. */
export async function rowsOf<T>(
  repo: TestRepo,
  schema: z.ZodType<T>,
  args: readonly string[],
  cwd = repo.path,
) {
  const ran = await wt(cwd, repo.env, [...args, '--json']);
  expect(ran.stderr).toBe('');
  const rows = z.array(schema).parse(ran.json());
  expect(rows).toEqual(ran.json()); // no key that the schema does not know
  expect(ran.code).toBe(0);
  return rows;
}

export const status = (
  repo: TestRepo,
  args: readonly string[] = [],
  cwd = repo.path,
): Promise<StatusAnswer[]> => rowsOf(repo, StatusAnswer, ['status', ...args], cwd);

/** The row of a branch, or of a folder of that name. */
export const named = <T extends { readonly branch: string | null; readonly path: string }>(
  rows: readonly T[],
  name: string,
): T => {
  const row = rows.find(({ branch, path }) => branch === name || path.endsWith(`/${name}`));
  if (row === undefined) throw new Error(`no row ${name}`);
  return row;
};

export const codes = (row: Pick<StatusAnswer, 'warnings'>) => row.warnings.map(({ code }) => code);

/** A worktree made with plain git. */
export function add(repo: TestRepo, branch: string, ...more: string[]): string {
  const path = join(repo.root, 'jerry-wt', branch);
  repo.git('worktree', 'add', '-q', '-b', branch, path, ...more);
  return path;
}

export const gitDirOf = (repo: TestRepo, path: string) => repo.gitIn(path, 'rev-parse', '--absolute-git-dir');
