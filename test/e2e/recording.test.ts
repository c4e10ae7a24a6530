import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../support/children.ts';
import { dispatchIn } from '../support/dispatches.ts';
import { pictured, realFile } from '../support/orchestration.ts';
import { agent, file, recordedScene, work } from '../support/recordings.ts';

describe('a dispatch that works for an agent', () => {
  it('is in progress while claude runs and complete when it is done, in the coordinator alone', async () => {
    const { created, repo, linked, wt: run, text, statusOf, records, runWhen } = await recordedScene();
    expect(created?.json()).toMatchObject({
      orchestration: { file, address: agent, status: null },
      error: null,
    });
    const go = join(repo.root, 'go');
    const lines = ['@run while [ ! -e ../../../go ]; do sleep 0.02; done', ...work].join('\n');
    const async = dispatchIn(await run(['dispatch', 'feat/a', '-p', lines, '--async', '--json']));
    expect([async.orchestration?.status, statusOf()]).toEqual(['IN_PROGRESS', 'IN_PROGRESS']);
    // Another run at the same time: what wt writes is no leak of anybody.
    repo.git('worktree', 'add', '-q', '-b', 'feat/b', join(repo.root, 'jerry-wt/feat/b'));
    const other = run([
      'dispatch',
      'feat/b',
      '-p',
      ['@run while [ ! -e ../../../go2 ]; do sleep 0.02; done', ...work].join('\n'),
      '--json',
    ]);
    await until(() => records().filter(({ phase }) => phase === 'running').length === 2);
    writeFileSync(go, '');
    await run(['wait', 'feat/a']);
    writeFileSync(`${go}2`, '');
    const [b] = [dispatchIn(await other)];
    expect([b.status, b.leaks, b.orchestration]).toEqual(['complete', [], null]);
    const ended = await runWhen(({ phase }) => phase === 'ended');
    expect(ended.dispatch.leaks).toEqual([]);
    const a = records().find(({ dispatch }) => dispatch.branch === 'feat/a')?.dispatch;
    expect(a).toMatchObject({ leaks: [], orchestration: { file, address: agent, status: 'COMPLETE' } });
    expect(statusOf()).toBe('COMPLETE');
    const phase = pictured(text()).phases.find(({ address }) => address === 'pipeline-a/1');
    expect(phase?.status).toBe('PENDING'); // phases, gates and barriers belong to others
    expect(text(linked)).toBe(realFile('TEMPLATE'));
    expect(repo.git('diff', '--numstat')).toBe(`2\t2\t${file}`);
    for (const secret of [String(a?.pid), a?.session_id ?? '?', repo.root])
      expect(text()).not.toContain(secret);
  });
});

describe('a landing of an agent', () => {
  it('is blocked by conflicts, and complete with a checkpoint once it has landed', async () => {
    const { repo, linked, merge, text, statusOf } = await recordedScene();
    repo.commit('work', { 'a.txt': 'branch\n' }, linked);
    writeFileSync(join(repo.path, 'a.txt'), 'main\n');
    repo.git('commit', '-q', '-m', 'other', 'a.txt');
    const before = text();
    expect((await merge('-n')).answer).toMatchObject({
      status: 'dry-run-conflicts',
      orchestration: { status: null },
    });
    expect(text()).toBe(before);
    const { ran, answer } = await merge();
    expect([ran.code, answer.orchestration]).toEqual([3, { file, address: agent, status: 'BLOCKED' }]);
    expect(pictured(text()).blockers).toMatchObject([
      { description: 'landing of feat/a on main conflicts in a.txt', blocking: ['agent-a-001'] },
    ]);
    const blocked = text();
    await merge();
    expect(text()).toBe(blocked);
    try {
      repo.gitIn(linked, 'merge', '-q', 'main');
    } catch {
      repo.commit('merged', { 'a.txt': 'both\n' }, linked);
    }
    expect((await merge('-n')).answer.status).toBe('dry-run-clean');
    expect(text()).toBe(blocked);
    const landed = await merge();
    expect([landed.ran.code, landed.answer.orchestration?.status, statusOf()]).toEqual([
      0,
      'COMPLETE',
      'COMPLETE',
    ]);
    expect(pictured(text()).blockers).toEqual([]);
    const id = landed.answer.target_after?.slice(0, 12);
    expect(text()).toContain(`      recovery_point: "main@${id}"\n`);
    expect(text()).toContain('  latest_id: "CP-001"\n');
    const done = text();
    await merge();
    expect(text()).toBe(done);
  });
});
