import type { NewCommit } from '../../application/ports/landing.ts';
import { failures, isFailure } from '../../domain/failure.ts';
import { Sha } from '../../domain/sha.ts';
import type { Author } from '../../domain/squash.ts';
import { type Ask, line } from './ask.ts';
import { requireIdentity } from './identity.ts';

export type CommitPlace = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** A commit that nobody will see: made by wt, at no time and unsigned, so that it needs nothing of the user. */
  readonly anonymous: boolean;
};

const nobody = {
  GIT_AUTHOR_NAME: 'wt',
  GIT_AUTHOR_EMAIL: 'wt@localhost',
  GIT_COMMITTER_NAME: 'wt',
  GIT_COMMITTER_EMAIL: 'wt@localhost',
};

/**
 * Makes a commit of a tree; hooks do not run. commit-tree leaves `commit.gpgSign` to its caller. Throws
 * `identity_missing`.
 */
export async function commitTree(
  ask: Ask,
  { tree, parents, message, author }: NewCommit,
  { cwd, env, anonymous }: CommitPlace,
): Promise<Sha> {
  const sign = !anonymous && (await signsCommits(ask, cwd)) ? ['-S'] : [];
  return ask({
    args: ['commit-tree', ...sign, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', tree],
    cwd,
    env: { ...env, ...(anonymous ? nobody : authorVariables(author)) },
    input: message.endsWith('\n') ? message : `${message}\n`,
    parse: (reply) => Sha.parse(line(reply)),
  }).catch(async (error) => {
    if (!isFailure(error, 'git_failed')) throw error;
    if (!anonymous) await requireIdentity(ask, cwd);
    throw sign.length > 0 ? failures.signingFailed(error, cwd) : error;
  });
}

/** git makes no commit without a name, though there are some: what it reads from the environment it takes as it is. */
function authorVariables(author: Author | undefined): Record<string, string> {
  if (author === undefined) return {};
  const { name, email, date } = author;
  return {
    GIT_AUTHOR_NAME: /[^\s.,:;<>"\\']/.test(name) ? name : email || 'unknown',
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: `@${date}`,
  };
}

const signsCommits = (ask: Ask, cwd: string): Promise<boolean> =>
  ask({
    args: ['config', '--type=bool', '--get', 'commit.gpgSign'],
    cwd,
    answers: [0, 1],
    parse: (reply) => line(reply) === 'true',
  });
