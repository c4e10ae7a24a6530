import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coordinatorScene, inProject } from '../support/coordinators.ts';

describe('wt orchestration', () => {
  it('edits the copy of the coordinator from a linked worktree, and its own with --here', async () => {
    const { repo, linked, json, text } = coordinatorScene();
    const before = text();
    const set = await json(linked, 'set', 'agent-a-001', 'IN_PROGRESS');
    expect(set).toMatchObject({
      file: join(repo.path, inProject),
      address: 'pipeline-a/1/agent-a-001',
      before: 'PENDING',
      after: 'IN_PROGRESS',
      lines: [21, 101],
      warnings: [{ code: 'coordinator_copy' }],
      error: null,
    });
    expect([text(linked), repo.gitIn(linked, 'status', '--porcelain')]).toEqual([before, '']);
    expect(repo.git('diff', '--numstat')).toBe(`2\t2\t${inProject}`);
    const own = await json(linked, 'set', 'agent-a-001', 'FAILED', '--here', '--file', inProject);
    expect(own).toMatchObject({ file: join(linked, inProject), before: 'PENDING', warnings: [] });
    const named = await json(linked, 'show', '--file', join(linked, inProject));
    expect(named).toMatchObject({ file: join(repo.path, inProject), workflow: { status: 'IN_PROGRESS' } });
  });
});
