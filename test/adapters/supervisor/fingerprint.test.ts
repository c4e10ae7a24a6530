import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAsk } from '../../../src/adapters/git/ask.ts';
import { fingerprint, parseStatus } from '../../../src/adapters/supervisor/fingerprint.ts';
import { changedPaths, type Fingerprint } from '../../../src/domain/leaks.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

async function taken({ path, env }: TestRepo): Promise<Fingerprint> {
  const found = await fingerprint(openAsk({ cwd: path, variables: env }), path);
  if ('fault' in found) throw new Error(found.fault);
  return found.fingerprint;
}

describe('the status that a fingerprint is taken from', () => {
  it('is read to the byte: spaces, newlines and renames', () => {
    const id = '0'.repeat(40);
    const text = [
      '# branch.oid 1234',
      '# branch.head feat/a',
      '# branch.upstream origin/feat/a',
      `1 .M N... 100644 100644 100644 ${id} ${id} a b\nc`,
      `2 R. N... 100644 100644 100644 ${id} ${id} R100 new name`,
      'old name',
      `u UU N... 100644 100644 100644 100644 ${id} ${id} ${id} both`,
      '? dir/new',
      '',
    ].join('\0');
    const { head, branch, entries } = parseStatus(Buffer.from(text));
    expect([head, branch]).toEqual(['1234', 'feat/a']);
    expect(entries.map(({ path }) => path.toString())).toEqual([
      'a b\nc',
      'new name',
      'old name',
      'both',
      'dir/new',
    ]);
  });

  it('says when there is no commit yet and when HEAD is detached', () => {
    const { head, branch } = parseStatus(Buffer.from('# branch.oid (initial)\0# branch.head (detached)\0'));
    expect([head, branch]).toEqual([null, null]);
  });
});

describe('a fingerprint', () => {
  it('changes with every file that git does not ignore, and with nothing else', async () => {
    const repo = makeRepo();
    repo.commit('files', { '.gitignore': 'ignored\n', 'a.txt': '1\n', 'b.txt': '1\n', 'c.txt': '1\n' });
    repo.write('a.txt', 'dirty\n');
    repo.write('untracked/deep/x', '1');
    symlinkSync('a.txt', join(repo.path, 'link'));
    const before = await taken(repo);

    repo.write('ignored', 'x');
    utimesSync(join(repo.path, 'a.txt'), 1, 1);
    repo.git('status');
    expect(changedPaths(before, await taken(repo))).toEqual([]);

    repo.write('a.txt', 'dirtz\n');
    repo.write('untracked/deep/x', '2');
    repo.write(`with\nnewline`, '');
    rmSync(join(repo.path, 'b.txt'));
    chmodSync(join(repo.path, 'c.txt'), 0o755);
    rmSync(join(repo.path, 'link'));
    symlinkSync('b.txt', join(repo.path, 'link'));
    mkdirSync(join(repo.path, 'empty'));
    expect(changedPaths(before, await taken(repo))).toEqual([
      'a.txt',
      'b.txt',
      'c.txt',
      'link',
      'untracked/deep/x',
      'with\nnewline',
    ]);
  });

  it('knows large files by size and time', async () => {
    const repo = makeRepo();
    const big = Buffer.alloc(2 * 1024 * 1024);
    writeFileSync(join(repo.path, 'big'), big);
    const before = await taken(repo);
    expect(changedPaths(before, await taken(repo))).toEqual([]);
    big[1_000_000] = 1;
    writeFileSync(join(repo.path, 'big'), big);
    expect(changedPaths(before, await taken(repo))).toEqual(['big']);
  });

  it('is a fault where git cannot tell, never a clean one', async () => {
    const repo = makeRepo();
    writeFileSync(join(repo.path, '.git', 'index'), 'damaged');
    const found = await fingerprint(openAsk({ cwd: repo.path, variables: repo.env }), repo.path);
    expect(found).toMatchObject({ fault: expect.stringContaining('index') });
  });
});
