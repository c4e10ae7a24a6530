import { describe, expect, it } from 'vitest';
import type { Hub } from '../../src/application/ports.ts';
import { dropDeadLocks } from '../../src/application/recovery/dead-locks.ts';
import type { LockFile } from '../../src/domain/lock-file.ts';

const git = (pid: number) => ({ pid, command: 'git commit' });
const lock = (more: Partial<LockFile> = {}): LockFile => ({
  path: '/r/.git/refs/heads/x.lock',
  ageMs: 500,
  isOwnersVisible: true,
  open: [],
  gits: [],
  ...more,
});

/** What is dropped when each look finds the next of these, and the last for ever. */
async function dropped(...looks: readonly (readonly LockFile[])[]): Promise<string[]> {
  const gone: string[] = [];
  let look = 0;
  const lockFiles = async () =>
    (looks[Math.min(look++, looks.length - 1)] ?? []).filter(({ path }) => !gone.includes(path));
  const dropLock = async ({ path }: LockFile) => gone.push(path) > 0;
  await dropDeadLocks(
    { clinic: { lockFiles, dropLock } } as unknown as Pick<Hub, 'clinic'>,
    new Date(0),
    400,
  );
  return gone;
}

describe('the lock of a git that was killed with its wt', () => {
  it('goes when no git is at work', async () => {
    expect(await dropped([lock()], [lock({ ageMs: 600 })])).toEqual([lock().path]);
  });

  it('goes beside gits that came after it', async () => {
    const looks = [1, 2, 3].map((pid) => [lock({ ageMs: 500 + pid * 100, gits: [git(pid)] })]);
    expect(await dropped(...looks)).toEqual([lock().path]);
  });

  it('stays as long as a git that was there before it may hold it, or has it open', async () => {
    expect(await dropped([lock({ gits: [git(1)] })])).toEqual([]);
    expect(await dropped([lock()], [lock({ ageMs: 600, open: [git(2)] })])).toEqual([]);
  });

  it('stays when another git has taken it since', async () => {
    expect(await dropped([lock()], [lock({ ageMs: 10, gits: [git(4)] })])).toEqual([]);
  });

  it('stays where its holder cannot be seen', async () => {
    expect(await dropped([lock({ isOwnersVisible: false })])).toEqual([]);
    expect(await dropped([lock({ open: undefined, gits: undefined })])).toEqual([]);
  });
});
