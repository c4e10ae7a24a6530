import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LandingStrategy } from '../../src/domain/merge-plan.ts';
import { type MergeScene, mergeScene } from '../support/merges.ts';

const strategies: readonly LandingStrategy[] = ['ff', 'merge', 'squash', 'rebase'];

/** `feat/a` with two commits; `main` has gone on, unless it is to be fast-forwarded. */
function scene(strategy: LandingStrategy): MergeScene {
  const made = mergeScene({ base: { f: 'f\n', g: 'g\n' }, branches: { 'feat/a': { f: 'F\n' } } });
  made.commit({ 'sub/new': 'new\n' }, made.at('feat/a'));
  if (strategy !== 'ff') made.commit({ on: 'on\n' });
  return made;
}

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'not refused',
    (error) => ({ code: error.code, paths: error.details.paths }),
  );

/** What landed: the paths, how many commits came, and of how many parents the last one is. */
const landed = ({ repo }: MergeScene, cwd: string, branch: string, before: string) => [
  repo.gitIn(cwd, 'ls-tree', '-r', '--name-only', branch).split('\n').join(' '),
  repo.gitIn(cwd, 'rev-list', '--count', '--first-parent', `${before}..${branch}`),
  repo.gitIn(cwd, 'log', '-1', '--format=%p', branch).split(' ').length,
];
const [ff, others] = ['README.md f g sub/new', 'README.md f g on sub/new'];
const expected: Readonly<Record<string, unknown[]>> = {
  ff: [ff, '2', 1],
  merge: [others, '1', 2],
  squash: [others, '1', 1],
  rebase: [others, '2', 1],
};

describe.each(strategies)('landing by %s', (strategy) => {
  it('leaves what is dirty beside it, and refuses by name what it would overwrite', async () => {
    const made = scene(strategy);
    const { repo } = made;
    const head = repo.git('rev-parse', 'feat/a');
    const before = repo.git('rev-parse', 'main');
    const put = (file: string, text: string) => writeFileSync(join(repo.path, file), text);
    put('sub', 'in the way\n');
    put('f', 'mine\n');
    expect(await refusal(made.merge({ worktree: ['feat/a'], strategy }))).toEqual({
      code: 'dirty_target',
      paths: ['f', 'sub'],
    });
    expect(repo.git('rev-parse', 'main')).toBe(before);
    expect(readFileSync(join(repo.path, 'f'), 'utf8')).toBe('mine\n');
    repo.git('checkout', '-q', 'f');
    repo.git('clean', '-qf');
    put('g', 'mine\n');
    put('untracked', 'mine\n');
    put('staged', 'mine\n');
    repo.git('add', 'staged');
    const [answer] = await made.merge({ worktree: ['feat/a'], strategy });
    expect(answer?.status).toBe('merged');
    expect(repo.git('status', '--porcelain').split('\n')).toEqual([' M g', 'A  staged', '?? untracked']);
    expect(readFileSync(join(repo.path, 'g'), 'utf8')).toBe('mine\n');
    expect(readFileSync(join(repo.path, 'f'), 'utf8')).toBe('F\n');
    expect(landed(made, repo.path, 'main', before)).toEqual(expected[strategy]);
    expect(repo.git('rev-parse', 'feat/a')).toBe(head);
  });

  it('moves a target in a linked worktree, one that is checked out nowhere, and one of a bare hub', async () => {
    const made = scene(strategy);
    const { repo } = made;
    const before = repo.git('rev-parse', 'main');
    const linked = join(repo.root, 'linked');
    const hub = join(repo.root, 'hub.git');
    repo.git('worktree', 'add', '-q', '-b', 'linked', linked);
    repo.git('branch', 'nowhere');
    repo.git('clone', '-q', '--bare', repo.path, hub);
    repo.gitIn(hub, 'worktree', 'add', '-q', join(repo.root, 'hub-wt'), 'feat/a');
    for (const into of ['linked', 'nowhere']) {
      const [answer] = await made.merge({ worktree: ['feat/a'], strategy, into });
      expect([answer?.status, landed(made, repo.path, into, before)]).toEqual(['merged', expected[strategy]]);
    }
    expect(repo.gitIn(linked, 'status', '--porcelain')).toBe('');
    expect(repo.git('rev-parse', 'main')).toBe(before);
    expect(repo.git('status', '--porcelain')).toBe('');
    const [answer] = await made.merge({ worktree: ['feat/a'], strategy }, { cwd: hub });
    expect([answer?.status, landed(made, hub, 'main', before)]).toEqual(['merged', expected[strategy]]);
    expect(repo.git('fsck', '--no-dangling')).toBe('');
  });
});

describe('where the user signs commits', () => {
  it.each(['squash', 'rebase'] as const)('a %s is signed, commit by commit', async (strategy) => {
    const made = scene(strategy);
    const gpg = join(made.repo.root, 'gpg');
    const signature = '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----';
    writeFileSync(
      gpg,
      `#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED D 1 8 00 1 X" >&2\nprintf '%b\\n' '${signature}'\n`,
      { mode: 0o755 },
    );
    made.repo.git('config', 'gpg.program', gpg);
    made.repo.git('config', 'commit.gpgSign', 'true');
    const before = made.repo.git('rev-parse', 'main');
    await made.merge({ worktree: ['feat/a'], strategy });
    const signed = made.repo.git('rev-list', `${before}..main`).split('\n');
    expect(signed).toHaveLength(strategy === 'squash' ? 1 : 2);
    for (const commit of signed)
      expect(made.repo.git('cat-file', '-p', commit)).toContain('gpgsig -----BEGIN');
    writeFileSync(gpg, '#!/bin/sh\nexit 1\n');
    made.repo.git('config', '--unset', 'commit.gpgSign');
    made.commit({ more: 'more\n' }, made.at('feat/a'));
    made.commit({ more2: 'more\n' });
    made.repo.git('config', 'commit.gpgSign', 'true');
    const tip = made.repo.git('rev-parse', 'main');
    expect(await refusal(made.merge({ worktree: ['feat/a'], strategy }))).toMatchObject({
      code: 'git_failed',
    });
    expect(made.repo.git('rev-parse', 'main')).toBe(tip);
  });
});
