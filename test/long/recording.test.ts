import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MergeAnswer } from '../../src/domain/answers/merge.ts';
import { wt } from '../support/bin.ts';
import { dispatchesIn, dispatchIn, dispatchScene } from '../support/dispatches.ts';
import { realFile } from '../support/orchestration.ts';
import { agent, codes, errorOf, file, recordedScene, work } from '../support/recordings.ts';

describe('a dispatch that works for an agent', () => {
  it('says what came of every run', async () => {
    const { dispatch, statusOf, text } = await recordedScene();
    const run = async (lines: readonly string[], ...flags: string[]) => {
      const ran = await dispatch('feat/a', lines, '--json', ...flags);
      const { status, reason, orchestration, warnings } = dispatchIn(ran);
      expect(orchestration?.status).toBe(statusOf());
      expect(codes({ warnings }).filter((code) => /record|status_left/.test(code))).toEqual([]);
      return `${ran.code} ${status} ${reason} ${statusOf()}`;
    };
    expect(await run(['@say nothing done'])).toBe('1 complete no_commits FAILED');
    expect(await run(['@say nothing to do'], '--allow-empty')).toBe('0 complete no_commits COMPLETE');
    expect(await run(['@api-error 400'])).toBe('1 failed api_error FAILED');
    expect(await run(work)).toBe('0 complete null COMPLETE');
    expect(text()).not.toContain('FAILED"\n');
  });

  it('is in progress while it waits for a limit, and failed when it is cancelled', async () => {
    const { start, wt: run, statusOf, runWhen } = await recordedScene();
    const { ended } = start(['dispatch', 'feat/a', '-p', '@rate-limit +600', '--wait-for-limit', '--json']);
    await runWhen(({ phase }) => phase === 'parked');
    expect(statusOf()).toBe('IN_PROGRESS');
    await run(['cancel', 'feat/a']);
    await ended;
    expect(statusOf()).toBe('FAILED');
  });

  it('enters the artifact that its commits have, and tells of one that they lack', async () => {
    const { repo, dispatch, text, wt: run } = await recordedScene([]);
    const own = [
      'agents:',
      '  - {id: one, status: PENDING, artifact: null}',
      '  - {id: two, status: PENDING, artifact: docs/two.md}',
      '',
    ];
    repo.commit('small', { 'small.yaml': own.join('\n') });
    await run(['create', 'feat/a', '--no-provision', '--address', 'one', '--orchestration', 'small.yaml']);
    const first = dispatchIn(await dispatch('feat/a', ['@write docs/one.md text', '@commit one'], '--json'));
    expect(readFileSync(join(repo.path, 'small.yaml'), 'utf8')).toBe(
      own.join('\n').replace('PENDING, artifact: null', 'COMPLETE, artifact: "docs/one.md"'),
    );
    expect([first.warnings, first.orchestration?.file]).toEqual([[], 'small.yaml']);
    const two = ['--address', 'two', '--json'];
    const second = dispatchIn(await dispatch('feat/a', work, ...two));
    expect([second.orchestration?.status, codes(second)]).toEqual(['COMPLETE', ['missing_artifact']]);
    // It stays bound to the agent that was named last.
    const third = dispatchIn(await dispatch('feat/a', ['@write docs/two.md t', '@commit two'], '--json'));
    expect([third.orchestration, third.warnings]).toEqual([
      { file: 'small.yaml', address: 'two', status: 'COMPLETE' },
      [],
    ]);
    expect(text()).toBe(realFile('TEMPLATE'));
  });

  it('never fails because it cannot be recorded, and says what to type', async () => {
    const { repo, dispatch, text, statusOf } = await recordedScene();
    const gone = text().replace('id: "agent-a-001"', 'id: "agent-x"');
    repo.write(file, gone);
    const lost = await dispatch('feat/a', work, '--json');
    expect([lost.code, codes(dispatchIn(lost)), text()]).toEqual([0, ['not_recorded'], gone]);
    repo.write(file, `${realFile('TEMPLATE')}\tbroken: [\n`);
    const broken = await dispatch('feat/a', [...work, '@write c c', '@commit c'], '--json');
    expect([broken.code, codes(dispatchIn(broken))]).toEqual([0, ['not_recorded']]);
    repo.write(file, realFile('TEMPLATE'));
    // Somebody says otherwise while it runs: that stays.
    const said = `@run sed -i '101s/IN_PROGRESS/SKIPPED/' '${join(repo.path, file)}'`;
    const until = `@run while ! sed -n 101p '${join(repo.path, file)}' | grep -q IN_PROGRESS; do sleep 0.02; done`;
    const changed = await dispatch('feat/a', [until, said, '@write d d', '@commit d'], '--json');
    const answer = dispatchIn(changed);
    expect([changed.code, statusOf(), answer.orchestration?.status]).toEqual([0, 'SKIPPED', 'SKIPPED']);
    expect(answer.warnings.find(({ code }) => code === 'status_left')?.message).toContain(
      `wt orchestration set ${agent} COMPLETE --file ${file}`,
    );
    // Broken while it runs: the end of the run tells.
    repo.write(file, realFile('TEMPLATE'));
    const late = await dispatch(
      'feat/a',
      [until, `@run chmod 444 '${join(repo.path, file)}'`, '@write e e', '@commit e'],
      '--json',
    );
    chmodSync(join(repo.path, file), 0o644);
    expect([late.code, statusOf()]).toEqual([0, 'IN_PROGRESS']);
    expect(dispatchIn(late).warnings.find(({ code }) => code === 'not_recorded')?.message).toContain(
      `is read-only`,
    );
  });

  it('is refused before anything is done where the address means nothing', async () => {
    const { repo, wt: run, records } = await recordedScene([]);
    const wrong: readonly (readonly [number, string, readonly string[]])[] = [
      [5, 'address_not_found', ['--address', 'agent-z']],
      [2, 'ambiguous_address', ['--address', '1']],
      [2, 'usage', ['--address', 'barrier-1']],
      [2, 'usage', ['--orchestration', file]],
      [5, 'file_not_found', ['--address', 'x', '--orchestration', 'none.yaml']],
      [4, 'not_this_worktree', ['--address', 'agent-a-001', '--orchestration', '../outside.yaml']],
    ];
    writeFileSync(join(repo.root, 'outside.yaml'), realFile('TEMPLATE'));
    repo.git('worktree', 'add', '-q', '-b', 'there', join(repo.root, 'jerry-wt/there'));
    for (const [exit, code, flags] of wrong) {
      const created = await run(['create', 'feat/a', '--no-provision', '--json', ...flags]);
      const dispatched = await run(['dispatch', 'there', '-p', 'x', '--json', ...flags]);
      const started = await run(['start', 'feat/a', '--no-provision', '-p', 'x', '--json', ...flags]);
      expect([created, dispatched, started].map((ran) => [ran.code, errorOf(ran), flags])).toEqual(
        Array(3).fill([exit, code, flags]),
      );
    }
    const one = ['--address', 'agent-a-001', '--json'];
    const several = [
      await run(['create', 'feat/a', 'feat/b', ...one]),
      await run(['start', 'feat/a', 'feat/b', '-p', 'x', ...one]),
      await run(['dispatch', 'there', '^', '-p', 'x', ...one]),
    ];
    expect(several.map((ran) => [ran.code, errorOf(ran)])).toEqual(Array(3).fill([2, 'usage']));
    expect([repo.git('branch', '--format=%(refname:short)'), records(), repo.git('status', '-s')]).toEqual([
      'main\nthere',
      [],
      '',
    ]);
  });

  it('keeps an address for which there is no file yet, also over a cleanup and its undo', async () => {
    const made = dispatchScene([]);
    const created = await made.wt([
      'create',
      'feat/a',
      '--no-provision',
      '--address',
      'agent-a-001',
      '--json',
    ]);
    expect(created.json()).toMatchObject({
      orchestration: { file: null, address: 'agent-a-001' },
      warnings: [{ code: 'orchestration_missing' }],
      error: null,
    });
    const early = await made.dispatch('feat/a', work, '--json');
    expect([early.code, codes(dispatchIn(early))]).toEqual([0, ['not_recorded']]);
    await made.wt(['cleanup', 'feat/a', '--force']);
    expect((await made.wt(['undo'])).code).toBe(0);
    made.repo.commit('plan', { [file]: realFile('TEMPLATE') });
    const late = dispatchIn(await made.dispatch('feat/a', ['@write b b', '@commit b'], '--json'));
    expect(late.orchestration).toEqual({ file, address: agent, status: 'COMPLETE' });
  });

  it('edits the copy of the main worktree from a linked one, and says so', async () => {
    const { repo, env, linked, text, statusOf } = await recordedScene();
    const run = (...args: string[]) => wt(linked, env, args);
    const dispatched = dispatchIn(await run('dispatch', '-p', work.join('\n'), '--json'));
    expect(codes(dispatched)).toEqual(['coordinator_copy']);
    expect([statusOf(), text(linked), repo.gitIn(linked, 'status', '-s')]).toEqual([
      'COMPLETE',
      realFile('TEMPLATE'),
      '',
    ]);
    const landed = MergeAnswer.parse((await run('merge', '--json')).json());
    expect([landed.status, codes(landed)]).toEqual(['merged', ['coordinator_copy']]);
  });

  it('may be several at once, each in its own line', async () => {
    const { repo, wt: run, dispatchAll, statusOf } = await recordedScene([]);
    for (const [branch, address] of [
      ['feat/a', 'agent-a-001'],
      ['feat/b', 'agent-b-001'],
    ] as const)
      await run(['create', branch, '--no-provision', '--address', address]);
    const { ran } = await dispatchAll({ 'feat/a': work, 'feat/b': ['@api-error 400'] });
    expect(dispatchesIn(ran).map(({ orchestration, leaks }) => [orchestration?.status, leaks])).toEqual([
      ['COMPLETE', []],
      ['FAILED', []],
    ]);
    expect([statusOf(), statusOf('pipeline-b/1/agent-b-001')]).toEqual(['COMPLETE', 'FAILED']);
    expect(repo.git('diff', '--numstat')).toBe(`3\t3\t${file}`);
  });
});

describe('a landing of an agent', () => {
  it('completes a barrier where that was asked for, and removes the worktree after it was recorded', async () => {
    const { repo, dispatch, wt: run, statusOf, text } = await recordedScene();
    await run(['orchestration', 'set', 'agent-b-001', 'COMPLETE']);
    await dispatch('feat/a', work);
    expect(statusOf('barrier-1')).toBe('PENDING');
    const land = await run(['land', 'feat/a', '--complete-barriers', '--json']);
    expect(land.json()).toMatchObject({
      cleaned_up: true,
      orchestration: { status: 'COMPLETE' },
      error: null,
    });
    expect(statusOf('barrier-1')).toBe('COMPLETE');
    expect(text()).toContain('  latest_id: "CP-002"\n');
    expect(repo.git('status', '-s')).toBe(` M ${file}`);
  });

  it('survives the edit that wt left in the checkout, and is refused by name where the branch changed it as well', async () => {
    const { repo, linked, dispatch, merge, text, wt: run } = await recordedScene();
    await dispatch('feat/a', work);
    const own = realFile('TEMPLATE').replace('{WORKFLOW_NAME}', 'mine');
    repo.commit('mine', { [file]: own }, linked);
    const recorded = text();
    const dry = (await merge('-n')).answer;
    expect([dry.status, codes(dry)]).toEqual(['dry-run-clean', ['orchestration_changed', 'dirty_target']]);
    const refused = await run(['merge', 'feat/a', '--json']);
    expect([refused.code, errorOf(refused)]).toEqual([4, 'dirty_target']);
    expect(refused.stdout).toContain(file);
    expect(text()).toBe(recorded);
    repo.git('commit', '-q', '-m', 'recorded', file);
    const { ran, answer } = await merge();
    expect([ran.code, answer.status, codes(answer)]).toEqual([0, 'merged', ['orchestration_changed']]);
    expect(answer.warnings[0]?.message).toContain(`changes ${file} itself`);
    expect(text()).toContain('mine');
  });

  it('leaves a conflict in the coordinator’s file to a person, whatever the globs say and however it is called', async () => {
    for (const name of [file, 'state/flow.yaml']) {
      const { repo, linked, merge } = await recordedScene(['feat/a']);
      mkdirSync(join(repo.home, '.config/wt'), { recursive: true });
      writeFileSync(
        join(repo.home, '.config/wt/config.yaml'),
        `merge:\n  union: ["**"]\n  rows: ["**/*.yaml"]\norchestration:\n  file: ${name}\n`,
      );
      const list = (...ids: string[]) => `agents:\n${ids.map((id) => `- {id: ${id}, status: x}\n`).join('')}`;
      repo.commit('base', { [name]: list('a'), 'log.txt': '1\n' });
      repo.gitIn(linked, 'merge', '-q', 'main');
      repo.commit('theirs', { [name]: list('a', 'theirs'), 'log.txt': '1\n2\n' }, linked);
      repo.commit('ours', { [name]: list('a', 'ours'), 'log.txt': '1\n3\n' });
      for (const flags of [['-n'], []]) {
        const { ran, answer } = await merge(...flags);
        expect([ran.code, answer.conflicts]).toEqual([
          3,
          [
            { path: name, kind: 'content', resolution: null },
            { path: 'log.txt', kind: 'content', resolution: 'union' },
          ].sort((a, b) => (a.path < b.path ? -1 : 1)),
        ]);
        expect(answer.warnings.find(({ code }) => code === 'orchestration_changed')?.message).toContain(name);
      }
    }
  });

  it('asks git nothing more where there is no such file', async () => {
    const made = dispatchScene(['feat/a']);
    made.repo.commit('work', { 'a.txt': 'x\n' }, made.at('feat/a'));
    await made.wt(['status']);
    const asked = async () => {
      const { stderr } = await made.wt(['-v', 'merge', 'feat/a', '-n']);
      return stderr.match(/\$ git /g)?.length ?? 0;
    };
    const plain = await asked();
    made.repo.commit('plan', { 'ORCHESTRATION_PLAN.md': 'x' });
    made.repo.gitIn(made.at('feat/a'), 'rebase', '-q', 'main');
    expect(await asked()).toBe(plain);
    made.repo.commit('plan', { [file]: 'agents: []\n' });
    made.repo.gitIn(made.at('feat/a'), 'rebase', '-q', 'main');
    expect(await asked()).toBe(plain + 2);
  });
});
