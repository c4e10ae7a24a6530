import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openUserFiles } from '../../src/adapters/user-files.ts';
import { temporaryFolder } from '../support/repo.ts';

describe("a person's file", () => {
  const files = openUserFiles();

  it('is made, replaced and removed whole, with its byte order mark', async () => {
    const path = join(temporaryFolder(), 'new/folder/file.json');
    const absent = await files.read(path);
    expect(absent).toEqual({ path, text: undefined });
    await files.replace(absent, '\uFEFFone\r\n');
    const made = await files.read(path);
    expect(made).toEqual({ path, text: '\uFEFFone\r\n' });
    await files.replace(made, 'two');
    await files.replace({ path, text: 'two' }, undefined);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it('stays as it is when it has changed since it was read', async () => {
    const path = join(temporaryFolder(), 'file.json');
    writeFileSync(path, 'theirs');
    for (const text of [undefined, 'before']) {
      await expect(files.replace({ path, text }, 'ours')).rejects.toMatchObject({ code: 'busy' });
      await expect(files.replace({ path, text }, undefined)).rejects.toMatchObject({ code: 'busy' });
    }
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(readdirSync(join(path, '..'))).toEqual(['file.json']);
  });

  it('is refused where it is none, may not be written, or is no text', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'file.json');
    const refused = (words: string, place = path) =>
      expect(files.read(place)).rejects.toMatchObject({
        code: 'command_failed',
        message: `${place} ${words}`,
      });
    await refused('is no file; it was left as it is', folder);
    writeFileSync(path, Buffer.from([0x22, 0xe4, 0x22]));
    await refused('is not UTF-8; it was left as it is');
    chmodSync(path, 0o400);
    await refused('is read-only; it was left as it is');
    mkdirSync(join(folder, 'below'));
    await expect(files.read(join(path, 'below'))).rejects.toMatchObject({ code: 'command_failed' });
  });
});
