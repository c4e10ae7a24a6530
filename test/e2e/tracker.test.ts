import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TrackerSet, TrackerShown } from '../../src/domain/answers/tracker.ts';
import { displayWidth } from '../../src/domain/display-width.ts';
import { diffOf, errorOf, first, second, trackerScene } from '../support/tracker-files.ts';

describe('wt tracker', () => {
  it('sets a row in the words of the file, with a row in its history, and nothing else', async () => {
    const { repo, run } = trackerScene();
    const dry = await run('set', 'WI-009', 'COMPLETE', '--file', second, '-n');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(/WORKTRACKER\.md:84\n- \| WI-009 .* PENDING .*\n\+ \| WI-009 .* COMPLETED /);
    expect(diffOf(repo)).toEqual([]);

    const ran = await run('set', 'WI-009', 'COMPLETE', '--file', second, '--if', 'PENDING', '--json');
    const answer = TrackerSet.parse(ran.json());
    expect(answer).toEqual(ran.json());
    expect(answer).toMatchObject({
      file: join(repo.path, second),
      address: 'WI-009',
      before: 'PENDING',
      after: 'COMPLETED',
      lines: [84, 289],
      warnings: [],
      error: null,
    });
    expect(diffOf(repo)).toEqual([
      expect.stringContaining('-| WI-009 | Configuration Value Objects | PENDING |'),
      expect.stringContaining('+| WI-009 | Configuration Value Objects | COMPLETED |'),
      expect.stringMatching(/^\+\| \d{4}-\d\d-\d\d \| WI-009: PENDING → COMPLETED \| wt \|$/),
    ]);

    const again = await run('set', 'WI-009', 'COMPLETE', '--file', second, '--if', 'PENDING', '--json');
    expect(again.code).toBe(4);
    expect(errorOf(again)).toMatchObject({ code: 'status_mismatch', details: { actual: 'COMPLETED' } });
    const same = await run('set', 'WI-009', 'COMPLETE', '--file', second, '--json');
    expect(same.json()).toMatchObject({ lines: [], changes: [] });
  });

  it('takes a status there and back to the byte with --status-only', async () => {
    const { repo, run } = trackerScene();
    await run('set', 'EPIC-005', 'Something | odd', '--file', first, '--status-only');
    expect(diffOf(repo)).toEqual([
      expect.stringContaining('| migrated |'),
      expect.stringContaining('| Something \\| odd |'),
    ]);
    await run('set', 'EPIC-005', 'migrated', '--file', first, '--status-only');
    expect(diffOf(repo)).toEqual([]);
  });

  it('shows the rows with their addresses, within 80 columns for people', async () => {
    const { repo, run, read } = trackerScene();
    const ran = await run('--file', first, '--json');
    const shown = TrackerShown.parse(ran.json());
    expect(shown).toEqual(ran.json());
    const lines = read(first).split('\n');
    const bugs = shown.tables.find(({ title }) => title === 'Bugs');
    expect(bugs).toMatchObject({
      line: 45,
      columns: ['ID', 'Title', 'Status', 'Priority', 'Parent'],
      history: false,
    });
    expect(bugs?.rows[0]).toEqual({
      address: 'EN-001/BUG-001',
      id: 'BUG-001',
      status: 'COMPLETE',
      raw_status: 'done',
      title: 'Marketplace manifest schema error',
      line: 47,
    });
    for (const row of shown.tables.flatMap(({ rows }) => rows))
      expect(lines[row.line - 1]).toContain(row.raw_status ?? '');
    expect(shown.tables.at(-1)).toMatchObject({ title: 'History', history: true });
    const people = await run('--file', first);
    expect(people).toMatchObject({ code: 0, stderr: '' });
    expect(people.stdout).toContain('  EN-001/BUG-001    done       Marketplace manifest schema error\n');
    const wide = people.stdout
      .split('\n')
      .filter((line) => displayWidth(line) > 80 && !line.startsWith(repo.path));
    expect(wide).toEqual([]);
  });

  it('writes nothing into a merge conflict', async () => {
    const { repo, run } = trackerScene();
    const text =
      '|ID|Status|\n|--|--|\n|A|todo|\n<<<<<<< ours\n|B|done|\n=======\n|B|todo|\n>>>>>>> theirs\n';
    repo.write('c.md', text);
    const set = await run('set', 'A', 'COMPLETE', '--file', 'c.md', '--json');
    expect([set.code, errorOf(set)]).toMatchObject([1, { code: 'command_failed', details: { line: 4 } }]);
    expect(readFileSync(join(repo.path, 'c.md'), 'utf8')).toBe(text);
    expect((await run('--file', 'c.md', '--json')).json()).toMatchObject({
      warnings: [{ code: 'conflict_markers' }],
    });
  });
});
