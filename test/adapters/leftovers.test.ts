import { existsSync, mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dropLeftovers } from '../../src/adapters/leftovers.ts';
import { makeRepo } from '../support/repo.ts';

it('drops the scratch folders of yesterday, and nothing else', () => {
  const { root } = makeRepo();
  const before = process.env.TMPDIR;
  process.env.TMPDIR = root;
  try {
    const made = (prefix: string, name = mkdtempSync(join(root, prefix))) => {
      mkdirSync(join(name, 'objects'), { recursive: true });
      utimesSync(name, 0, 0);
      return name;
    };
    const gone = ['wt-probe-', 'wt-work-', 'wt-audit-'].map((prefix) => made(prefix));
    const kept = [made('wt-edit-'), made('other-'), made('', join(root, 'wt-probe-mine-too'))];
    const young = mkdtempSync(join(root, 'wt-probe-'));
    const file = join(root, 'wt-work-abcdef');
    writeFileSync(file, '');
    utimesSync(file, 0, 0);
    dropLeftovers();
    expect(gone.filter((path) => existsSync(path))).toEqual([]);
    expect([...kept, young, file].filter((path) => !existsSync(path))).toEqual([]);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
});
