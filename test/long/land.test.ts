import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ErrorDocument } from '../../src/domain/answers/common.ts';
import { dispatchScene } from '../support/dispatches.ts';
import { fakeClaude } from '../support/fake-claude.ts';
import { brokenTogether, build, configure, landScene, leftRooms, mergesIn } from '../support/landings.ts';
import type { TestRepo } from '../support/repo.ts';

/** Everything below the repository but wt's own. */
const traces = ({ path, root }: TestRepo) => [
  ...readdirSync(join(path, '.git'), { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('wt'))
    .sort(),
  ...readdirSync(root).sort(),
];

describe('gates', () => {
  it('do not run again on a tree that they have seen, pass or fail, unless they are to be fresh', async () => {
    const scene = landScene({ branches: { 'feat/a': { a: 'a\n' } } });
    const notes = join(scene.root, 'notes');
    const gate = `echo ran >> '${notes}'; test -e go`;
    const ran = () => readFileSync(notes, 'utf8').match(/ran/g)?.length;
    const first = await scene.land('merge', 'feat/a', '--gate', gate);
    expect([first.code, first.answers[0]?.gates[0]?.cached]).toEqual([1, false]);
    const again = await scene.land('merge', 'feat/a', '--gate', gate);
    expect(again.code).toBe(1);
    expect(again.answers[0]).toMatchObject({
      status: 'gate-failed',
      gates: [{ cached: true, exit_code: 1 }],
      error: { message: expect.stringContaining('as an earlier run on the same tree found') },
    });
    expect(ran()).toBe(1);
    const fresh = await scene.land('merge', 'feat/a', '--gate', gate, '--fresh-gates');
    expect([fresh.code, fresh.answers[0]?.gates[0]?.cached, ran()]).toEqual([1, false, 2]);
    scene.commit('go', { go: '' }, scene.at('feat/a'));
    const mended = await scene.land('merge', 'feat/a', '--gate', gate);
    expect([mended.code, mended.answers[0]?.status, ran()]).toEqual([0, 'merged', 3]);
  });

  it('run in a dry run only where they are named, on what would land, and leave nothing', async () => {
    const scene = landScene({
      base: { 'lib/old': '', 'calls/a': 'old\n' },
      branches: { 'feat/a': { a: 'a\n' }, 'feat/b': { 'calls/b': 'gone\n' } },
    });
    scene.commit('on', { on: 'on\n' });
    scene.configure("merge:\n  gates: ['exit 9']\n");
    const before = traces(scene);
    const dry = await scene.land('land', 'feat/a', 'feat/b', '-n');
    expect([dry.code, dry.answers.map(({ gates }) => gates)]).toEqual([0, [[], []]]);
    const named = await scene.land('merge', 'feat/a', 'feat/b', '-n', '--gate', build);
    expect(named.code).toBe(1);
    expect(named.answers.map(({ status, gates }) => [status, gates[0]?.exit_code])).toEqual([
      ['dry-run-clean', 0],
      ['gate-failed', 3],
    ]);
    expect(traces(scene)).toEqual(before);
    expect(existsSync(join(scene.path, '.git', 'wt', 'events.jsonl'))).toBe(false);
    expect(leftRooms(scene)).toEqual([]);
  });

  it('that hang are ended at their limit, and what they change does not land', async () => {
    const scene = landScene({
      base: { f: 'f\n' },
      branches: { 'feat/a': { a: 'a\n' }, 'feat/b': { b: 'b\n' } },
    });
    scene.configure('merge:\n  gate_timeout: 1\n');
    const gate = `test -e b || exec sleep 600; echo edited > f; echo more > more; git commit -qam x || exit 4`;
    const { code, answers } = await scene.land('merge', 'feat/a', 'feat/b', '--gate', gate);
    expect(code).toBe(1);
    expect(answers).toMatchObject([
      {
        status: 'gate-failed',
        gates: [{ exit_code: null, reason: 'timeout' }],
        error: { code: 'gate_failed', message: expect.stringContaining('after 1 s (merge.gate_timeout)') },
      },
      { status: 'merged', warnings: [{ code: 'gate_changed_files' }] },
    ]);
    expect(scene.git('ls-tree', '-r', '--name-only', 'main').split('\n')).toEqual(['README.md', 'b', 'f']);
    expect(scene.git('show', 'main:f')).toBe('f');
  });

  it('are told to people with what passed, what did not, its last lines and its log', async () => {
    const scene = brokenTogether();
    const long = `sh -c '${'true; '.repeat(20)}exit 0'`;
    const failing = `seq 30; printf '\\033[31m${'x'.repeat(100)}\\n'; exit 2`;
    const text = await scene.wt('merge', 'feat/other', '--gate', long, '--gate', failing);
    expect(text.code).toBe(1);
    const lines = text.stdout
      .replace(/in \d+\.\d s/g, 'in <t>s')
      .trimEnd()
      .split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'feat/other did not pass; main stays where it is',
      expect.stringMatching(/^ {2}sh -c 'true; .*… passed in <t>s$/),
      expect.stringMatching(/^ {2}seq 30; printf .*… failed with exit 2 in <t>s$/),
    ]);
    expect(lines.slice(3, 5)).toEqual(['    | 22', '    | 23']);
    expect(lines.at(-2)).toMatch(/^ {4}\| x{60,}…$/);
    expect(lines.at(-1)).toMatch(/^ {2}log: \/.*\.log$/);
    expect(lines.filter((line) => line.length > 80 && !line.startsWith('  log:'))).toEqual([]);
    expect(text.stderr).toContain('error: feat/other did not pass the gate');
    expect(text.stderr).toMatch(/hint: less .*--fresh-gates/);
    const good = await scene.wt('merge', 'feat/other', '--gate', long);
    expect(good.stdout.replace(/in \d+\.\d s/g, 'in <t>s')).toMatch(
      /^feat\/other landed on main by fast-forward .*\n {2}sh -c .*… passed, remembered\n$/,
    );
  });
});

describe('wt land', () => {
  it('runs no gates of a repository that nobody trusts, and says so', async () => {
    const scene = landScene({ branches: { 'feat/a': { a: 'a\n' } } });
    const notes = join(scene.root, 'notes');
    scene.commit('config', { '.wt.yaml': `merge:\n  gates: ["touch '${notes}'; exit 1"]\n` });
    const ran = await scene.wt('land', 'feat/a', '--json');
    expect([ran.code, mergesIn(ran)[0]?.status, existsSync(notes)]).toEqual([0, 'merged', false]);
    expect(mergesIn(ran)[0]?.warnings).toMatchObject([
      { code: 'untrusted', message: expect.stringContaining('.wt.yaml:2: merge.gates has no effect') },
    ]);
  });

  it('-a lands what is done and passes, and `start --land` does the same for its own', async () => {
    const scene = dispatchScene(['feat/a', 'feat/b']);
    configure(scene.repo, "dispatch:\n  grace: 1\nmerge:\n  gates: ['test ! -e bad']\n");
    await scene.dispatchAll({
      'feat/a': ['@write good x', '@commit good'],
      'feat/b': ['@write bad x', '@commit bad'],
    });
    const ran = await scene.wt(['land', '-a', '--json']);
    expect(ran.code).toBe(1);
    expect(
      mergesIn(ran)
        .map(({ branch, status, cleaned_up }) => [branch, status, cleaned_up])
        .sort(),
    ).toEqual([
      ['feat/a', 'merged', true],
      ['feat/b', 'gate-failed', false],
    ]);
    fakeClaude(join(scene.repo.root, 'bin'));
    const started = await scene.wt([
      'start',
      'feat/c',
      '-p',
      '@write bad x\n@commit bad',
      '--land',
      '--json',
    ]);
    expect(started.code).toBe(1);
    expect(started.json()).toMatchObject({
      landing: { status: 'gate-failed', gates: [{ command: 'test ! -e bad', exit_code: 1 }] },
      error: { code: 'gate_failed' },
    });
    expect(existsSync(scene.at('feat/c'))).toBe(true);
    const none = await scene.wt(['land', 'nowhere', '--json']);
    expect([none.code, ErrorDocument.parse(none.json()).error.code]).toEqual([5, 'worktree_not_found']);
  });
});
