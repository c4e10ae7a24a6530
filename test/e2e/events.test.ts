import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Event } from '../../src/domain/event.ts';
import { until } from '../support/children.ts';
import { dispatchScene } from '../support/dispatches.ts';
import { eventsIn, follow, journalOf, toldRun, types } from '../support/journals.ts';

describe('events', () => {
  it('tell in order what happened: worktrees, runs, landings', async () => {
    const scene = dispatchScene(['feat/b']);
    const { wt, repo, at } = scene;
    expect(await wt(['events'])).toMatchObject({ code: 0, stdout: '' });
    await wt(['create', 'feat/a']);
    await scene.dispatch('feat/a', ['@write a.txt one', '@commit work']);
    repo.commit('other', { 'a.txt': 'other' }, at('feat/b'));
    await wt(['merge', 'feat/a']);
    await wt(['merge', 'feat/b', '-n']);
    await wt(['merge', 'feat/b']);
    await wt(['cleanup', 'feat/a']);
    await wt(['undo']);
    const asArray = await wt(['events', '--json']);
    const events = Event.array().parse(asArray.json());
    expect(events).toMatchObject([
      { type: 'worktree.created', worktree_path: at('feat/a'), data: { branch: 'feat/a', base: 'main' } },
      { type: 'dispatch.started', worktree_path: at('feat/a'), data: { attempt: 1, model: null } },
      { type: 'dispatch.finished', data: { status: 'complete', reason: null, commits: 1 } },
      { type: 'landing.merged', data: { target: 'main', target_after: repo.git('rev-parse', 'main') } },
      { type: 'landing.conflicts', worktree_path: at('feat/b'), data: { conflicts: 1, paths: ['a.txt'] } },
      { type: 'worktree.removed', data: { trash: expect.any(String), branch_deleted: true } },
      { type: 'worktree.restored', worktree_path: at('feat/a'), data: { branch: 'feat/a' } },
    ]);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);

    const piped = await wt(['events', '-v']);
    expect(eventsIn(piped.stdout)).toEqual(events);
    expect(piped.stderr.match(/\$ git \S+/g)).toEqual(['$ git rev-parse']);
    const some = await wt(['events', '--since', '4', '--ndjson']);
    expect(eventsIn(some.stdout)).toEqual(events.slice(4));
    expect(await wt(['events', '--since', '99'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('there is no event 99: the last one is 7'),
    });
    expect(await wt(['events', '--since', '-1', '--json'])).toMatchObject({ code: 2 });
    expect(readFileSync(journalOf(scene), 'utf8')).not.toContain('@write');
  }, 90_000);

  it('are followed as they come, from a cursor on, until Ctrl-C', async () => {
    const scene = dispatchScene();
    await scene.dispatch('feat/a', ['@say one']);
    await toldRun(scene);
    const { child, ended, seen } = follow(scene, '--since', '1', '--json');
    await until(() => types(seen()).length === 1);
    await scene.dispatch('feat/a', ['@say two']);
    await until(() => types(seen()).length === 3);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(seen().map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect(types(seen())).toEqual(['dispatch.finished', 'dispatch.started', 'dispatch.finished']);
  });
});
