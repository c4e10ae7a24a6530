import * as z from 'zod';
import { MergedPullRequest } from '../../domain/pull-request.ts';
import { withoutRepository } from '../git/environment.ts';
import { execa } from '../subprocess.ts';

const timeoutMs = 15_000;
const most = 300;

/**
 * The newest merged pull requests of the repository's GitHub project, by `gh`; none where it is not installed, not
 * logged in, offline or slow: then nothing is known, and nothing counts as merged.
 */
export async function readMergedPullRequests(
  cwd: string,
  variables: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<MergedPullRequest[]> {
  const fields = 'number,headRefName,headRefOid';
  const { stdout, failed } = await execa(
    'gh',
    ['pr', 'list', '--state', 'merged', '--limit', String(most), '--json', fields],
    {
      cwd,
      env: {
        ...withoutRepository(variables),
        GH_PROMPT_DISABLED: '1',
        GH_NO_UPDATE_NOTIFIER: '1',
        NO_COLOR: '1',
      },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      timeout: timeoutMs,
      cancelSignal: signal,
    },
  );
  if (failed) return [];
  try {
    return z.array(MergedPullRequest).parse(JSON.parse(stdout));
  } catch {
    return []; // another program of that name
  }
}
