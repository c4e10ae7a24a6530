import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { answerOf, coordinatorScene, inProject, project } from '../support/coordinators.ts';
import { realFile } from '../support/orchestration.ts';
import { makeRepo } from '../support/repo.ts';

describe('wt orchestration', () => {
  it('finds the file by the configuration, at the top, by the project, or as the only one', async () => {
    const { repo, linked, json, run } = coordinatorScene();
    const shown = async (cwd = repo.path) => (await json(cwd, 'show')).file;
    expect(await shown()).toBe(join(repo.path, inProject));
    const other = 'projects/PROJ-007-other/ORCHESTRATION.yaml';
    repo.commit('another', { [other]: realFile('PROJ-001') });
    expect(await json(repo.path, 'show')).toMatchObject({
      error: { code: 'usage', details: { candidates: [inProject, other] } },
    });
    const bound = await wt(linked, { ...repo.env, JERRY_PROJECT: 'PROJ-007-other' }, [
      'orchestration',
      'show',
      '--json',
    ]);
    expect(answerOf(bound).file).toBe(join(repo.path, other));
    repo.write('ORCHESTRATION.yaml', realFile('PROJ-006'));
    expect(await shown()).toBe(join(repo.path, 'ORCHESTRATION.yaml'));
    repo.write('.wt.yaml', `orchestration:\n  file: ${other}\n`);
    expect(await shown()).toBe(join(repo.path, other));
    const empty = makeRepo();
    expect(await json(empty.path, 'show')).toMatchObject({ error: { code: 'file_not_found' } });
    const hub = join(empty.root, 'hub.git');
    empty.git('clone', '-q', '--bare', empty.path, hub);
    const bare = await run(hub, 'show');
    expect([bare.code, bare.stderr]).toEqual([
      5,
      expect.stringContaining('is bare: it has no ORCHESTRATION.yaml'),
    ]);
  });

  it('starts two git processes at most, and refuses a file of somebody else', async () => {
    const { repo, json, text } = coordinatorScene();
    await json(repo.path, 'show'); // the first command of a repository asks for git's version too
    const ran = await wt(repo.path, repo.env, ['-v', 'orchestration', 'set', 'barrier-1', 'FAILED']);
    expect(ran.stderr.match(/\$ git /g)?.length).toBeLessThanOrEqual(2);
    const outside = join(repo.root, 'outside.yaml');
    writeFileSync(outside, text());
    expect(await json(repo.path, 'set', 'barrier-1', 'DONE', '--file', outside)).toMatchObject({
      error: { code: 'not_this_worktree' },
    });
    expect(await json(repo.path, 'show', '--file', outside)).toMatchObject({ file: outside, error: null });
    repo.write('broken.yaml', 'agents:\n  - id: a\n\tstatus: x\n');
    expect(await json(repo.path, 'set', 'a', 'DONE', '--file', 'broken.yaml')).toMatchObject({
      error: { code: 'command_failed', details: { line: 3 } },
    });
    expect(await json(repo.path, 'validate', '--file', 'broken.yaml')).toMatchObject({
      valid: false,
      errors: [{ line: 3 }],
      error: { code: 'command_failed' },
    });
    const wrong = [
      ['set', 'barrier-1', 'DONE', '--artifact', '/abs/x.md'],
      ['set', 'barrier-1', 'DONE', '--note', 'x', '--status-only'],
      ['set', 'barrier-1', 'a\nb'],
      ['show', '--if', 'DONE'],
      ['init', 'bad id', '--project', project],
    ];
    const answers = await Promise.all(wrong.map((args) => json(repo.path, ...args)));
    expect(answers.map(({ error }) => error?.code)).toEqual(wrong.map(() => 'usage'));
  });

  it('makes a new file that it can show, in 80 columns, and never over another', async () => {
    const { repo, json, run } = coordinatorScene();
    const id = 'PROJ-008-new';
    const file = join(repo.path, `projects/${id}/ORCHESTRATION.yaml`);
    expect(await json(repo.path, 'init', 'w-1', '--project', id)).toMatchObject({
      file,
      workflow_id: 'w-1',
      project_id: id,
    });
    expect(await json(repo.path, 'init', 'w-2', '--project', id)).toMatchObject({
      error: { code: 'path_exists' },
    });
    expect(await json(repo.path, 'init', 'w-2', '--project', 'PROJ-8')).toMatchObject({
      error: { code: 'invalid_project_id' },
    });
    expect(await json(repo.path, 'validate', '--file', file)).toMatchObject({ valid: true, warnings: [] });
    for (const part of ['PROJ-006', 'duplicate-key', 'PROJ-001', 'TEMPLATE']) {
      mkdirSync(join(repo.path, 'x'), { recursive: true });
      writeFileSync(join(repo.path, 'x/o.yaml'), realFile(part));
      const { stdout } = await run(repo.path, 'show', '--file', 'x/o.yaml');
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
    expect((await run(repo.path, 'show', '--file', file)).stdout).toContain(
      'can start now: pipeline-a/1/agent-a-001',
    );
  });

  it('loses nothing when several are set at once', async () => {
    const { repo, run, json } = coordinatorScene();
    const { statuses } = (await json(repo.path, 'show')) as unknown as { statuses: { address: string }[] };
    const some = statuses.slice(1, 7).map(({ address }) => address);
    const all = await Promise.all(
      some.map((address) => run(repo.path, 'set', address, `${address} done`, '--status-only')),
    );
    expect(all.map(({ code }) => code)).toEqual(some.map(() => 0));
    const after = (await json(repo.path, 'show')) as unknown as {
      statuses: { address: string; raw_status: string }[];
    };
    expect(after.statuses.slice(1, 7).map(({ raw_status: raw }) => raw)).toEqual(
      some.map((address) => `${address} done`),
    );
    expect(repo.git('diff', '--numstat')).toBe(`6\t6\t${inProject}`);
  });
});
