import type { HubContext } from './context.ts';
import type { Ahead } from './git/ahead.ts';
import { openAsk } from './git/ask.ts';
import { discoverRepository } from './git/discover.ts';
import { checkGitVersion } from './git/version-cache.ts';

export type OpenOptions = Omit<HubContext, 'repository' | 'ask' | 'remove'> & {
  readonly cwd: string;
  readonly trace?: ((line: string) => void) | undefined;
  readonly ahead?: Ahead | undefined;
};

/** Discovers the repository of a directory, and a git that is asked in it. */
export async function openContext(options: OpenOptions): Promise<HubContext> {
  const { cwd, variables, clock, home, signal, trace, ahead } = options;
  const repository = await discoverRepository(openAsk({ cwd, variables, trace, signal, ahead }), cwd);
  const ask = openAsk({ cwd: repository.commonDir, isFound: true, variables, trace, signal, ahead });
  await checkGitVersion(ask, repository, variables.PATH);
  return { repository, ask, variables, clock, signal, home, remove: ahead?.remove };
}
