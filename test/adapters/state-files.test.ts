import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLocks } from '../../src/adapters/lock.ts';
import { openStateFiles } from '../../src/adapters/state-files/state-files.ts';
import { parseYaml } from '../../src/adapters/yaml/tree.ts';
import type { StateFile } from '../../src/application/ports/state-files.ts';
import { temporaryFolder } from '../support/repo.ts';

function scene() {
  const root = temporaryFolder();
  const top = join(root, 'repo');
  mkdirSync(top);
  const path = join(top, 'ORCHESTRATION.yaml');
  writeFileSync(path, 'one\r\n', { mode: 0o640 });
  chmodSync(path, 0o640);
  const locks = openLocks(join(root, 'locks'));
  const noGit = () => Promise.reject(new Error('git was asked'));
  const files = openStateFiles(noGit, locks);
  const options = { within: top, purpose: 'test' };
  const append = async ({ text }: StateFile) => ({ text: `${text}more\n`, result: text });
  return { root, top, path, locks, files, options, append };
}
const text = (path: string) => readFileSync(path, 'utf8');

describe('the ledger of state files', () => {
  it('replaces a file whole, with its mode, and leaves nothing beside it', async () => {
    const { files, path, options, append, top } = scene();
    writeFileSync(`${path}.99999.abcdef.wt-tmp`, 'of a writer that was killed');
    expect(await files.update(path, append, options)).toBe('one\r\n');
    expect(text(path)).toBe('one\r\nmore\n');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(top)).toEqual(['ORCHESTRATION.yaml']);
  });

  it('writes nothing, and waits for nobody, where nothing is to be changed', async () => {
    const { files, path, options, locks } = scene();
    const before = statSync(path).mtimeMs;
    await locks.hold('repository', () =>
      files.update(path, async (file) => ({ ...file, result: 1 }), options),
    );
    expect(statSync(path).mtimeMs).toBe(before);
  });

  it('works a change out again when an editor has replaced the file meanwhile', async () => {
    const { files, path, options } = scene();
    let seen: string[] = [];
    await files.update(
      path,
      async ({ text }) => {
        seen.push(text);
        if (seen.length < 3) {
          writeFileSync(`${path}.editor`, `${text}by hand\n`);
          renameSync(`${path}.editor`, path);
        }
        return { text: `${text}by wt\n`, result: undefined };
      },
      options,
    );
    expect(seen).toEqual(['one\r\n', 'one\r\nby hand\n', 'one\r\nby hand\nby hand\n']);
    expect(text(path)).toBe('one\r\nby hand\nby hand\nby wt\n');
    seen = [];
    const never = files.update(
      path,
      async ({ text }) => {
        writeFileSync(path, `${text}x`);
        return { text: 'lost', result: undefined };
      },
      options,
    );
    await expect(never).rejects.toMatchObject({ code: 'busy' });
    expect(text(path)).toMatch(/^one\r\nby hand\nby hand\nby wt\nx+$/);
  });

  it('keeps what a change refused as it was', async () => {
    const { files, path, options } = scene();
    const refusing = files.update(path, () => Promise.reject(new Error('no')), options);
    await expect(refusing).rejects.toThrow('no');
    expect(text(path)).toBe('one\r\n');
  });

  it('follows a link inside of the repository, and none that leaves it', async () => {
    const { files, path, options, append, root, top } = scene();
    const link = join(top, 'link.yaml');
    symlinkSync('ORCHESTRATION.yaml', link);
    await files.update(link, append, options);
    expect(text(path)).toBe('one\r\nmore\n');
    const outside = join(root, 'outside.yaml');
    writeFileSync(outside, 'theirs');
    rmSync(link);
    symlinkSync(outside, link);
    await expect(files.update(link, append, options)).rejects.toMatchObject({ code: 'not_this_worktree' });
    await expect(files.update(outside, append, options)).rejects.toMatchObject({ code: 'not_this_worktree' });
    expect(text(outside)).toBe('theirs');
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(top, 'folder'));
    await expect(files.create(join(top, 'folder/x.yaml'), 'x', options)).rejects.toMatchObject({
      code: 'not_this_worktree',
    });
    expect(readdirSync(join(root, 'elsewhere'))).toEqual([]);
  });

  it('refuses what it cannot keep, with the reason', async () => {
    const { files, path, options, append, top } = scene();
    const refused = async (code: string, words: string, at = path) => {
      const before = existsSync(path) ? text(path) : undefined;
      await expect(files.update(at, append, options)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words),
      });
      if (before !== undefined) expect(text(path)).toBe(before);
    };
    await refused('file_not_found', 'there is no file', `${path}.not`);
    await refused('command_failed', 'is no file', top);
    chmodSync(path, 0o440);
    await refused('command_failed', 'is read-only');
    chmodSync(path, 0o640);
    chmodSync(top, 0o550);
    await refused('command_failed', 'is a read-only folder');
    chmodSync(top, 0o750);
    writeFileSync(path, Buffer.from([0xe4, 0x0a]));
    await refused('command_failed', 'is not UTF-8');
    writeFileSync(path, 'x'.repeat(10_000_000));
    await refused('command_failed', 'is too large: 10.0 MB');
    expect(readdirSync(top)).toEqual(['ORCHESTRATION.yaml']);
  });

  it('makes a new file once', async () => {
    const { files, top, options } = scene();
    const path = join(top, 'projects/PROJ-001-x/ORCHESTRATION.yaml');
    await files.create(path, 'new\n', options);
    expect(text(path)).toBe('new\n');
    await expect(files.create(path, 'other\n', options)).rejects.toMatchObject({ code: 'path_exists' });
    expect(text(path)).toBe('new\n');
  });
});

describe('YAML that is none', () => {
  it.each([
    ['a: 1\n\tb: 2\n', 'a tab in the indentation'],
    ['a: 1\n---\nb: 2\n', 'a second document'],
    ['a:\n<<<<<<< HEAD\n  b: 1\n=======\n  b: 2\n>>>>>>> theirs\n', 'a conflict marker'],
    [`a: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`, 'nested too deeply'],
    ['a: "x\n', 'not valid YAML'],
    ['a: *nobody\n', 'stands for nothing'],
    [
      `a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`).join('')}`,
      'its aliases stand for too much',
    ],
  ])('is refused with its reason: %#', (source, words) => {
    const parsed = parseYaml(source);
    expect(parsed.ok ? 'it was read' : parsed.fault.message).toContain(words);
  });
});
