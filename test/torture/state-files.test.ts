import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLocks } from '../../src/adapters/lock.ts';
import { openStateFiles } from '../../src/adapters/state-files/state-files.ts';
import { temporaryFolder } from '../support/repo.ts';
import { tortureStateFile } from '../support/state-files.ts';
import { tell } from '../support/tell.ts';

const isShort = process.env.WT_TORTURE === 'short';

it('20 processes change one real file 50 times each, are killed and stopped, and lose nothing', async () => {
  const size = isShort ? { processes: 10, updates: 15, stops: 2 } : { processes: 20, updates: 50, stops: 5 };
  const result = await tortureStateFile(size);
  tell(`state files: ${JSON.stringify(result)}`);
  expect(result.faults).toEqual([]);
  expect(result.acknowledged).toBeGreaterThanOrEqual(size.processes * size.updates);
  expect(result.stops).toBeGreaterThan(0);
});

it('a full disk leaves a state file as it is, and nothing beside it', async ({ skip }) => {
  const folder = temporaryFolder();
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', disk], {
    encoding: 'utf8',
  });
  if (status !== 0) skip(`no file system can be mounted here: ${stderr ?? 'there is no mount'}`);
  try {
    const path = join(disk, 'state.yaml');
    const text = 'a: 1\n'.repeat(5_000);
    writeFileSync(path, text);
    expect(() => writeFileSync(join(disk, 'filler'), 'x'.repeat(400_000))).toThrow('ENOSPC');
    const files = openStateFiles(() => Promise.reject(new Error('git')), openLocks(join(folder, 'locks')));
    const update = files.update(path, async (file) => ({ text: `${file.text}b: 2\n`, result: 1 }), {
      within: disk,
      purpose: 'test',
    });
    await expect(update).rejects.toMatchObject({
      code: 'command_failed',
      message: expect.stringContaining('no space left on the device'),
    });
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(readdirSync(disk).sort()).toEqual(['filler', 'state.yaml']);
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
});
