import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLocks } from '../../src/adapters/lock.ts';
import { openStateFiles } from '../../src/adapters/state-files/state-files.ts';
import { temporaryFolder } from '../support/repo.ts';

/** A work tree with a state file; git is not asked. */
function scene(text: string | Buffer = 'one\n') {
  const folder = temporaryFolder();
  const root = join(folder, 'tree');
  mkdirSync(root);
  const path = join(root, 'WORKTRACKER.md');
  writeFileSync(path, text);
  const ask = () => Promise.reject(new Error('git is not asked'));
  const locks = openLocks(join(folder, 'locks'));
  const files = openStateFiles({ ask, signal: new AbortController().signal }, locks);
  const update = (change: (text: string) => string) =>
    files.update(path, root, (before) => ({ text: change(before), value: before }));
  return { folder, root, path, files, update };
}

describe('a state file', () => {
  it('is replaced whole, with its mode, and untouched when nothing changes', async () => {
    const { path, update, root } = scene('\ufeffone\r\n');
    chmodSync(path, 0o640);
    expect(await update((text) => text.replace('one', 'two'))).toBe('\ufeffone\r\n');
    expect(readFileSync(path, 'utf8')).toBe('\ufefftwo\r\n');
    const { ino, mode } = statSync(path);
    expect(mode & 0o777).toBe(0o640);
    await update((text) => text);
    expect(statSync(path).ino).toBe(ino);
    expect(readdirSync(root)).toEqual(['WORKTRACKER.md']);
  });

  it('that an editor replaces meanwhile is read and changed again', async () => {
    const { path, update } = scene();
    let turns = 0;
    await update((text) => {
      turns += 1;
      if (turns === 1) {
        writeFileSync(`${path}~`, 'one\nby the editor\n');
        renameSync(`${path}~`, path);
      }
      return `${text}by wt\n`;
    });
    expect(readFileSync(path, 'utf8')).toBe('one\nby the editor\nby wt\n');
    expect(turns).toBe(2);
  });

  it('that never comes to rest is left alone', async () => {
    const { root, path, update } = scene();
    let turns = 0;
    const busy = update((text) => {
      turns += 1;
      writeFileSync(path, `${turns}\n`);
      return `${text}by wt\n`;
    });
    await expect(busy).rejects.toMatchObject({ code: 'busy' });
    expect(readFileSync(path, 'utf8')).toBe(`${turns}\n`);
    expect(readdirSync(root)).toEqual(['WORKTRACKER.md']);
  });

  it('loses no update of several at once', async () => {
    const { path, update } = scene('');
    await Promise.all(Array.from({ length: 10 }, (_, index) => update((text) => `${text}${index}\n`)));
    expect(readFileSync(path, 'utf8').trim().split('\n').sort()).toEqual([...'0123456789']);
  });

  it('may be a link within the work tree, which stays one, and not a link out of it', async () => {
    const { folder, root, files } = scene();
    symlinkSync('WORKTRACKER.md', join(root, 'inside.md'));
    await files.update(join(root, 'inside.md'), root, () => ({ text: 'two\n', value: undefined }));
    expect(readFileSync(join(root, 'WORKTRACKER.md'), 'utf8')).toBe('two\n');
    writeFileSync(join(folder, 'secret'), 'x');
    symlinkSync('../secret', join(root, 'outside.md'));
    for (const work of [
      files.read(join(root, 'outside.md'), root),
      files.update(join(root, 'outside.md'), root, () => ({ text: 'y', value: undefined })),
    ])
      await expect(work).rejects.toMatchObject({ code: 'not_this_worktree' });
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('x');
  });

  it('that is missing, read-only, a folder or no UTF-8 is refused as it is', async () => {
    const { root, path, files, update } = scene(Buffer.from([0x61, 0xff]));
    await expect(update(() => 'x')).rejects.toMatchObject({ message: expect.stringContaining('not UTF-8') });
    await expect(files.read(join(root, 'gone'), root)).rejects.toMatchObject({ code: 'file_not_found' });
    mkdirSync(join(root, 'folder'));
    await expect(files.read(join(root, 'folder'), root)).rejects.toMatchObject({ code: 'command_failed' });
    writeFileSync(path, 'one\n');
    chmodSync(path, 0o444);
    await expect(update(() => 'x')).rejects.toMatchObject({ message: expect.stringContaining('read-only') });
    expect(readFileSync(path, 'utf8')).toBe('one\n');
  });
});
