import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ErrorDocument } from '../../src/domain/answers/common.ts';
import { eventsOf, type LandScene, landScene } from '../support/landings.ts';

const code = (value: string) => `one\n${value}\nthree\n`;

/** Both sides have written at the end of a log, and changed the same line of a file of code. */
function collided(files: Record<string, string> = {}, on: Record<string, string> = {}): LandScene {
  const scene = landScene({
    base: { 'log/events.jsonl': '{"n":0}\n', 'a.ts': code('two') },
    branches: { 'feat/a': { 'log/events.jsonl': '{"n":0}\n{"n":"a"}\n', ...files } },
  });
  scene.commit('feat: on main', { 'log/events.jsonl': '{"n":0}\n{"n":"main"}\n', ...on });
  return scene;
}

const errorOf = async (scene: LandScene, ...args: string[]) => {
  const ran = await scene.wt(...args, '--json');
  return { code: ran.code, error: ErrorDocument.parse(ran.json()).error };
};

describe('the conflict policy', () => {
  it('puts the lines of an append-only log together and says so, unless --no-auto', async () => {
    const scene = collided();
    const path = 'log/events.jsonl';
    const left = await scene.land('merge', 'feat/a', '--no-auto');
    expect(left.code).toBe(3);
    expect(left.answers[0]?.conflicts).toEqual([{ path, kind: 'content', resolution: null }]);
    expect(left.answers[0]?.escalations).toMatchObject([
      { path, why: 'automatic resolution is off', ours_count: 1, theirs_count: 1 },
    ]);
    const [row] = (await scene.wt('status', 'feat/a', '--json')).json() as Record<string, unknown>[];
    expect(row).toMatchObject({ merge_conflicts: true, needs: { kind: 'stale_base' } });
    const dry = await scene.wt('merge', 'feat/a', '-n');
    expect(dry.stdout).toContain(`\n  ${path}: resolved by union\n`);
    const { code, answers } = await scene.land('merge', 'feat/a');
    expect(code).toBe(0);
    expect(answers).toMatchObject([
      { status: 'merged', conflicts: [{ path, kind: 'content', resolution: 'union' }], escalations: [] },
    ]);
    expect(scene.git('show', `main:${path}`)).toBe('{"n":0}\n{"n":"main"}\n{"n":"a"}');
    expect(scene.git('status', '--porcelain')).toBe('');
  });

  it('leaves a lock file and code to a person, with what helps, who did what and where to begin', async () => {
    const scene = collided(
      { 'a.ts': code('feat'), 'pkg/uv.lock': 'feat\n' },
      { 'a.ts': code('main'), 'pkg/uv.lock': 'main\n' },
    );
    const { code: exit, answers } = await scene.land('merge', 'feat/a');
    expect(exit).toBe(3);
    const theirs = [{ commit: scene.git('rev-parse', 'feat/a'), subject: 'feat/a', author: 'Ada' }];
    const ours = [{ commit: scene.git('rev-parse', 'main'), subject: 'feat: on main', author: 'Ada' }];
    expect(answers[0]).toMatchObject({
      status: 'conflicts',
      left_in_progress: false,
      escalations: [
        { path: 'a.ts', ours, theirs, why: 'source code is never resolved automatically', remedy: null },
        { path: 'log/events.jsonl', resolution: 'union', why: null },
        { path: 'pkg/uv.lock', kind: 'add_add', ours_count: 1, remedy: '(cd pkg && uv lock)' },
      ],
    });
    expect(eventsOf(scene)).toMatchObject([
      { type: 'landing.conflicts', data: { paths: ['a.ts', 'log/events.jsonl', 'pkg/uv.lock'] } },
    ]);
    const text = await scene.wt('merge', 'feat/a');
    const [a, main] = [theirs, ours].map(([first]) => first?.commit.slice(0, 8));
    expect(text.stdout.trimEnd().split('\n')).toEqual([
      'feat/a conflicts with main; nothing was changed',
      '  a.ts: both changed the same lines',
      `    main: ${main} feat: on main (Ada)`,
      `    feat/a: ${a} feat/a (Ada)`,
      '    source code is never resolved automatically',
      '  log/events.jsonl: resolved by union',
      '  pkg/uv.lock: both added it',
      `    main: ${main} feat: on main (Ada)`,
      `    feat/a: ${a} feat/a (Ada)`,
      '    a lock file is made anew, not merged',
      '    then: (cd pkg && uv lock)',
      '  next: wt merge feat/a --resolve',
    ]);
    const into = await scene.wt('land', 'feat/a', '--into', 'main', '-n');
    expect(into.stdout).toContain('  next: wt land feat/a --into main --resolve\n');
    // The same seen from the other side.
    const synced = await scene.wt('sync', 'feat/a', '--no-fetch', '-n');
    expect(synced.stdout).toContain(
      `main conflicts with feat/a; nothing was changed\n  a.ts: both changed the same lines\n    feat/a: ${a} feat/a (Ada)\n    main: ${main} feat: on main (Ada)\n`,
    );
    expect(synced.stdout).toContain('  next: wt sync feat/a --leave-conflicts begins the merge there\n');
  });

  it('refuses what is protected until it is accepted', async () => {
    const scene = collided({ '.context/rules/r.md': 'new\n', 'plain.txt': '' });
    scene.configure("merge:\n  protected: ['.context/rules/**']\n");
    const refused = await errorOf(scene, 'merge', 'feat/a');
    expect(refused).toMatchObject({
      code: 4,
      error: { code: 'protected_paths', details: { paths: ['.context/rules/r.md'] } },
    });
    expect((await errorOf(scene, 'merge', 'feat/a', '-n')).error.code).toBe('protected_paths');
    expect((await errorOf(scene, 'merge', 'feat/a', '--accept', 'other')).code).toBe(4);
    const accepted = await scene.land('merge', 'feat/a', '--accept', '.context/rules/r.md');
    expect([accepted.code, accepted.answers[0]?.status]).toEqual([0, 'merged']);
  });
});

describe('a branch with the markers of a conflict', () => {
  it('lands with a warning that names the places, in a dry run too, unless they are meant', async () => {
    const marked = '<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n';
    const scene = landScene({
      branches: { 'feat/a': { 'src/a.ts': `one\n${marked}` }, 'feat/b': { 'b.rst': 'Title\n=======\n' } },
    });
    const message =
      'feat/a brings the markers of a conflict: src/a.ts:2; resolve and commit that, unless they are meant';
    const preview = await scene.land('merge', 'feat/a', '-n');
    expect([preview.code, preview.answers[0]?.status]).toEqual([0, 'dry-run-clean']);
    expect(preview.answers[0]?.warnings).toEqual([{ code: 'conflict_markers', message }]);
    expect((await scene.wt('merge', 'feat/a', '-n')).stdout).toContain('brings the markers of a conflict');
    const meant = await scene.land('merge', 'feat/a', '-n', '--accept', 'src/*');
    expect(meant.answers[0]?.warnings).toEqual([]);
    const both = await scene.land('merge', 'feat/a', 'feat/b');
    expect(both.code).toBe(0);
    expect(both.answers).toMatchObject([
      { status: 'merged', warnings: [{ code: 'conflict_markers', message }] },
      { status: 'merged', warnings: [] },
    ]);
  });
});

describe('a merge that was made on the branch', () => {
  it('and wiped what was not in conflict is refused, until that is accepted', async () => {
    const scene = collided(
      { 'a.ts': code('feat') },
      { 'a.ts': code('main'), 'docs/one': '1\n', 'docs/two': '2\n' },
    );
    const a = scene.at('feat/a');
    expect(() => scene.gitIn(a, 'merge', 'main')).toThrow();
    rmSync(join(a, 'docs'), { recursive: true });
    writeFileSync(join(a, 'a.ts'), code('both'));
    writeFileSync(join(a, 'log/events.jsonl'), '{"n":0}\n{"n":"main"}\n{"n":"a"}\n');
    scene.commit('Merge main', {}, a);
    const refused = await errorOf(scene, 'merge', 'feat/a');
    expect(refused).toMatchObject({
      code: 4,
      error: { code: 'outside_changes', details: { paths: ['docs/one', 'docs/two'] } },
    });
    expect(existsSync(join(scene.path, 'docs/one'))).toBe(true);
    const accepted = await scene.land('merge', 'feat/a', '--accept-outside');
    expect([accepted.code, accepted.answers[0]?.status]).toEqual([0, 'merged']);
    expect(existsSync(join(scene.path, 'docs/one'))).toBe(false);
  });
});

describe('--resolve', () => {
  it('opens the merge in the worktree with what the policy can do done, and lands what a person commits', async () => {
    const scene = collided({ 'a.ts': code('feat') }, { 'a.ts': code('main') });
    const a = scene.at('feat/a');
    const head = scene.git('rev-parse', 'feat/a');
    const dry = await scene.land('merge', 'feat/a', '--resolve', '-n');
    expect([dry.code, dry.answers[0]?.left_in_progress]).toEqual([3, false]);
    expect(scene.gitIn(a, 'status', '--porcelain')).toBe('');
    const opened = await scene.land('merge', 'feat/a', '--resolve');
    expect(opened.code).toBe(3);
    expect(opened.answers[0]).toMatchObject({ status: 'conflicts', left_in_progress: true });
    expect(scene.gitIn(a, 'status', '--porcelain').split('\n').sort()).toEqual([
      'M  log/events.jsonl',
      'UU a.ts',
    ]);
    expect(readFileSync(join(a, 'log/events.jsonl'), 'utf8')).toBe('{"n":0}\n{"n":"a"}\n{"n":"main"}\n');
    expect(readFileSync(join(a, 'a.ts'), 'utf8')).toContain('<<<<<<<');
    expect(scene.git('rev-parse', 'feat/a')).toBe(head);

    const [row] = (await scene.wt('status', 'feat/a', '--json')).json() as { needs: unknown }[];
    expect(row?.needs).toMatchObject({ kind: 'conflict', command: 'wt open feat/a --shell' });
    for (const command of [
      ['merge', 'feat/a'],
      ['merge', 'feat/a', '--resolve'],
      ['land', 'feat/a'],
    ])
      expect(await errorOf(scene, ...command)).toMatchObject({
        code: 4,
        error: { code: 'operation_in_progress', details: { operation: 'merge', worktree: a } },
      });

    writeFileSync(join(a, 'a.ts'), code('both'));
    scene.gitIn(a, 'add', 'a.ts');
    scene.gitIn(a, 'commit', '-q', '--no-edit');
    expect(scene.gitIn(a, 'log', '-1', '--format=%s')).toBe("Merge branch 'main' into feat/a");
    const landed = await scene.land('merge', 'feat/a');
    expect([landed.code, landed.answers[0]?.strategy]).toEqual([0, 'fast-forward']);
    expect(scene.git('show', 'main:a.ts')).toBe(code('both').trim());
  });

  it('tells people what to do next, and does the same for sync', async () => {
    const scene = collided({ 'a.ts': code('feat') }, { 'a.ts': code('main') });
    const a = scene.at('feat/a');
    const text = await scene.wt('merge', 'feat/a', '--resolve');
    const lines = text.stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('feat/a conflicts with main; the merge is open');
    expect(lines.slice(-3)).toEqual([
      `  next: cd ${a}`,
      '        resolve what has markers, git add it, git commit --no-edit',
      '        wt merge feat/a',
    ]);
    scene.gitIn(a, 'merge', '--abort');
    const synced = await scene.wt('sync', 'feat/a', '--no-fetch', '--leave-conflicts');
    expect(synced.code).toBe(3);
    expect(synced.stdout).toContain('main conflicts with feat/a; the merge is open\n');
    expect(synced.stdout.trimEnd().split('\n').at(-2)).toBe(`  next: cd ${a}`);
    expect(scene.gitIn(a, 'status', '--porcelain').split('\n').sort()).toEqual([
      'M  log/events.jsonl',
      'UU a.ts',
    ]);
  });

  it('overwrites no ignored file with what the base has under its name', async () => {
    const scene = collided(
      { 'a.ts': code('feat'), '.gitignore': '*.local\n' },
      { 'a.ts': code('main'), 'env.local': 'main\n' },
    );
    const a = scene.at('feat/a');
    writeFileSync(join(a, 'env.local'), 'mine\n');
    for (const command of [
      ['merge', 'feat/a', '--resolve'],
      ['sync', 'feat/a', '--no-fetch', '--leave-conflicts'],
    ]) {
      const ran = await scene.wt(...command, '--json');
      expect([ran.code, ran.json()]).toMatchObject([
        4,
        {
          status: 'conflicts',
          left_in_progress: false,
          error: { code: 'dirty_target', details: { worktree: a, paths: ['env.local'] } },
        },
      ]);
    }
    expect(readFileSync(join(a, 'env.local'), 'utf8')).toBe('mine\n');
    expect(scene.gitIn(a, 'status', '--porcelain')).toBe('');
  });

  it.each([
    [['merge', 'feat/a', '--resolve', '--dispatch-resolve'], 2, 'usage'],
    [['merge', 'feat/a', '--dispatch-resolve', '0'], 2, 'usage'],
    [['land', 'feat/a', '--dispatch-fix', 'often'], 2, 'usage'],
    [['merge', 'feat/a', '--gate', ' '], 2, 'usage'],
  ])('ends %j with %i', async (args, exit, name) => {
    const scene = landScene({ branches: { 'feat/a': { a: '' } } });
    expect(await errorOf(scene, ...args)).toMatchObject({ code: exit, error: { code: name } });
  });
});
