import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAsk } from '../../../src/adapters/git/ask.ts';
import { openLocks } from '../../../src/adapters/lock.ts';
import { retireRuns } from '../../../src/adapters/supervisor/retire.ts';
import { aRecord, keepRecord, type RecordFacts } from '../../support/records.ts';
import { makeRepo } from '../../support/repo.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** A repository whose control plane keeps runs of so many days ago. */
function kept() {
  const repo = makeRepo();
  const stateDir = join(repo.path, '.git', 'wt');
  const now = Date.now();
  const keep = (number: number, days: number, facts: RecordFacts = {}, size = 100) => {
    const id = `dispatch-20260101-${String(number).padStart(3, '0')}`;
    return keepRecord(stateDir, aRecord({ id, finishedAt: new Date(now - days * dayMs), ...facts }), size);
  };
  const retire = (limits?: { keepMs: number; maxSize: number }) =>
    retireRuns({
      ...{ stateDir, now, locks: openLocks(join(stateDir, 'locks')) },
      ask: openAsk({ cwd: join(repo.path, '.git'), variables: repo.env }),
      ...(limits === undefined ? {} : { limits }),
    });
  const left = () => readdirSync(join(stateDir, 'runs')).map((name) => Number(name.slice(-3)) || name);
  return { repo, stateDir, keep, retire, left };
}

describe('old runs', () => {
  it('go with the refs of their checkpoints; what still runs, is damaged or is to be told stays', async () => {
    const { repo, keep, retire, left } = kept();
    keep(1, 200);
    keep(2, 100);
    keep(3, 100, { phase: 'running' });
    keep(4, 100, { announced: false });
    writeFileSync(join(keep(5, 100), 'run.json'), '{');
    keep(6, 80);
    const head = repo.git('rev-parse', 'HEAD');
    for (const ref of ['001/1', '001/2', '0010/1', '006/1']) {
      repo.git('update-ref', `refs/wt/checkpoints/dispatch-20260101-${ref}`, head);
    }
    await retire();
    expect(left()).toEqual([3, 4, 5, 6]);
    expect(repo.git('for-each-ref', '--format=%(refname)', 'refs/wt').split('\n')).toEqual([
      'refs/wt/checkpoints/dispatch-20260101-0010/1',
      'refs/wt/checkpoints/dispatch-20260101-006/1',
    ]);
  });

  it('stay while they are the newest of a worktree that is there, wherever it was moved', async () => {
    const { repo, keep, retire, left } = kept();
    const gitDir = join(repo.path, '.git', 'worktrees', 'a');
    mkdirSync(gitDir, { recursive: true });
    keep(1, 200, { worktree: repo.path });
    keep(2, 199, { worktree: repo.path });
    keep(3, 198, { worktree: '/gone' });
    keep(4, 197, { worktree: '/gone/too', gitDir });
    keep(5, 196, { worktree: '/gone/now', gitDir });
    await retire();
    expect(left()).toEqual([2, 5]);
  });

  it('go a few at a time, the oldest first, until what is left is not too much', async () => {
    const { keep, retire, left } = kept();
    for (let number = 1; number <= 15; number++) keep(number, 40 - number, {}, 10_000);
    const limits = { keepMs: 90 * dayMs, maxSize: 40_000 };
    await retire(limits);
    expect(left()).toEqual([11, 12, 13, 14, 15]);
    await retire(limits);
    expect(left()).toEqual([13, 14, 15]);
  });

  it('that were being deleted when their remover was killed are no runs, and go the next time', async () => {
    const { keep, retire, left, stateDir } = kept();
    keep(1, 3);
    mkdirSync(join(stateDir, 'runs', 'dispatch-20260101-009.gone', 'deep'), { recursive: true });
    await retire();
    expect(left()).toEqual([1]);
    expect(existsSync(join(stateDir, 'locks', 'runs.lock'))).toBe(false);
  });
});
