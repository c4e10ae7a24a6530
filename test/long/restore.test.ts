import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DiffAnswer } from '../../src/domain/answers/diff.ts';
import { CheckpointAnswer, RestoreAnswer } from '../../src/domain/answers/restore.ts';
import type { DispatchRecord } from '../../src/domain/dispatch.ts';
import { type Ran, wt } from '../support/bin.ts';
import { contents } from '../support/checkpoints.ts';
import { type DispatchScene, dispatchIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';

const often = { WT_DISPATCH_CHECKPOINT: '0.2' };

function answerOf<T>(schema: { parse: (value: unknown) => T }, ran: Ran): T {
  expect(ran.stderr.includes('error:')).toBe(false);
  const answer = schema.parse(ran.json());
  expect(answer).toEqual(ran.json());
  return answer;
}

const restored = async (scene: DispatchScene, ...args: string[]) =>
  answerOf(RestoreAnswer, await scene.wt(['restore', '--json', ...args]));
const listed = async (scene: DispatchScene, ...args: string[]) =>
  answerOf(CheckpointAnswer.array(), await scene.wt(['restore', '--list', '--json', ...args]));
const since = async (scene: DispatchScene, from: string) =>
  answerOf(DiffAnswer, await scene.wt(['diff', 'feat/a', '--json', '--since', from]));
const refusal = async (scene: DispatchScene, ...args: string[]) => {
  const ran = await scene.wt(['--json', ...args]);
  const { error } = ran.json() as { error: { code: string; hint: string; message: string } };
  return { exit: ran.code, ...error };
};

const refs = 'refs/wt/checkpoints/$WT_DISPATCH_ID';

/** A line that waits until a checkpoint has what the lines before it did: until it has the file that it writes last. */
const saved = (step: string) =>
  `@run echo ${step} > step; until for r in $(git for-each-ref --format='%(refname)' ${refs}); do ` +
  `git show $r:step 2>/dev/null; done | grep -qx ${step}; do sleep 0.05; done`;

describe('checkpoints of a dispatch', () => {
  it('hold what the agent did in between: diff shows what came since, restore brings it back', async () => {
    const scene = dispatchScene(['feat/a'], often);
    const at = scene.at('feat/a');
    writeFileSync(join(at, 'mine.txt'), 'before the dispatch\n');
    const begun = contents(at);
    const ran = await scene.dispatch(
      'feat/a',
      [
        '@write src/a.txt one',
        "@run printf '#!/bin/sh' > tool && chmod +x tool && ln -s src/a.txt link",
        saved('one'),
        '@run cp -a . ../copy-of-one && rm ../copy-of-one/.git',
        '@run rm mine.txt tool && rm -r src && git commit -q --allow-empty -m c',
        '@write src two',
        saved('two'),
        '@write last.txt l',
      ],
      '--json',
    );
    const { dispatch_id: id, checkpoint, warnings } = dispatchIn(ran);
    expect(warnings).toEqual([]);
    const checkpoints = await listed(scene, 'feat/a');
    expect(checkpoints.map(({ kind }) => kind)).toEqual([
      'start',
      ...checkpoints.slice(2).map(() => 'run'),
      'end',
    ]);
    expect(checkpoint).toBe(checkpoints.at(-1)?.checkpoint);
    expect(await listed(scene, id ?? '')).toEqual(checkpoints);
    const paths = async (from: string) =>
      (await since(scene, from)).files.map(({ path, status }) => status + path);
    const [start] = checkpoints;
    expect(await paths(id ?? '')).toEqual(['Alast.txt', 'Alink', 'Dmine.txt', 'Asrc', 'Astep']);
    expect((await since(scene, id ?? '')).base).toBe(start?.commit_sha);
    const stepIn = (commit: string) =>
      scene.repo.git('ls-tree', commit, 'step') === '' ? '' : scene.repo.git('show', `${commit}:step`);
    const first = checkpoints.find(({ commit_sha }) => stepIn(commit_sha) === 'one');
    const from = first?.checkpoint ?? '';
    expect(await paths(from)).toEqual(['Alast.txt', 'Dmine.txt', 'Asrc', 'Dsrc/a.txt', 'Mstep', 'Dtool']);
    expect((await since(scene, from)).base).toBe(first?.commit_sha);

    const end = contents(at);
    const one = contents(join(at, '..', 'copy-of-one'));
    const dry = await restored(scene, from, '-n');
    expect(contents(at)).toEqual(end);
    const back = await restored(scene, from);
    expect(contents(at)).toEqual(one);
    expect({ ...back, saved: null }).toEqual(dry);
    expect(back.files).toEqual([
      { path: 'last.txt', status: 'removed' },
      { path: 'mine.txt', status: 'restored' },
      { path: 'src', status: 'removed' },
      { path: 'src/a.txt', status: 'restored' },
      { path: 'step', status: 'restored' },
      { path: 'tool', status: 'restored' },
    ]);
    expect((await listed(scene)).at(-1)).toMatchObject({ checkpoint: back.saved, kind: 'restore' });
    expect(await restored(scene, 'feat/a')).toMatchObject({ checkpoint }); // the newest of the dispatch itself
    expect(contents(at)).toEqual(end);
    await restored(scene, `${id}/0`);
    expect(contents(at)).toEqual(begun);
    await restored(scene, back.saved ?? '');
    expect(contents(at)).toEqual(end);
    await expectNothingLeft(scene);
  });

  it('give back single files, from where one stands, and keep the others', async () => {
    const scene = dispatchScene(['feat/a'], often);
    const at = scene.at('feat/a');
    const { dispatch_id: id } = dispatchIn(
      await scene.dispatch('feat/a', ['@write d/x 1', '@write d/y 1', '@write z 1'], '--json'),
    );
    for (const file of ['d/x', 'd/y', 'z', 'd/new']) writeFileSync(join(at, file), '2\n');
    const inside = await wt(join(at, 'd'), scene.env, ['restore', `${id}`, 'x', '--json']);
    expect(answerOf(RestoreAnswer, inside).files).toEqual([{ path: 'd/x', status: 'restored' }]);
    expect(contents(at)).toMatchObject({ 'd/x': 'file 1\n', 'd/y': 'file 2\n', z: 'file 2\n' });
    const folder = await restored(scene, 'feat/a', 'd');
    expect(folder.files).toEqual([
      { path: 'd/new', status: 'kept' },
      { path: 'd/y', status: 'restored' },
    ]);
    expect(folder.warnings).toMatchObject([{ code: 'not_in_checkpoint' }]);
    expect(contents(at)).toMatchObject({ 'd/y': 'file 1\n', 'd/new': 'file 2\n', z: 'file 2\n' });
    expect(await restored(scene, 'feat/a', 'README.md')).toMatchObject({ files: [], saved: null });
    expect(await refusal(scene, 'restore', 'feat/a', 'z', 'nope')).toMatchObject({
      exit: 5,
      code: 'file_not_found',
      message: expect.stringContaining('nope'),
    });
    expect(await refusal(scene, 'restore', 'feat/a', '../../jerry/README.md')).toMatchObject({ exit: 2 });
    expect(contents(at)).toMatchObject({ z: 'file 2\n' });
    const people = await scene.wt(['restore', 'feat/a', 'z']);
    expect(people.stdout).toMatch(
      /^1 file restored from dispatch-\S+ in .*\n {2}\+ z\nwt restore dispatch-\S+ takes it back\n$/,
    );
  });

  it('are not restored while a dispatch runs there, or git is in the middle of something', async () => {
    const scene = dispatchScene(['feat/a'], often);
    const at = scene.at('feat/a');
    const { dispatch_id: id } = dispatchIn(await scene.dispatch('feat/a', ['@write x 1'], '--json'));
    writeFileSync(join(at, 'x'), '2\n');
    await scene.wt(['dispatch', 'feat/a', '--async', '-p', '@hang']);
    for (const flags of [[], ['-n']]) {
      expect(await refusal(scene, 'restore', `${id}`, ...flags)).toMatchObject({
        exit: 4,
        code: 'dispatch_running',
      });
    }
    await scene.wt(['cancel', '-a', '--grace', '0']);
    const tip = scene.repo.commit('x', { x: '3\n' });
    rmSync(join(at, 'x'));
    scene.repo.commit('mine', { x: '4\n' }, at);
    expect(() => scene.repo.gitIn(at, 'merge', tip)).toThrow();
    const half = contents(at);
    expect(await refusal(scene, 'restore', `${id}`)).toMatchObject({
      exit: 4,
      code: 'operation_in_progress',
    });
    expect(contents(at)).toEqual(half);
    scene.repo.gitIn(at, 'merge', '--abort');
    await restored(scene, `${id}`);
    expect(readFileSync(join(at, 'x'), 'utf8')).toBe('1\n');
  });

  it('outlive a supervisor that was killed, and their worktree', async () => {
    const scene = dispatchScene(['feat/a'], often);
    const at = scene.at('feat/a');
    await scene.wt(['dispatch', 'feat/a', '--async', '-p', ['@write x 1', '@hang'].join('\n')]);
    const { supervisor, claude } = await scene.runWhen(({ dispatch }) => dispatch.checkpoint !== null);
    for (const dead of [supervisor, claude]) process.kill(dead?.pid ?? 0, 'SIGKILL');
    writeFileSync(join(at, 'x'), '2\n');
    const [run] = (await scene.wt(['runs', '--json'])).json() as DispatchRecord['dispatch'][];
    expect(run).toMatchObject({ reason: 'lost', warnings: [{ code: 'supervisor_died' }] });
    const { dispatch_id: id, checkpoint } = run ?? {};
    expect((await listed(scene)).map(({ kind }) => kind)).toEqual(['run', 'end']);
    expect(checkpoint).toBe(`${id}/2`);
    expect((await restored(scene, `${id}/1`)).files).toEqual([{ path: 'x', status: 'restored' }]);

    expect(await scene.wt(['cleanup', 'feat/a', '--force'])).toMatchObject({ code: 0 });
    expect(await listed(scene)).toHaveLength(3);
    const gone = await refusal(scene, 'restore', `${id}/2`);
    expect(gone).toMatchObject({ exit: 5, code: 'worktree_not_found' });
    const [, commit = ''] = /--base (\w+)/.exec(gone.hint) ?? [];
    expect(await scene.wt(['create', 'looks', '--base', commit, '--no-provision'])).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(scene.at('looks'), 'x'), 'utf8')).toBe('2\n');
    expect(await scene.wt(['undo'])).toMatchObject({ code: 0 });
    await restored(scene, `${id}/2`);
    expect(readFileSync(join(at, 'x'), 'utf8')).toBe('2\n');
    const folder = join(scene.repo.path, '.git/wt/runs', id ?? '');
    expect(existsSync(join(folder, 'run.json'))).toBe(true);
    scene.repo.gitIn(scene.repo.path, 'fsck', '--no-dangling');
  });

  it('go on when another supervisor takes the run over', async () => {
    const scene = dispatchScene(['feat/a'], often);
    await scene.wt(['dispatch', 'feat/a', '--async', '-p', ['@write x 1', '@hang'].join('\n')]);
    const has = (number: number) =>
      scene.runWhen(({ dispatch: { dispatch_id: id, checkpoint } }) => checkpoint === `${id}/${number}`);
    const { supervisor } = await has(1);
    process.kill(supervisor?.pid ?? 0, 'SIGKILL');
    await scene.wt(['runs']);
    writeFileSync(join(scene.at('feat/a'), 'x'), '2\n');
    await has(2);
    await scene.wt(['cancel', '-a', '--grace', '0']);
    expect((await listed(scene)).map(({ number, kind }) => [number, kind])).toEqual([
      [1, 'run'],
      [2, 'run'],
    ]);
  });

  it('are not taken when nothing is uncommitted, or when they are turned off', async () => {
    const scene = dispatchScene(['feat/a', 'feat/b'], often);
    const clean = dispatchIn(await scene.dispatch('feat/a', ['@write x 1', '@commit x'], '--json'));
    expect(clean.commits).toBe(1);
    const { dispatch_id: id } = clean;
    expect((await listed(scene)).filter(({ kind }) => kind !== 'run')).toEqual([]);
    expect((await since(scene, `${id}/0`)).base).toBe(clean.start_sha);
    expect((await restored(scene, `${id}/0`)).files).toEqual([{ path: 'x', status: 'removed' }]);
    const off = { ...scene.env, WT_DISPATCH_CHECKPOINT: '0' };
    writeFileSync(join(scene.at('feat/b'), 'mine'), '1\n');
    const without = await wt(scene.repo.path, off, ['dispatch', 'feat/b', '-p', '@write y 1', '--json']);
    expect(dispatchIn(without)).toMatchObject({ checkpoint: null, reason: 'dirty' });
    const shown = await scene.wt([
      'diff',
      'feat/b',
      '--json',
      '--since',
      dispatchIn(without).dispatch_id ?? '',
    ]);
    expect(shown.stderr).toMatch(
      /^warning: what was uncommitted already when dispatch-\S+ began is shown too/,
    );
    expect(DiffAnswer.parse(shown.json()).files.map(({ path }) => path)).toEqual(['mine', 'y']);
    expect(await refusal(scene, 'restore', 'feat/b')).toMatchObject({ exit: 5, code: 'dispatch_not_found' });
  });

  it('are named when there is none of that name', async () => {
    const scene = dispatchScene(['feat/a', 'feat/b'], often);
    const { dispatch_id: id } = dispatchIn(await scene.dispatch('feat/a', ['@write x 1'], '--json'));
    const unknown = { exit: 5, code: 'dispatch_not_found' };
    expect(await refusal(scene, 'restore', `${id}/77`)).toMatchObject({
      ...unknown,
      hint: expect.stringContaining(`${id}/1`),
    });
    expect(await refusal(scene, 'diff', 'feat/a', '--since', `${id}/77`)).toMatchObject(unknown);
    expect(await refusal(scene, 'diff', 'feat/b', '--since', `${id}/1`)).toMatchObject(unknown);
    expect(await refusal(scene, 'diff', 'feat/a', '--since', `${id?.slice(0, -1)}9`)).toMatchObject({
      ...unknown,
      hint: expect.stringContaining(`${id}`),
    });
    expect(await refusal(scene, 'restore', 'dispatch-20200101-001')).toMatchObject(unknown);
    expect(await refusal(scene, 'restore', 'nope')).toMatchObject({ exit: 5, code: 'worktree_not_found' });
    expect(await refusal(scene, 'restore', '--list', 'feat/a', 'x')).toMatchObject({ exit: 2 });
  });

  it('fail no run: what they could not hold, and that they could not be taken, are warnings', async () => {
    const scene = dispatchScene(['feat/a'], often);
    const at = scene.at('feat/a');
    scene.repo.git('config', 'filter.broken.clean', 'exit 3');
    scene.repo.git('config', 'filter.broken.required', 'true');
    const left = dispatchIn(
      await scene.dispatch('feat/a', ['@run git init -q inner && touch inner/x', '@write y 1'], '--json'),
    );
    expect(left).toMatchObject({ status: 'complete', warnings: [{ code: 'checkpoint_incomplete' }] });
    expect(left.warnings[0]?.message).toContain('inner/ (a repository of its own)');
    const lines = ["@run printf '*.bad filter=broken\\n' > .gitattributes", '@write file.bad 1'];
    const failed = dispatchIn(await scene.dispatch('feat/a', [...lines, '@sleep 900'], '--json'));
    const codes = failed.warnings.map(({ code }) => code).filter((code) => code === 'checkpoint_failed');
    expect([failed.status, codes]).toEqual(['complete', ['checkpoint_failed']]);
    expect(existsSync(join(at, 'file.bad'))).toBe(true);
    await expectNothingLeft(scene);
  });
});
