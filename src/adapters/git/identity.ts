import { failures } from '../../domain/failure.ts';
import type { GitSetting } from '../../domain/push-guard.ts';
import { type Ask, fields, type Reply } from './ask.ts';

/** Throws `identity_missing` when git would not know whom to name as author or committer of a commit there. */
export async function requireIdentity(ask: Ask, worktree: string): Promise<void> {
  for (const variable of ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT']) {
    const reply = await ask({
      args: ['var', variable],
      cwd: worktree,
      answers: [0, 128],
      parse: (it: Reply) => it,
    });
    if (reply.exitCode !== 0) throw failures.identityMissing(reply.stderr.trim());
  }
}

/** What says where a push goes: URLs of the remotes, and the rewriting of URLs. */
export const readPushSettings = (ask: Ask): Promise<GitSetting[]> =>
  ask({
    args: ['config', '-z', '--get-regexp', '^(remote\\..*\\.(url|pushurl)|url\\..*\\.pushinsteadof)$'],
    answers: [0, 1],
    parse: ({ stdout }) =>
      fields(stdout).map((field) => {
        const [key = '', ...value] = field.split('\n');
        return { key, value: value.join('\n') };
      }),
  });
