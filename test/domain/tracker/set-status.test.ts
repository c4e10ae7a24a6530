import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../src/domain/failure.ts';
import { Status } from '../../../src/domain/status.ts';
import { type Addressed, addressesOf, findRow, requireRow } from '../../../src/domain/tracker/address.ts';
import { setStatus } from '../../../src/domain/tracker/set-status.ts';
import { readTracker } from '../../../src/domain/tracker/tracker.ts';
import type { Wish } from '../../../src/domain/tracker/wish.ts';
import { realTracker, realTrackers, trackerTexts } from '../../support/trackers.ts';

const now = new Date('2026-03-04T05:06:07.890Z');
const plainWish = { when: undefined, statusOnly: false, note: undefined, now, file: 'WORKTRACKER.md' };
const set = (text: string, address: string, status: string, more: Partial<Wish> = {}) => {
  const tracker = readTracker(text);
  const found = requireRow(tracker, address, 'WORKTRACKER.md');
  return setStatus(tracker, found, { ...plainWish, status, ...more });
};
const isRare = ({ row }: Addressed, all: readonly Addressed[]) =>
  all.filter((other) => other.row.cell?.text === row.cell?.text).length < 3;
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return isFailure(error) ? { code: error.code, ...error.details } : error;
  }
  return 'nothing was thrown';
};
const lines = (text: string) => text.split('\n');
/** The lines of `after` that `before` does not have at that place, one inserted line allowed for. */
const different = (before: string, after: string) => {
  const [old, fresh] = [lines(before), lines(after)];
  return fresh.filter((line, index) => line !== old[index]).length;
};
const table = (header: string, ...rows: string[]) =>
  [header, header.replace(/[^|]+/g, '---'), ...rows, ''].join('\n');

describe('the real trackers', () => {
  it.each(realTrackers)('%s: a status can be set and set back, to the byte', (_, text) => {
    const tracker = readTracker(text);
    const all = addressesOf(tracker);
    const step = Math.ceil(all.length / 20); // all of them would take seconds
    for (const [index, each] of all.entries()) {
      if (index % step !== 0 && !isRare(each, all)) continue;
      const there = setStatus(tracker, each, { ...plainWish, status: 'Some | other', statusOnly: true });
      expect(different(text, there.text)).toBe(1);
      expect(there.changes.map(({ line }) => line)).toEqual([each.row.line]);
      expect(set(there.text, each.address, there.before, { statusOnly: true }).text).toBe(text);
    }
  });

  it.each(realTrackers)('%s: every address leads to its row alone', (_, text) => {
    const tracker = readTracker(text);
    const all = addressesOf(tracker);
    expect(new Set(all.map(({ address }) => address)).size).toBe(all.length);
    for (const each of all) expect(findRow(tracker, each.address)).toEqual({ kind: 'row', found: each });
  });

  it('get the spelling of the file, and a row in the history at its end', () => {
    const text = realTracker('74c99a796__projects__PROJ-004-jerry-config__WORKTRACKER.md/base.md');
    const { text: changed, changes, after } = set(text, 'WI-009', 'COMPLETE', { note: 'by | hand' });
    expect(after).toBe('COMPLETED');
    expect(changes.map(({ line, after: now }) => [line, now])).toEqual([
      [
        84,
        '| WI-009 | Configuration Value Objects | COMPLETED | [wi-009-value-objects.md](work/wi-009-value-objects.md) | WT-Domain |',
      ],
      [289, '| 2026-03-04 | WI-009: PENDING → COMPLETED. by \\| hand | wt |'],
    ]);
    const without = lines(changed).filter((_, index) => index !== 288);
    expect(without.filter((line, index) => line !== lines(text)[index])).toHaveLength(1);
  });

  it('are refused an id that several rows have, with what tells them apart', () => {
    const text = realTracker('dup-ids');
    expect(codeOf(() => set(text, 'BUG-001', 'COMPLETE'))).toMatchObject({
      code: 'ambiguous_address',
      candidates: [
        { address: 'EN-001/BUG-001', line: 47, raw_status: 'done' },
        { address: 'EN-202/BUG-001', line: 54 },
        { address: 'EPIC-003/BUG-001', line: 62, title: 'PR #13 CI Pipeline Failures' },
      ],
    });
    for (const address of [
      'EN-202/BUG-001',
      'en-202/bug-001',
      'BUG-001[2]',
      'Bugs/EN-202/BUG-001',
      'Relationships typo',
    ])
      expect(set(text, address, 'PENDING').changes[0]?.line).toBe(54);
    const link = './work/EPIC-003-quality-implementation/DISC-002-hook-schema-non-compliance.md';
    expect(set(text, link, 'PENDING')).toMatchObject({ before: 'validated', after: 'pending' });
    expect(codeOf(() => set(text, 'BUG-09', 'COMPLETE'))).toMatchObject({
      code: 'address_not_found',
      near: expect.arrayContaining(['BUG-009']),
    });
  });

  it('have their history continued after its last row, though blank lines are in between', () => {
    const text = realTracker('dup-ids');
    const { changes, text: changed } = set(text, 'EPIC-001/BUG-008', 'COMPLETE');
    expect(changes[1]).toEqual({
      line: 275,
      before: undefined,
      after: '| 2026-03-04 | wt | EPIC-001/BUG-008: pending → done |',
    });
    expect(lines(changed).slice(275)).toEqual(lines(text).slice(274));
  });
});

describe('a status that is set', () => {
  const mixed = table(
    '| ID | Title | Status |',
    '| A-1 | one | ✅ DONE |',
    '| A-2 | two | ✅ DONE |',
    '| A-3 | three | completed |',
    '| A-4 | four | [🔄 IN PROGRESS](log.md) |',
    '| A-5 | five | blocked (waits for A-4) |',
    '| A-6 | six | accepted |',
  );

  it('is spelled as the file spells it most, keeps its link, and loses the qualifier of the old one', () => {
    expect(set(mixed, 'A-5', 'COMPLETE')).toMatchObject({
      after: '✅ DONE',
      warnings: [{ code: 'qualifier_dropped', message: expect.stringContaining('(waits for A-4)') }],
    });
    expect(set(mixed, 'A-4', 'COMPLETE')).toMatchObject({ after: '[✅ DONE](log.md)', warnings: [] });
    expect(set(mixed, 'A-5', 'IN_PROGRESS').after).toBe('🔄 IN PROGRESS');
  });

  it('that the file does not have yet comes in the style of the others', () => {
    expect(set(mixed, 'A-1', 'CANCELLED').after).toBe('CANCELLED');
    const signs = table('|ID|Status|', '|A|✅ DONE|', '|B|🔄 DOING|', '|C|todo|');
    expect(set(signs, 'A', 'FAILED').after).toBe('❌ FAILED');
    const plain = table('|ID|Status|', '|A|done|', '|B|in-progress|');
    expect(set(plain, 'A', 'BLOCKED').after).toBe('blocked');
    const titled = table('|ID|Status|', '|A|Done|', '|B|Not Started|');
    expect(set(titled, 'A', 'IN_PROGRESS').after).toBe('In Progress');
    const accepted = table('|ID|Status|', '|D-1|accepted|', '|D-2|proposed|');
    expect(set(accepted, 'D-2', 'COMPLETE').after).toBe('accepted');
    expect(set(`${accepted}\n${table('|ID|Status|', '|A|todo|')}`, 'A', 'COMPLETE').after).toBe('complete');
  });

  it('that is the row’s already changes nothing, whatever its spelling', () => {
    expect(set(mixed, 'A-3', 'COMPLETE')).toMatchObject({ text: mixed, changes: [], after: 'completed' });
  });

  it('goes in as given when it is no canonical name, with a warning when it is unknown', () => {
    expect(set(mixed, 'A-1', 'complete')).toMatchObject({ after: 'complete', warnings: [] });
    expect(set(mixed, 'A-1', 'Floating')).toMatchObject({
      after: 'Floating',
      warnings: [{ code: 'unknown_status' }],
    });
    expect(set(mixed, 'A-1', 'a|b').text).toContain('| A-1 | one | a\\|b |');
  });

  it.each(['', '  ', 'two\nlines', 'x\\'])('is refused when it is %j', (status) => {
    const tight = '|ID|Status|\n|--|--|\n|A|x|\n';
    expect(codeOf(() => set(tight, 'A', status))).toMatchObject({ code: 'usage' });
  });

  it.each([
    ['COMPLETE', true],
    ['done', true],
    ['✅ DONE', true],
    ['completed', true],
    ['PENDING', false],
    ['nonsense', false],
  ])('with --if %s: %s', (when, holds) => {
    const result = codeOf(() => set(mixed, 'A-1', 'PENDING', { when }));
    expect(result).toEqual(
      holds ? 'nothing was thrown' : expect.objectContaining({ code: 'status_mismatch', actual: '✅ DONE' }),
    );
  });

  it('keeps a table lined up, in columns of the terminal', () => {
    const text = [
      '| ID  | Status        | Who |',
      '| --- | ------------- | --- |',
      '| A   | ✅ done       | 日  |',
      '| B   | pending       | x   |',
      '| C   | 🔄 in_progress | x   |',
      '',
    ].join('\n');
    expect(lines(set(text, 'B', 'COMPLETE').text)[3]).toBe('| B   | ✅ done       | x   |');
    expect(lines(set(text, 'C', 'PENDING').text)[4]).toBe('| C   | pending       | x   |');
    expect(lines(set(text, 'B', 'IN_PROGRESS').text)[3]).toBe('| B   | 🔄 in_progress | x   |');
    const compact = '| ID | Status |\n|----|--------|\n| A | pending |\n| B | done |\n';
    expect(lines(set(compact, 'A', 'COMPLETE').text)[2]).toBe('| A | done |');
  });

  it('is that of the row called Status in a table of properties', () => {
    const text = '## Summary\n| Field | Value |\n|--|--|\n| Project | X |\n| Status | PENDING |\n';
    expect(set(text, 'Summary/Status', 'COMPLETE').text).toContain('| Status | COMPLETE |\n');
    expect(codeOf(() => set(text, 'Project', 'COMPLETE'))).toMatchObject({ code: 'address_not_found' });
  });
});

describe('the dates of a row', () => {
  const rows = [
    '| A | done | 2026-01-02 | 2026-01-03 |',
    '| B | todo | - | 2026-01-01 |',
    '| C | todo |  | — |',
  ];
  const text = table('| ID | Status | Completed | Last Updated |', ...rows);
  const row = (id: string, status: string, more: Partial<Wish> = {}) =>
    lines(set(text, id, status, more).text).find((line) => line.startsWith(`| ${id}`));

  it('follow the status where the other rows show that they do', () => {
    expect(row('B', 'COMPLETE')).toBe('| B | done | 2026-03-04 | 2026-03-04 |');
    expect(row('C', 'COMPLETE')).toBe('| C | done | 2026-03-04 | 2026-03-04 |');
    expect(row('C', 'IN_PROGRESS')).toBe('| C | in_progress |  | 2026-03-04 |');
    expect(row('A', 'PENDING')).toBe('| A | todo | 2026-01-02 | 2026-03-04 |');
  });

  it('stay where the status does, is set alone, or no row of that status has one', () => {
    expect(row('A', 'COMPLETE')).toBe(rows[0]);
    expect(row('B', 'COMPLETE', { statusOnly: true })).toBe('| B | COMPLETE | - | 2026-01-01 |');
    const plain = table(
      '| ID | Status | Date | Done |',
      '| A | todo | 2026-01-02 | 3 of 4 |',
      '| B | todo |  |  |',
    );
    expect(lines(set(plain, 'B', 'COMPLETE').text)[3]).toBe('| B | complete |  |  |');
    expect(lines(set(plain.replace('A | todo', 'A | done'), 'B', 'COMPLETE').text)[3]).toBe(
      '| B | done | 2026-03-04 |  |',
    );
  });

  it('of the real files are none', () => {
    for (const [name, real] of realTrackers)
      for (const each of addressesOf(readTracker(real)).slice(0, 40)) {
        const status = each.row.status?.status === 'COMPLETE' ? 'PENDING' : 'COMPLETE';
        const done = setStatus(readTracker(real), each, { ...plainWish, status });
        const [change] = done.changes.filter(({ before }) => before !== undefined);
        const cells = (line = '') => line.split('|').map((cell) => cell.trim());
        const [old, fresh] = [cells(change?.before), cells(change?.after)];
        expect([name, fresh.filter((cell, at) => cell !== old[at]).length]).toEqual([name, 1]);
      }
  });
});

describe('a history', () => {
  const rows = table('| ID | Status |', '| A | todo |');
  it.each([
    ['newest first', '## Log\n|When|What|\n|-|-|\n|2026-02-02 10:00|b|\n|2026-01-01 09:00|a|\n', 4],
    ['an empty one', '# Changelog\n\n| Date | Change |\n|------|--------|\n', 5],
    ['no newline at the end', '# History\n|Date|Change|\n|-|-|\n|2026-01-01|a|', 5],
  ])('gets its row: %s', (_, log, line) => {
    const { text, changes } = set(`${log}\n\n${rows}`, 'A', 'COMPLETE');
    expect(changes[0]?.line).toBe(line);
    expect(lines(text)[line - 1]).toContain('A: todo → complete');
    const last = set(`${rows}\n${log}`, 'A', 'COMPLETE').text;
    expect(last.endsWith('\n')).toBe(log.endsWith('\n'));
  });

  it.each([
    ['2026-01-01', '2026-03-04'],
    ['**2026-01-01**', '**2026-03-04**'],
    ['2026-01-01 10:00', '2026-03-04 05:06'],
    ['2026-01-01T10:00:00Z', '2026-03-04T05:06:07Z'],
    ['2026/01/01', '2026/03/04'],
    ['01.02.2026', '04.03.2026'],
    ['Jan 12, 2026', 'Mar 4, 2026'],
    ['January 12, 2026', 'March 4, 2026'],
    ['12 Jan 2026', '4 Mar 2026'],
    ['yesterday', '2026-03-04'],
  ])('writes the date as it does: %s', (sample, written) => {
    const log = `## History\n\n| Date | Author | Item | From | To | Event | PR |\n|-|-|-|-|-|-|-|\n| ${sample} | me | X | a | b | c | — |\n`;
    expect(set(`${rows}\n${log}`, 'A', 'COMPLETE').text).toContain(
      `| ${written} | wt | A | todo | complete | A: todo → complete | — |\n`,
    );
  });

  it('gets none with --status-only', () => {
    const text = `${rows}\n## History\n\n| Date | Change |\n|-|-|\n| 2026-01-01 | x |\n`;
    expect(set(text, 'A', 'done', { statusOnly: true }).changes).toHaveLength(1);
  });
});

describe('any tracker', () => {
  it('has each status set and set back to the byte with --status-only', () => {
    fc.assert(
      fc.property(trackerTexts, fc.constantFrom('done', 'x | y', '日本', '`a | b`'), (text, status) => {
        for (const { address, row } of addressesOf(readTracker(text))) {
          const raw = row.cell?.text ?? '';
          if (raw === '') continue;
          const there = set(text, address, status, { statusOnly: true });
          expect(different(text, there.text)).toBeLessThanOrEqual(1);
          expect(set(there.text, address, raw, { statusOnly: true }).text).toBe(text);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has one row changed, at most one added, and every other line as it was', () => {
    const wanted = fc.constantFrom(...Status.options.filter((each) => each !== 'UNKNOWN'));
    fc.assert(
      fc.property(trackerTexts, wanted, (text, status) => {
        for (const { address, row } of addressesOf(readTracker(text))) {
          const { text: changed, changes, before } = set(text, address, status);
          const own = changes.filter((change) => change.before !== undefined);
          const added = changes.filter((change) => change.before === undefined).map(({ line }) => line);
          const split = (all: string) => all.split(/\r\n|\n/);
          const kept = split(changed).filter((_, index) => !added.includes(index + 1));
          expect(kept.flatMap((line, index) => (line === split(text)[index] ? [] : [index + 1]))).toEqual(
            own.length > 0 ? [row.line] : [],
          );
          expect(kept).toHaveLength(split(text).length);
          expect(added.length).toBeLessThanOrEqual(1);
          const again = requireRow(readTracker(changed), address, '').row;
          expect(again.status?.status).toBe(status);
          if (changes.length === 0) expect(row.cell?.text).toBe(before);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has addresses that lead to their rows', () => {
    fc.assert(
      fc.property(trackerTexts, (text) => {
        const tracker = readTracker(text);
        for (const each of addressesOf(tracker))
          expect(findRow(tracker, each.address)).toEqual({ kind: 'row', found: each });
      }),
    );
  });
});
