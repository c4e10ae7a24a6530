import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Writer } from '../../application/ports/registrations.ts';
import { intentMarker } from '../../domain/intent.ts';
import type { TrashEntry } from '../../domain/trash.ts';
import type { HubContext } from '../context.ts';
import { line, nothing } from '../git/ask.ts';
import { unwritable } from '../unwritable.ts';
import { entryPlace } from './places.ts';

type Git = Pick<HubContext, 'ask' | 'repository'>;

export const branchLogOf = ({ repository }: Pick<Git, 'repository'>, branch: string): string =>
  join(repository.commonDir, 'logs', 'refs', 'heads', branch);

/** Copies the reflog of a branch that is to be deleted: git deletes it too. */
export function keepBranchLog({ repository }: Git, { id, branch }: TrashEntry): void {
  const log = branch === null ? undefined : branchLogOf({ repository }, branch);
  if (log !== undefined && existsSync(log)) copyFileSync(log, entryPlace(repository, id).branchLog);
}

/** Recreates the branch of an entry where it stood, with its reflog; `false` when there is one that stands elsewhere. */
export async function restoreBranch(
  { ask, repository }: Git,
  { id, branch, head }: TrashEntry,
  writer: Writer,
): Promise<boolean> {
  if (branch === null || head === null) return true;
  const ref = `refs/heads/${branch}`;
  const within = { access: 'write' as const, env: { [intentMarker(writer.id).name]: writer.id } };
  const standing = await ask({
    ...within,
    args: ['rev-parse', '--verify', '--quiet', ref],
    answers: [0, 1],
    parse: line,
  });
  const { branchLog } = entryPlace(repository, id);
  const hasLog = existsSync(branchLog);
  if (standing === '') {
    await ask({
      ...within,
      // The zeros mean: only while it does not exist.
      args: [
        ...(hasLog ? ['-c', 'core.logAllRefUpdates=false'] : []),
        ...['update-ref', '-m', 'wt undo', ref, head, '0'.repeat(head.length)],
      ],
      onChild: writer.child,
      parse: nothing,
    });
  } else if (standing !== head) return false;
  const log = branchLogOf({ repository }, branch);
  if (!hasLog || existsSync(log)) return true;
  try {
    mkdirSync(dirname(log), { recursive: true });
    copyFileSync(branchLog, `${branchLog}.wt-tmp`);
    renameSync(`${branchLog}.wt-tmp`, log);
  } catch (error) {
    throw unwritable(log, error);
  }
  return true;
}
