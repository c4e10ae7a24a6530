import type { DispatchRecord } from '../../domain/dispatch.ts';
import { isFailure } from '../../domain/failure.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Ask } from '../git/ask.ts';

/**
 * Whether the branch of a run still contains the base that was recorded when its worktree was made: somebody may have
 * reset it, or put another branch there. One process, and none in a fresh worktree.
 */
export async function checkBase(ask: Ask, { dispatch }: DispatchRecord): Promise<Warning[]> {
  const { base_sha: base, start_sha: start, branch } = dispatch;
  if (base === null || start === null || base === start) return [];
  const name = branch === null ? 'HEAD' : `'${branch}'`;
  try {
    const args = ['merge-base', '--is-ancestor', base, start];
    const holds = await ask({ args, answers: [0, 1], parse: ({ exitCode }) => exitCode === 0 });
    if (holds) return [];
    const message = `${name} does not contain ${base.slice(0, 10)}, which is recorded as its base; wt status shows what it is judged against`;
    return [{ code: 'base_mismatch', message }];
  } catch (error) {
    if (!isFailure(error)) throw error;
    const message = `whether ${name} contains its recorded base could not be determined: ${error.message}`;
    return [{ code: 'base_unknown', message }];
  }
}
