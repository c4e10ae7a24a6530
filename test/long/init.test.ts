import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { initScene } from '../support/inits.ts';

describe('wt init', () => {
  it('leaves alone what claude could not read, what is not text, and what is elsewhere', async () => {
    const { repo, env, file, init, settings } = initScene();
    const refused = async (code: number, words: string) => {
      const before = existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
      for (const flags of [[], ['--remove']]) {
        const ran = await init(...flags);
        expect([ran.code, ran.stdout]).toEqual([code, '']);
        expect(ran.stderr).toContain(words);
      }
      if (before !== undefined) expect(readFileSync(file)).toEqual(before);
    };
    settings('{\n  "a": 1 // mine\n}\n');
    await refused(2, `${file}:2:10: a comment: JSON has none`);
    settings('[]');
    await refused(2, `${file}:1:1: settings are an object`);
    writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]));
    await refused(1, 'is not UTF-8');
    settings('{}');
    chmodSync(file, 0o444);
    await refused(1, 'is read-only');
    for (const target of ['dotfiles.json', 'nowhere/yet.json']) {
      const { folder: place, file: link, init: run, repo: other } = initScene();
      writeFileSync(join(other.root, 'dotfiles.json'), '{}\n');
      mkdirSync(place);
      symlinkSync(join(other.root, target), link);
      expect(await run()).toMatchObject({ code: 4, stderr: expect.stringContaining('outside of') });
      expect(readFileSync(join(other.root, 'dotfiles.json'), 'utf8')).toBe('{}\n');
    }
    const bare = await wt(repo.path, env, ['init', '--json']);
    expect(bare.code).toBe(2);
    expect(bare.json()).toMatchObject({
      error: { code: 'usage', hint: expect.stringContaining('wt init --claude-hooks') },
    });
    repo.git('clone', '-q', '--bare', repo.path, join(repo.root, 'hub.git'));
    const hub = await wt(join(repo.root, 'hub.git'), env, ['init', '--claude-hooks']);
    expect(hub).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a worktree') });
  });
});
