import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TrackerSet, TrackerShown } from '../../src/domain/answers/tracker.ts';
import { displayWidth } from '../../src/domain/display-width.ts';
import { wt } from '../support/bin.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { realTracker } from '../support/trackers.ts';

const first = 'projects/PROJ-001-oss-release/WORKTRACKER.md';
const second = 'projects/PROJ-004-jerry-config/WORKTRACKER.md';

/** Two projects with real trackers, and a worktree of the second. */
function scene() {
  const repo = makeRepo();
  repo.commit('trackers', {
    [first]: realTracker('dup-ids'),
    [second]: realTracker('74c99a796__projects__PROJ-004-jerry-config__WORKTRACKER.md/base.md'),
  });
  const read = (file: string, folder = repo.path) => readFileSync(join(folder, file), 'utf8');
  const run = (...args: string[]) => wt(repo.path, repo.env, ['tracker', ...args]);
  return { repo, read, run };
}

const diffOf = (repo: TestRepo, cwd = repo.path) =>
  repo
    .gitIn(cwd, 'diff', '-U0')
    .split('\n')
    .filter((line) => /^[-+](?![-+]{2} )/.test(line));
const errorOf = (ran: { json: () => unknown }) =>
  (ran.json() as { error: { code: string; details: Record<string, unknown> } }).error;

describe('wt tracker', () => {
  it('sets a row in the words of the file, with a row in its history, and nothing else', async () => {
    const { repo, run } = scene();
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
    const { repo, run } = scene();
    await run('set', 'EPIC-005', 'Something | odd', '--file', first, '--status-only');
    expect(diffOf(repo)).toEqual([
      expect.stringContaining('| migrated |'),
      expect.stringContaining('| Something \\| odd |'),
    ]);
    await run('set', 'EPIC-005', 'migrated', '--file', first, '--status-only');
    expect(diffOf(repo)).toEqual([]);
  });

  it('names what a person must choose between, and what comes near', async () => {
    const { run } = scene();
    const several = await run('show', '--json');
    expect(several.code).toBe(2);
    expect(errorOf(several)).toMatchObject({
      code: 'ambiguous_address',
      details: { candidates: [first, second] },
    });
    const rows = await run('set', 'BUG-001', 'COMPLETE', '--file', first, '--json');
    expect(rows.code).toBe(2);
    expect(errorOf(rows).details.candidates).toMatchObject([
      { address: 'EN-001/BUG-001', line: 47 },
      { address: 'EN-202/BUG-001', line: 54 },
      { address: 'EPIC-003/BUG-001', line: 62 },
    ]);
    const none = await run('set', 'BUG-09', 'COMPLETE', '--file', first, '--json');
    expect(none.code).toBe(5);
    expect(errorOf(none)).toMatchObject({
      code: 'address_not_found',
      details: { near: expect.arrayContaining(['BUG-009']) },
    });
    for (const args of [['set', 'WI-009'], ['show', 'WI-009'], ['show', '-n'], ['turn']])
      expect((await run(...args, '--file', second)).code).toBe(2);
    expect((await run('--file', 'projects/none.md')).code).toBe(5);
  });

  it('shows the rows with their addresses, within 80 columns for people', async () => {
    const { repo, run, read } = scene();
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

  it('works on the project of a worktree, in the copy of the main one unless --here', async () => {
    const { repo, read } = scene();
    const folder = join(repo.root, 'jerry-wt', 'feat', 'proj-004-jerry-config');
    const made = await wt(repo.path, repo.env, [
      'create',
      'PROJ-004-jerry-config',
      '--no-provision',
      '--json',
    ]);
    expect(made.code).toBe(0);
    const before = read(second, folder);
    const set = await wt(folder, repo.env, ['tracker', 'set', 'WI-010', 'COMPLETE', '--json']);
    expect(set.json()).toMatchObject({
      file: join(repo.path, second),
      after: 'COMPLETED',
      warnings: [{ code: 'coordinator_copy' }],
    });
    expect(read(second, folder)).toBe(before);
    expect(diffOf(repo)).toHaveLength(3);

    const here = await wt(folder, repo.env, ['tracker', 'set', 'WI-011', 'COMPLETE', '--here', '--json']);
    expect(here.json()).toMatchObject({ file: join(folder, second), warnings: [] });
    expect(diffOf(repo, folder)).toHaveLength(3);
    const relative = await wt(join(folder, 'projects'), repo.env, [
      'tracker',
      '--file',
      '../projects/PROJ-001-oss-release/WORKTRACKER.md',
      '--json',
    ]);
    expect(relative.json()).toMatchObject({ file: join(repo.path, first) });

    writeFileSync(join(folder, 'projects', 'only-here.md'), '|ID|Status|\n|--|--|\n|A|todo|\n');
    const missing = await wt(folder, repo.env, ['tracker', '--file', 'projects/only-here.md']);
    expect(missing).toMatchObject({ code: 5, stderr: expect.stringContaining('--here') });
  });

  it('finds the tracker of the variable’s project, then that at the top, then the only one', async () => {
    const repo = makeRepo();
    const tracker = '| ID | Status |\n|----|--------|\n| A | todo |\n';
    const fileOf = async (env: NodeJS.ProcessEnv = repo.env) => {
      const ran = await wt(repo.path, env, ['tracker', '--json']);
      return ran.code === 0 ? (ran.json() as { file: string }).file : ran.code;
    };
    expect(await fileOf()).toBe(5);
    repo.commit('deep', { 'docs/deep/WORKTRACKER.md': tracker });
    expect(await fileOf()).toBe(join(repo.path, 'docs/deep/WORKTRACKER.md'));
    repo.commit('top', { 'WORKTRACKER.md': tracker, [first]: tracker });
    expect(await fileOf()).toBe(join(repo.path, 'WORKTRACKER.md'));
    expect(await fileOf({ ...repo.env, JERRY_PROJECT: 'PROJ-001-oss-release' })).toBe(join(repo.path, first));
    expect(await fileOf({ ...repo.env, JERRY_PROJECT: '../..' })).toBe(join(repo.path, 'WORKTRACKER.md'));
  });

  it('leaves alone what leads out of the repository', async () => {
    const { repo, run } = scene();
    const outside = join(repo.root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'WORKTRACKER.md'), '|ID|Status|\n|--|--|\n|A|todo|\n');
    symlinkSync(join(outside, 'WORKTRACKER.md'), join(repo.path, 'link.md'));
    for (const file of ['link.md', join(outside, 'WORKTRACKER.md')])
      expect(errorOf(await run('set', 'A', 'COMPLETE', '--file', file, '--json'))).toMatchObject({
        code: 'not_this_worktree',
      });
    expect(readFileSync(join(outside, 'WORKTRACKER.md'), 'utf8')).toContain('|A|todo|');
  });

  it('writes nothing into a merge conflict', async () => {
    const { repo, run } = scene();
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
