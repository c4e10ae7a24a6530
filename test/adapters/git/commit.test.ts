import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAsk } from '../../../src/adapters/git/ask.ts';
import { commitTree } from '../../../src/adapters/git/commit.ts';
import { readRangeCommits } from '../../../src/adapters/git/range-commits.ts';
import type { NewCommit } from '../../../src/application/ports/landing.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const askOf = (repo: TestRepo) => openAsk({ cwd: join(repo.path, '.git'), variables: repo.env });

const make = (repo: TestRepo, more: Partial<NewCommit> = {}, anonymous = false) =>
  commitTree(
    askOf(repo),
    {
      tree: repo.git('rev-parse', 'main^{tree}') as Sha,
      parents: [repo.git('rev-parse', 'main') as Sha],
      message: 'made',
      checkout: undefined,
      ...more,
    },
    { cwd: repo.path, env: {}, anonymous },
  );

const raw = (repo: TestRepo, commit: string) => repo.git('cat-file', '-p', commit);

describe('a commit of a landing', () => {
  it('is by the author who is given, and committed by the user', async () => {
    const repo = makeRepo();
    const author = { name: 'Grace Hopper', email: 'grace@example.com', date: '1771582800 +0130' };
    const told = raw(repo, await make(repo, { author }));
    expect(told).toContain('author Grace Hopper <grace@example.com> 1771582800 +0130\n');
    expect(told).toContain('committer Ada <ada@example.com> ');
    expect(told).not.toContain('gpgsig');
    const early = { name: '', email: 'nobody@example.com', date: '7 +0000' };
    expect(raw(repo, await make(repo, { author: early }))).toContain(
      'author nobody@example.com <nobody@example.com> 7 +0000\n',
    );
  });

  it('is signed by the program of gpg where commit.gpgSign says so, unless nobody will see it', async () => {
    const repo = makeRepo();
    const program = join(repo.root, 'gpg');
    const script = `#!/bin/sh\necho "$@" > '${repo.root}/asked'\ncat > '${repo.root}/signed'\necho '[GNUPG:] SIG_CREATED ' >&2\nprintf -- '-----BEGIN PGP SIGNATURE-----\\nfake\\n-----END PGP SIGNATURE-----\\n'\n`;
    writeFileSync(program, script);
    chmodSync(program, 0o755);
    repo.git('config', 'gpg.program', program);
    repo.git('config', 'user.signingKey', 'KEY');
    expect(raw(repo, await make(repo))).not.toContain('gpgsig');
    repo.git('config', 'commit.gpgSign', 'yes');
    expect(raw(repo, await make(repo, {}, true))).not.toContain('gpgsig');
    expect(existsSync(join(repo.root, 'asked'))).toBe(false);
    expect(raw(repo, await make(repo))).toContain('gpgsig -----BEGIN PGP SIGNATURE-----\n fake\n');
    expect(readFileSync(join(repo.root, 'asked'), 'utf8')).toContain('KEY');
    expect(readFileSync(join(repo.root, 'signed'), 'utf8')).toContain('\n\nmade\n');
  });

  it('is signed with a key of ssh, as git itself can verify', async () => {
    const repo = makeRepo();
    const key = join(repo.root, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada', '-f', key]);
    const signers = join(repo.root, 'signers');
    writeFileSync(signers, `ada@example.com ${readFileSync(`${key}.pub`, 'utf8')}`);
    for (const [name, value] of [
      ['commit.gpgSign', 'true'],
      ['gpg.format', 'ssh'],
      ['user.signingKey', key],
      ['gpg.ssh.allowedSignersFile', signers],
    ] as const)
      repo.git('config', name, value);
    const commit = await make(repo);
    expect(repo.git('log', '-1', '--format=%G?', commit)).toBe('G');
  });

  it('is not made when it cannot be signed', async () => {
    const repo = makeRepo();
    repo.git('config', 'commit.gpgSign', 'true');
    repo.git('config', 'gpg.program', '/bin/false');
    await expect(make(repo)).rejects.toMatchObject({ code: 'git_failed' });
  });
});

describe('the commits of a range', () => {
  it('come the oldest first, with everything that was written', async () => {
    const repo = makeRepo();
    const since = repo.git('rev-parse', 'main') as Sha;
    repo.git('config', 'log.showSignature', 'true');
    const body = 'Two\tparagraphs "quoted".\n\nSigned-off-by: Zoë <zoe@example.com>\n';
    const author = { name: 'Zoë', email: 'zoe@example.com', date: '1771582800 -0300' };
    const tree = repo.git('rev-parse', 'main^{tree}') as Sha;
    const one = await make(repo, { message: `first line\nsecond line\n\n${body}`, author });
    const two = await make(repo, { message: 'two', tree, parents: [since] });
    const merge = await make(repo, { message: 'Merge', tree, parents: [one, two] });
    const found = await readRangeCommits(askOf(repo), { since, tip: merge });
    expect(found).toHaveLength(3);
    expect(found.at(-1)).toMatchObject({ commit: merge, parents: [one, two], subject: 'Merge', body: '' });
    expect(found.find(({ commit }) => commit === one)).toEqual({
      commit: one,
      parents: [since],
      subject: 'first line second line',
      body,
      message: `first line\nsecond line\n\n${body}`,
      author,
    });
    expect(await readRangeCommits(askOf(repo), { since: merge, tip: one })).toEqual([]);
  });
});
