import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { livenessOf, ownIdentity } from '../../src/adapters/processes.ts';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { DispatchRecord } from '../../src/domain/dispatch.ts';
import { wtBin } from '../support/bin.ts';
import { start, until } from '../support/children.ts';
import { type DispatchScene, dispatchIn, dispatchScene, expectNothingLeft } from '../support/dispatches.ts';

/** The folder of a run that is prepared and not started, made from an earlier one. */
async function prepared(
  scene: DispatchScene,
  prompt: string,
  change: (record: DispatchRecord) => DispatchRecord,
) {
  await scene.dispatch('feat/a', ['@say first']);
  const [first] = scene.records();
  if (first === undefined) throw new Error('there is no run');
  const id = (first.dispatch.dispatch_id ?? '').replace(/001$/, '002');
  const folder = join(scene.repo.path, '.git', 'wt', 'runs', id);
  const sessionId = crypto.randomUUID();
  mkdirSync(folder);
  writeFileSync(join(folder, 'prompt.md'), prompt);
  const record = change({
    ...first,
    phase: 'preparing',
    launcher: ownIdentity(),
    supervisor: null,
    claude: null,
    session_started: false,
    stream_offset: 0,
    attempt_offsets: [],
    announced: false,
    request: {
      ...first.request,
      args: first.request.args.map((word) => (word === first.dispatch.session_id ? sessionId : word)),
    },
    dispatch: {
      ...first.dispatch,
      ...{ dispatch_id: id, pid: null, status: 'running', reason: null, exit_code: null, finished_at: null },
      ...{ started_at: new Date().toISOString(), log_path: join(folder, 'stream.jsonl'), result: null },
      ...{ attempts: [], warnings: [], num_turns: null, total_cost_usd: null, session_id: sessionId },
    },
  });
  const save = (value: DispatchRecord) => writeFileSync(join(folder, 'run.json'), JSON.stringify(value));
  save(record);
  const supervise = () => execFileSync(process.execPath, [wtBin, '__supervise', folder], { env: scene.env });
  const now = () => DispatchRecord.parse(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')));
  return { folder, record, save, supervise, now };
}

const listed = async (scene: DispatchScene) =>
  DispatchAnswer.array().parse((await scene.wt(['runs', '--json'])).json());

describe('a supervisor', () => {
  it('ends a claude that stays silent after its result, and judges by the result', async () => {
    const scene = dispatchScene();
    const run = await prepared(
      scene,
      '@write a.txt x\n@commit work\n@say done\n@linger 600000',
      (record) => ({
        ...record,
        request: { ...record.request, linger_ms: 300 },
      }),
    );
    run.supervise();
    expect(run.now()).toMatchObject({
      phase: 'ended',
      stopping: null,
      dispatch: { status: 'complete', reason: null, result: 'done', warnings: [{ code: 'claude_lingered' }] },
    });
    await expectNothingLeft(scene);
  });

  it('leaves a run alone that was given up because its launcher had died', async () => {
    const scene = dispatchScene();
    const dead = { ...ownIdentity(), pid: 4_194_300, start_time: '1' };
    const run = await prepared(scene, '@write a.txt x', (record) => ({ ...record, launcher: dead }));
    expect((await listed(scene))[0]).toMatchObject({
      status: 'failed',
      reason: 'not_started',
      commits: 0,
      warnings: [{ code: 'supervisor_died' }],
    });
    const given = run.now();
    run.supervise();
    expect(run.now()).toEqual(given);
    expect(scene.repo.gitIn(scene.at('feat/a'), 'status', '--porcelain')).toBe('');
  });

  it('is taken for nothing where its processes cannot be seen: the run stays as it is, and is not touched', async () => {
    const scene = dispatchScene();
    const bystander = start(['sleep', '1000'], { env: { ...scene.env, WT_DISPATCH_MARKER: 'elsewhere' } });
    const place = { hostname: 'another-host', boot_id: 'of another host' };
    const elsewhere = { ...ownIdentity(), pid: bystander.pid, ...place };
    const run = await prepared(scene, '@say x', (record) => ({
      ...record,
      phase: 'running',
      supervisor: elsewhere,
      claude: elsewhere,
      marker: { name: 'WT_DISPATCH_MARKER', value: 'elsewhere' },
    }));
    expect((await listed(scene))[0]).toMatchObject({
      status: 'running',
      warnings: [{ code: 'run_elsewhere' }],
    });
    const refused = await scene.dispatch('feat/a', ['@say x'], '--json');
    expect(refused.json()).toMatchObject({ error: { code: 'dispatch_running' } });
    const cancelled = await scene.wt(['cancel', 'feat/a', '--grace', '0', '--json']);
    expect(dispatchIn(cancelled)).toMatchObject({ status: 'running', error: { code: 'dispatch_running' } });
    expect(cancelled.code).toBe(4);
    expect(run.now()).toEqual(run.record);
    expect(bystander.child.exitCode ?? bystander.child.signalCode).toBeNull();

    // After a reboot its pid says nothing, also where another process has it now.
    run.save({
      ...run.record,
      supervisor: { ...elsewhere, hostname: ownIdentity().hostname, boot_id: 'earlier' },
      claude: null,
      marker: { name: 'WT_DISPATCH_MARKER', value: 'earlier' },
    });
    expect((await listed(scene))[0]).toMatchObject({ status: 'failed', reason: 'cancelled' });
    expect(bystander.child.exitCode ?? bystander.child.signalCode).toBeNull();
  });

  it('ends with the run neither a shell that sits in its worktree nor the wt that watches', async () => {
    const scene = dispatchScene();
    const shell = start(['sleep', '1000'], { cwd: scene.at('feat/a') });
    const ran = await scene.dispatch('feat/a', ['@background sleep 1000'], '--json');
    expect(dispatchIn(ran).warnings).toMatchObject([{ code: 'processes_ended' }]);
    expect(shell.child.exitCode ?? shell.child.signalCode).toBeNull();
  });

  it('reports a record of a newer wt and leaves it alone', async () => {
    const scene = dispatchScene();
    const run = await prepared(scene, '@say x', (record) => record);
    const text = JSON.stringify({ version: 2, anything: 'else' });
    writeFileSync(join(run.folder, 'run.json'), text);
    const [newer, first] = await listed(scene);
    expect(newer).toMatchObject({
      dispatch_id: run.record.dispatch.dispatch_id,
      error: { code: 'state_too_new' },
    });
    expect(first).toMatchObject({ status: 'complete' });
    const refused = await scene.dispatch('feat/a', ['@say x'], '--json');
    expect(refused.json()).toMatchObject({ error: { code: 'state_too_new' } });
    expect(refused.code).toBe(7);
    expect(readFileSync(join(run.folder, 'run.json'), 'utf8')).toBe(text);
  });

  it('leaves a record alone that a newer wt writes while it tells of the end', async () => {
    const scene = dispatchScene();
    const go = join(scene.repo.root, 'go');
    await scene.dispatch('feat/a', ['@say x'], '--notify', `until [ -e '${go}' ]; do sleep 0.05; done`);
    const [record] = scene.records();
    const path = join(dirname(record?.dispatch.log_path ?? ''), 'run.json');
    const text = JSON.stringify({ version: 2, anything: 'else' });
    writeFileSync(path, text);
    writeFileSync(go, '');
    await until(() => record?.supervisor != null && livenessOf(record.supervisor) === 'dead');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('ends what took the marker off and left the tree at once, by where it sits', async () => {
    const scene = dispatchScene();
    const word = String(5_000 + Math.floor(Math.random() * 100_000));
    const prompt = [`@run (env -i setsid sleep ${word} </dev/null >/dev/null 2>&1 &)`, '@write a.txt x'];
    const ran = await scene.dispatch('feat/a', prompt, '--json');
    expect(dispatchIn(ran).warnings).toMatchObject([
      { code: 'processes_ended', message: expect.stringContaining(word) },
    ]);
  });

  it('ends what took the marker off while it watched', async () => {
    const scene = dispatchScene();
    const word = String(5_000 + Math.floor(Math.random() * 100_000));
    const prompt = [`@run env -i setsid sleep ${word} & sleep 1.5`, '@write a.txt x'];
    const ran = await scene.dispatch('feat/a', prompt, '--json');
    expect(dispatchIn(ran).warnings).toMatchObject([
      { code: 'processes_ended', message: expect.stringContaining(word) },
    ]);
    await expectNothingLeft(scene);
  });
});
