import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MergeFileAnswer } from '../../src/domain/answers/merge-file.ts';
import { wt } from '../support/bin.ts';
import { file, registry, text, three, tracker } from '../support/merge-files.ts';
import { sealedEnv, temporaryFolder } from '../support/repo.ts';

describe('wt merge-file', () => {
  it('prints the merged text and not a byte more, or puts it into a file, in no repository', async () => {
    const folder = temporaryFolder();
    const env = sealedEnv(folder);
    const human = text(registry, 'human');
    expect(await wt(folder, env, ['merge-file', ...three(registry)])).toMatchObject({
      code: 0,
      stdout: human,
      stderr: '',
    });
    for (const [name, content] of [
      ['base', 'a\n\nb'],
      ['ours', 'x\n\nb'],
      ['theirs', 'a\n\ny'],
    ] as const)
      writeFileSync(join(folder, name), content);
    expect((await wt(folder, env, ['merge-file', 'base', 'ours', 'theirs'])).stdout).toBe('x\n\ny');
    const written = await wt(folder, env, ['merge-file', 'base', 'ours', 'theirs', '-o', 'ours', '--json']);
    expect(MergeFileAnswer.parse(written.json())).toEqual({
      ...{ merged: 'x\n\ny', rows: [], why: null },
      ...{ file: join(folder, 'ours'), warnings: [], error: null },
    });
    expect(readFileSync(join(folder, 'ours'), 'utf8')).toBe('x\n\ny');
    const missing = await wt(folder, env, ['merge-file', 'base', 'nowhere', 'theirs', '--json']);
    expect([missing.code, missing.json()]).toMatchObject([5, { error: { code: 'file_not_found' } }]);
  });

  it('names what needs a person, prints and writes nothing, and ends with 3', async () => {
    const folder = temporaryFolder();
    const env = sealedEnv(folder);
    const told = await wt(folder, env, ['merge-file', ...three(tracker), '-o', 'merged.md']);
    expect(told).toMatchObject({ code: 3, stdout: '' });
    expect(told.stderr).toMatch(
      /^line 65 of theirs: BUG-004 under "Completed": one side changed it, the other removed it\n$/,
    );
    expect(existsSync(join(folder, 'merged.md'))).toBe(false);
    const answer = await wt(folder, env, ['merge-file', ...three(tracker), '--json']);
    expect([answer.code, MergeFileAnswer.parse(answer.json())]).toMatchObject([
      3,
      {
        merged: null,
        rows: [{ reason: 'changed_and_removed', section: 'Completed', column: null, ours: null }],
        why: null,
      },
    ]);
    writeFileSync(join(folder, 'binary'), 'a\xff', 'latin1');
    const refused = await wt(folder, env, [
      'merge-file',
      file(registry, 'base'),
      'binary',
      file(registry, 'ours'),
      '--json',
    ]);
    expect([refused.code, refused.json()]).toMatchObject([
      3,
      { merged: null, rows: [], why: 'it is not UTF-8' },
    ]);
  });
});
