import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hub } from '../../src/application/ports.ts';
import { blankDispatch, type DispatchRecord } from '../../src/domain/dispatch.ts';
import { type MergeScene, mergeScene, type RunOptions, traces } from '../support/merges.ts';
import { tampered } from '../support/tampered.ts';

const scene = () => mergeScene({ base: { f: 'f\n' } });
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'not refused',
    (error) => ({ code: error.code, kind: error.kind, hint: error.hint, ...error.details }),
  );

type Run = { path: string; status: string; reason?: string; finished: string };

const asRecorded = {
  reconcile: async (record: DispatchRecord) => record,
  look: async (record: DispatchRecord) => record,
};

/** The hub, with these runs in the place of recorded ones. */
const withRuns =
  (...runs: Run[]): NonNullable<RunOptions['tamper']> =>
  (hub: Hub) => {
    const records = runs.map(({ path, status, reason = null, finished }, index) => ({
      phase: status === 'running' ? 'running' : 'ended',
      supervisor: hub.processes.own(),
      git_dir: null,
      dispatch: {
        ...blankDispatch,
        dispatch_id: `dispatch-20260101-00${index}`,
        worktree_path: path,
        status,
        reason,
        started_at: '2026-01-01T00:00:00.000Z',
        finished_at: finished,
      },
    })) as unknown as DispatchRecord[];
    return {
      ...hub,
      runs: tampered(hub.runs, { list: async () => records }),
      supervisors: tampered(hub.supervisors, asRecorded),
    };
  };

describe('merge refuses', () => {
  it('uncommitted changes, which a dry run only warns of', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    writeFileSync(join(a, 'more'), 'more\n');
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({
      code: 'dirty_worktree',
      kind: 'refused',
      paths: ['more'],
      hint: expect.stringContaining('wt merge feat/a --commit'),
    });
    expect(await made.merge({ worktree: ['feat/a'], dryRun: true })).toMatchObject([
      { status: 'dry-run-clean', warnings: [{ code: 'uncommitted_not_judged' }] },
    ]);
  });

  it('a running dispatch, which a dry run only warns of', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    const tamper = withRuns({ path: a, status: 'running', finished: '' });
    expect(await refusal(made.merge({ worktree: ['feat/a'] }, { tamper }))).toMatchObject({
      code: 'dispatch_running',
      dispatch_id: 'dispatch-20260101-000',
    });
    expect(await made.merge({ worktree: ['feat/a'], dryRun: true }, { tamper })).toMatchObject([
      { status: 'dry-run-clean', warnings: [{ code: 'dispatch_running' }] },
    ]);
  });

  it('the main worktree, itself, and targets that are not there', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    expect(await refusal(made.merge({ worktree: ['^'] }))).toMatchObject({ code: 'main_worktree' });
    expect(await refusal(made.merge({ worktree: ['feat/a'], into: 'feat/a' }))).toMatchObject({
      code: 'usage',
    });
    expect(await refusal(made.merge({ worktree: ['feat/a'], into: 'nowhere' }))).toMatchObject({
      code: 'base_not_found',
      kind: 'not-found',
    });
    expect(await refusal(made.merge({ worktree: [], all: false }))).toMatchObject({ code: 'usage' });
    expect(await refusal(made.merge({ worktree: ['feat/a'], all: true }))).toMatchObject({ code: 'usage' });
    made.repo.git('branch', '-m', 'main', 'trunk');
    made.repo.git('branch', 'other');
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({
      code: 'no_target',
      kind: 'usage',
    });
    expect(await made.merge({ into: 'refs/heads/trunk' }, { cwd: a })).toMatchObject([
      { status: 'merged', target: 'trunk' },
    ]);
  });

  it('a base that was recorded and is gone', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    const gitDir = made.repo.gitIn(a, 'rev-parse', '--absolute-git-dir');
    const facts = {
      version: 1,
      project_id: null,
      base: 'gone',
      base_ref: 'gone',
      base_sha: made.repo.git('rev-parse', 'main'),
      branch_created: true,
      branch: 'feat/a',
      created_at: '2026-01-01T00:00:00.000Z',
    };
    writeFileSync(join(gitDir, 'wt.json'), JSON.stringify(facts));
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({
      code: 'base_not_found',
      base: 'gone',
    });
    writeFileSync(join(gitDir, 'wt.json'), JSON.stringify({ ...facts, base: null }));
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({ code: 'no_target' });
  });

  it('a worktree in which git is in the middle of something', async () => {
    const made = scene();
    const a = made.branch('feat/a', { f: 'a\n' });
    made.commit({ f: 'main\n' });
    expect(() => made.repo.gitIn(a, 'rebase', 'main')).toThrow();
    made.repo.gitIn(a, 'checkout', '--theirs', 'f');
    made.repo.gitIn(a, 'add', 'f');
    made.repo.gitIn(a, 'reset', '-q', '--hard');
    for (const more of [{}, { commit: true }]) {
      expect(await refusal(made.merge({ worktree: [a], ...more }))).toMatchObject({
        code: 'operation_in_progress',
        operation: 'rebase',
        worktree: a,
      });
    }
    expect(await made.merge({ worktree: [a], dryRun: true })).toMatchObject([
      { warnings: [{ code: 'operation_in_progress' }] },
    ]);
  });

  it('to rely on runs of which one cannot be read', async () => {
    const made = scene();
    made.branch('feat/a', { a: 'a\n' });
    const folder = join(made.repo.path, '.git', 'wt', 'runs', 'dispatch-20260101-001');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'run.json'), '{"version": 99}');
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({ code: 'state_too_new' });
    expect(await made.merge({ worktree: ['feat/a'], dryRun: true })).toMatchObject([
      { status: 'dry-run-clean' },
    ]);
  });

  it('nothing where only the folder is gone', async () => {
    const made = scene();
    rmSync(made.branch('feat/a', { a: 'a\n' }), { recursive: true });
    expect(await made.merge({ worktree: ['feat/a'] })).toMatchObject([{ status: 'merged' }]);
  });

  it('each of several on its own', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    made.branch('feat/b', { b: 'b\n' });
    writeFileSync(join(a, 'more'), 'more\n');
    expect(await made.merge({ worktree: ['feat/a', 'feat/b'] })).toMatchObject([
      { branch: 'feat/a', target: 'main', status: null, error: { code: 'dirty_worktree' } },
      { branch: 'feat/b', target: 'main', status: 'merged', error: null },
    ]);
  });
});

describe('merge --commit', () => {
  it('commits what is left, with hooks and the message, and lands that too', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    writeFileSync(join(a, 'more'), 'more\n');
    const hook = join(made.repo.path, '.git', 'hooks', 'commit-msg');
    mkdirSync(join(hook, '..'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "Checked: yes" >> "$1"\n', { mode: 0o755 });
    await made.merge({ worktree: ['feat/a'], commit: true, message: 'The rest' });
    expect(made.repo.git('log', '-1', '--format=%B', 'feat/a')).toBe('The rest\nChecked: yes\n'.trim());
    expect(made.repo.git('rev-parse', 'main')).toBe(made.repo.git('rev-parse', 'feat/a'));
    expect(existsSync(join(made.repo.path, 'more'))).toBe(true);
  });

  it('answers with what it began when the landing is refused after all', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    writeFileSync(join(a, 'more'), 'more\n');
    writeFileSync(join(made.repo.path, 'a'), 'mine\n');
    expect(await made.merge({ worktree: ['feat/a'], commit: true })).toMatchObject([
      { status: null, error: { code: 'dirty_target' } },
    ]);
    expect(made.repo.git('log', '-1', '--format=%s', 'feat/a')).toBe('Commit what was left in feat/a');
  });

  it('commits nothing before all that was asked for has been looked at', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    const b = made.branch('feat/b', { b: 'b\n' });
    for (const path of [a, b]) writeFileSync(join(path, 'more'), 'more\n');
    const seen: string[] = [];
    const tamper = (hub: Hub): Hub => ({
      ...hub,
      landings: {
        ...hub.landings,
        openScratch: (options) => hub.landings.openScratch(options),
        assertIdle: async (target) => void seen.push(`looked at ${target}`),
        operation: async ({ branch }) => void seen.push(`looked at ${branch}`),
        land: (...args) => hub.landings.land(...args),
      },
      edits: {
        ...hub.edits,
        commitAll: async (path, message) => {
          seen.push('committed');
          return hub.edits.commitAll(path, message);
        },
      },
    });
    await made.merge({ worktree: ['feat/a', 'feat/b'], commit: true }, { tamper });
    expect(seen.map((each) => each.split(' ')[0]).join(' ')).toMatch(/^(?:looked )+committed committed$/);
    expect(await made.merge({ worktree: ['feat/a', '^'], commit: true })).toMatchObject([
      { status: 'up-to-date' },
      { error: { code: 'main_worktree' } },
    ]);
  });

  it('commits nothing in a dry run', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    writeFileSync(join(a, 'more'), 'more\n');
    const before = traces(made);
    await made.merge({ worktree: ['feat/a'], commit: true, dryRun: true });
    expect(traces(made)).toEqual(before);
  });
});

describe('merge -a', () => {
  it('lands what is done, of equals the oldest first, and says of the others why not', async () => {
    const made = scene();
    const at = (name: string, edits: Record<string, string> = { [name]: name }) => made.branch(name, edits);
    const [young, old, none, denied, dirty, running, locked, occupied] = [
      at('young', { f: 'young\n' }),
      at('old', { f: 'old\n' }),
      at('none'),
      at('denied'),
      at('dirty'),
      at('running'),
      at('locked'),
      at('occupied'),
    ];
    const empty = join(made.repo.root, 'jerry-wt', 'empty');
    made.repo.git('worktree', 'add', '-q', '-b', 'empty', empty);
    writeFileSync(join(dirty, 'more'), 'more\n');
    made.repo.git('worktree', 'lock', '--reason', 'mine', locked);
    const inside = spawn('sleep', ['60'], { cwd: occupied, stdio: 'ignore' });
    const run = (path: string, finished = '2026-01-03T00:00:00.000Z', status = 'complete') => ({
      path,
      finished,
      status,
    });
    const tamper = withRuns(
      run(young, '2026-01-02T00:00:00.000Z'),
      run(old, '2026-01-01T00:00:00.000Z'),
      { ...run(denied), reason: 'denied' },
      run(dirty),
      run(running, '', 'running'),
      run(locked),
      run(occupied),
      run(empty),
    );
    const dry = await made.merge({ all: true, dryRun: true }, { tamper });
    const answers = await made.merge({ all: true }, { tamper });
    inside.kill();
    const brief = (all: typeof answers) => all.map(({ branch, status, reason }) => [branch, status, reason]);
    const skipped = [
      ['empty', 'skipped', 'nothing_ahead'],
      ['denied', 'skipped', 'not_complete'],
      ['dirty', 'skipped', 'dirty'],
      ['locked', 'skipped', 'locked'],
      ['none', 'skipped', 'no_dispatch'],
      ['occupied', 'skipped', 'occupied'],
      ['running', 'skipped', 'running'],
    ];
    expect(brief(dry)).toEqual([
      ['old', 'dry-run-clean', null],
      ['young', 'dry-run-conflicts', null],
      ...skipped,
    ]);
    expect(brief(answers)).toEqual([['old', 'merged', null], ['young', 'conflicts', null], ...skipped]);
    expect(answers.every(({ target, error }) => target === 'main' && error === null)).toBe(true);
    expect(none).toContain('none');
  });
});

describe('merge --push', () => {
  const remote = (made: MergeScene) => {
    const path = join(made.repo.root, 'origin.git');
    made.repo.git('init', '-q', '--bare', path);
    made.repo.git('remote', 'add', 'origin', path);
    made.repo.git('push', '-q', '-u', 'origin', 'main:trunk');
    return (...args: string[]) => made.repo.gitIn(path, ...args);
  };

  it('pushes the target to its upstream once it has landed', async () => {
    const made = scene();
    const origin = remote(made);
    made.branch('feat/a', { a: 'a\n' });
    made.branch('feat/b', { b: 'b\n' });
    expect(await made.merge({ worktree: ['feat/a', 'feat/b'], push: true })).toMatchObject([
      { status: 'merged', pushed: true },
      { status: 'merged', pushed: true },
    ]);
    expect(origin('rev-parse', 'trunk')).toBe(made.repo.git('rev-parse', 'main'));
    expect(made.commands.filter((line) => / push /.test(line))).toHaveLength(1);
  });

  it('does so where merge.push says it, unless --no-push', async () => {
    const made = scene();
    const origin = remote(made);
    made.commit({ '.wt.yaml': 'merge:\n  push: true\n' });
    made.branch('feat/a', { a: 'a\n' });
    expect(await made.merge({ worktree: ['feat/a'], push: false })).toMatchObject([{ pushed: false }]);
    made.branch('feat/b', { b: 'b\n' });
    expect(await made.merge({ worktree: ['feat/b'] })).toMatchObject([{ pushed: true }]);
    expect(origin('rev-parse', 'trunk')).toBe(made.repo.git('rev-parse', 'main'));
    made.repo.git('branch', '--unset-upstream', 'main');
    made.branch('feat/c', { c: 'c\n' });
    expect(await made.merge({ worktree: ['feat/c'] })).toMatchObject([
      { status: 'merged', pushed: false, warnings: [{ code: 'no_upstream' }] },
    ]);
  });

  it('refuses before landing when there is no upstream', async () => {
    const made = scene();
    made.branch('feat/a', { a: 'a\n' });
    const before = traces(made);
    expect(await refusal(made.merge({ worktree: ['feat/a'], push: true }))).toMatchObject({
      code: 'no_upstream',
      kind: 'usage',
    });
    expect(traces(made)).toEqual(before);
  });

  const guarded = ({ repo }: MergeScene) => {
    const hook = join(repo.root, 'origin.git', 'hooks', 'pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho "GH006: Protected branch"\nexit 1\n', { mode: 0o755 });
  };
  const movedOn = ({ repo }: MergeScene) => {
    repo.git('clone', '-q', '-b', 'trunk', join(repo.root, 'origin.git'), join(repo.root, 'other'));
    repo.commit('elsewhere', { other: 'other\n' }, join(repo.root, 'other'));
    repo.gitIn(join(repo.root, 'other'), 'push', '-q');
  };
  const gone = ({ repo }: MergeScene) => repo.git('remote', 'set-url', 'origin', join(repo.root, 'gone.git'));
  it.each<[string, string, (made: MergeScene) => unknown, string]>([
    [
      'by a hook',
      'refused',
      guarded,
      'origin refuses it: pre-receive hook declined, GH006: Protected branch',
    ],
    ['as it has gone on there', 'moved', movedOn, 'origin/trunk has gone on meanwhile'],
    ['as the remote is gone', 'unreachable', gone, 'origin cannot be pushed to: '],
  ])('leaves the landing when the push is rejected %s, and says why', async (_, reason, disturb, message) => {
    const made = scene();
    remote(made);
    disturb(made);
    made.branch('feat/a', { a: 'a\n' });
    expect(await made.merge({ worktree: ['feat/a'], push: true, cleanup: true })).toMatchObject([
      {
        status: 'merged',
        pushed: false,
        cleaned_up: false,
        error: {
          code: 'push_rejected',
          message: expect.stringContaining(`main has landed here and was not pushed: ${message}`),
          details: { reason, target: 'trunk', remote: 'origin' },
        },
      },
    ]);
    expect(made.repo.git('rev-parse', 'main')).toBe(made.repo.git('rev-parse', 'feat/a'));
  });

  it('is done by the same command again once the remote takes it, and then no more', async () => {
    const made = scene();
    const origin = remote(made);
    guarded(made);
    made.branch('feat/a', { a: 'a\n' });
    const push = () => made.merge({ worktree: ['feat/a'], push: true });
    expect(await push()).toMatchObject([{ status: 'merged', error: { code: 'push_rejected' } }]);
    expect(await push()).toMatchObject([{ status: 'up-to-date', error: { code: 'push_rejected' } }]);
    rmSync(join(made.repo.root, 'origin.git', 'hooks', 'pre-receive'));
    expect(await made.merge({ worktree: ['feat/a'] })).toMatchObject([
      { status: 'up-to-date', pushed: false },
    ]);
    expect(await push()).toMatchObject([{ status: 'up-to-date', pushed: true, error: null }]);
    expect(origin('rev-parse', 'trunk')).toBe(made.repo.git('rev-parse', 'main'));
    expect(await push()).toMatchObject([{ status: 'up-to-date', pushed: false, error: null }]);
  });

  it('finds a remote that is named by a relative path, wherever the target is checked out', async () => {
    const made = scene();
    const origin = remote(made);
    made.repo.git('remote', 'set-url', 'origin', '../origin.git');
    made.repo.git('checkout', '-q', '--detach');
    made.branch('feat/a', { a: 'a\n' });
    expect(await made.merge({ worktree: ['feat/a'], push: true }, { cwd: made.at('feat/a') })).toMatchObject([
      { status: 'merged', pushed: true, error: null },
    ]);
    expect(origin('rev-parse', 'trunk')).toBe(made.repo.git('rev-parse', 'main'));
  });

  it('is said to be missing in the last line for people', async () => {
    const made = scene();
    remote(made);
    made.branch('feat/a', { a: 'a\n' });
    const [answer] = await made.merge({ worktree: ['feat/a'] }, { format: 'people' });
    expect(answer?.warnings).toEqual([
      { code: 'ahead_of_upstream', message: 'main is 1 commit ahead of origin/trunk' },
    ]);
    made.branch('feat/b', { b: 'b\n' });
    expect(await made.merge({ worktree: ['feat/b'] })).toMatchObject([{ warnings: [] }]);
  });
});

describe('merge --cleanup', () => {
  it('removes what has landed, and only that', async () => {
    const made = scene();
    const a = made.branch('feat/a', { f: 'a\n' });
    const b = made.branch('feat/b', { f: 'b\n' });
    expect(await made.merge({ worktree: ['feat/a', 'feat/b'], cleanup: true })).toMatchObject([
      { status: 'merged', cleaned_up: true, error: null },
      { status: 'conflicts', cleaned_up: false, error: null },
    ]);
    expect([existsSync(a), existsSync(b)]).toEqual([false, true]);
  });

  it('says why it could not, the landing standing', async () => {
    const made = scene();
    const a = made.branch('feat/a', { a: 'a\n' });
    made.repo.git('worktree', 'lock', a);
    expect(await made.merge({ worktree: ['feat/a'], cleanup: true })).toMatchObject([
      { status: 'merged', cleaned_up: false, error: { code: 'worktree_locked' } },
    ]);
    expect(readFileSync(join(made.repo.path, 'a'), 'utf8')).toBe('a\n');
  });
});

describe('merge, interrupted', () => {
  it('stops before the next landing', async () => {
    const made = scene();
    made.branch('feat/a', { a: 'a\n' });
    made.branch('feat/b', { b: 'b\n' });
    const controller = new AbortController();
    const tamper = (hub: Hub): Hub => ({
      ...hub,
      landings: {
        openScratch: (options) => hub.landings.openScratch(options),
        assertIdle: (...args) => hub.landings.assertIdle(...args),
        operation: (worktree) => hub.landings.operation(worktree),
        upstream: (branch) => hub.landings.upstream(branch),
        settle: (...args) => hub.landings.settle(...args),
        land: async (...args) => {
          const landed = await hub.landings.land(...args);
          controller.abort('SIGINT');
          return landed;
        },
      },
    });
    const options = { signal: controller.signal, tamper };
    expect(await made.merge({ worktree: ['feat/a', 'feat/b'] }, options)).toMatchObject([
      { status: 'merged', error: null },
      { status: null, error: { code: 'interrupted' } },
    ]);
    expect(made.repo.git('rev-parse', 'main')).toBe(made.repo.git('rev-parse', 'feat/a'));
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: made.repo.path, encoding: 'utf8' })).toBe(
      '',
    );
  });
});
