import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventLine } from '../../src/application/event-view.ts';
import type { Event } from '../../src/domain/event.ts';
import { brokenTogether, build, eventsOf, landScene, leftRooms } from '../support/landings.ts';

describe('gates', () => {
  it('keep a clean merge that breaks the build from landing, each branch fine alone, and let the others land', async () => {
    const scene = brokenTogether();
    scene.gitIn(scene.at('feat/new'), 'rm', '-qf', 'lib/old');
    scene.gitIn(scene.at('feat/new'), 'commit', '-q', '--amend', '--no-edit');
    const names = ['feat/new', 'feat/caller', 'feat/other'];
    for (const name of names) {
      const alone = await scene.land('merge', name, '-n', '--gate', build);
      expect([alone.code, alone.answers[0]?.status]).toEqual([0, 'dry-run-clean']);
    }

    const before = scene.git('rev-parse', 'main');
    const { code, answers } = await scene.land('merge', ...names, '--gate', 'true', '--gate', build);
    expect(code).toBe(1);
    const failed = answers.find(({ status }) => status === 'gate-failed');
    const landed = answers.filter(({ status }) => status === 'merged');
    expect([landed.length, failed?.target]).toEqual([2, 'main']);
    expect(failed).toMatchObject({
      strategy: 'merge',
      target_after: null,
      merge_tree: expect.stringMatching(/^[0-9a-f]{40}$/),
      gates: [
        { command: 'true', exit_code: 0, reason: null, cached: false },
        { command: build, exit_code: 3, reason: 'failed', cached: false },
      ],
      error: { code: 'gate_failed', details: { exit_code: 3, command: build, output: 'no old\n' } },
    });
    expect(landed.map(({ gates }) => gates.map(({ exit_code }) => exit_code))).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const log = failed?.gates[1]?.log_path ?? '';
    expect(readFileSync(log, 'utf8')).toBe('no old\n');
    expect(scene.git('rev-list', '--count', '--no-merges', `${before}..main`)).toBe('2');
    expect(scene.git('status', '--porcelain')).toBe('');
    const told = eventsOf(scene).find(({ type }) => type === 'landing.gate_failed') as Event;
    expect(told).toMatchObject({
      worktree_path: failed?.worktree_path,
      data: { branch: failed?.branch, target: 'main', command: build, exit_code: 3 },
    });
    expect(eventLine(told, false)).toMatch(/landing\.gate_failed .*on main: for f in .*\(exit 3\)$/);
    expect(leftRooms(scene)).toEqual([]);
  });
});

describe('wt land', () => {
  it('runs the gates of the user, pushes where that is configured, and removes what has landed', async () => {
    const scene = landScene({ branches: { 'feat/a': { a: 'a\n' }, 'feat/b': { b: 'b\n' } } });
    const origin = join(scene.root, 'origin.git');
    scene.git('init', '-q', '--bare', origin);
    scene.git('remote', 'add', 'origin', origin);
    scene.git('push', '-q', '-u', 'origin', 'main');
    scene.configure("merge:\n  push: true\n  gates: ['test ! -e b']\n");
    const plain = await scene.land('merge', 'feat/b', '-n');
    expect(plain.code).toBe(0);
    const { code, answers } = await scene.land('land', 'feat/a', 'feat/b', '--gate', 'test -e a');
    expect(code).toBe(1);
    expect(answers).toMatchObject([
      { status: 'merged', pushed: true, cleaned_up: true, gates: [{}, { command: 'test -e a' }] },
      { status: 'gate-failed', pushed: false, cleaned_up: false, gates: [{ command: 'test ! -e b' }] },
    ]);
    expect(['feat/a', 'feat/b'].map((branch) => existsSync(scene.at(branch)))).toEqual([false, true]);
    expect(scene.gitIn(origin, 'rev-parse', 'main')).toBe(scene.git('rev-parse', 'main'));
    // What is not merged by `land` runs no configured gates.
    const merged = await scene.land('merge', 'feat/b', '--no-push');
    expect(merged.answers).toMatchObject([{ status: 'merged', gates: [], pushed: false, cleaned_up: false }]);
  });
});
