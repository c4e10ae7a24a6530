import { describe, expect, it } from 'vitest';
import { readStatus } from '../../../src/domain/tracker/status-cell.ts';

describe('a status cell', () => {
  it.each([
    ['PENDING', 'PENDING', 'PENDING', ''],
    ['in_progress (requires expansion)', 'IN_PROGRESS', 'in_progress', '(requires expansion)'],
    ['In-Progress', 'IN_PROGRESS', 'In-Progress', ''],
    ['🔄 IN PROGRESS', 'IN_PROGRESS', '🔄 IN PROGRESS', ''],
    ['✅ ARCHIVED', 'COMPLETE', '✅ ARCHIVED', ''],
    ['Done ✅', 'COMPLETE', 'Done ✅', ''],
    ['⏸️ On Hold', 'BLOCKED', '⏸️ On Hold', ''],
    ['**✅ Done (v2)**', 'COMPLETE', '**✅ Done**', '(v2)'],
    ['`done` in PR #12', 'COMPLETE', '`done`', 'in PR #12'],
    ['~~pending~~ done', 'COMPLETE', 'done', '~~pending~~'],
    ['~~done~~', 'COMPLETE', '~~done~~', ''],
    ['✅', 'COMPLETE', '✅', ''],
    ['[x]', 'COMPLETE', '[x]', ''],
    ['[ ] todo', 'PENDING', '[ ] todo', ''],
    [':white_check_mark: done', 'COMPLETE', ':white_check_mark: done', ''],
    ['COMPLETE - merged #12', 'COMPLETE', 'COMPLETE', '- merged #12'],
    ['Not Started', 'PENDING', 'Not Started', ''],
    ['won’t fix', 'CANCELLED', 'won’t fix', ''],
    ['N/A', 'SKIPPED', 'N/A', ''],
    ['4/9 complete', 'UNKNOWN', '4/9 complete', ''],
    ['not complete', 'UNKNOWN', 'not complete', ''],
    ['—', 'UNKNOWN', '—', ''],
    ['**bold', 'UNKNOWN', '**bold', ''],
    ['進行中', 'UNKNOWN', '進行中', ''],
  ])('%s is %s', (raw, status, spelling, qualifier) => {
    expect(readStatus(raw)).toMatchObject({ status, spelling, qualifier, link: undefined });
  });

  it('may be a very long text, which is read in time', () => {
    expect(readStatus('a b '.repeat(100_000)).status).toBe('UNKNOWN');
  });

  it('may be a link, which is no part of its spelling', () => {
    expect(readStatus('[✅ Done (x)](a(b).md) since May')).toMatchObject({
      spelling: '✅ Done',
      link: '](a(b).md)',
      qualifier: '(x) since May',
    });
    expect(readStatus('**[Done](u)**')).toMatchObject({ spelling: '**Done**', link: '](u)' });
  });
});
