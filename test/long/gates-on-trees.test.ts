import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { oneLine } from '../../src/domain/plain-text.ts';
import { afterEveryTest } from '../support/after.ts';
import { until } from '../support/children.ts';
import { type GateScene, openGateScene, type SceneOptions } from '../support/gates.ts';
import { isRunning } from '../support/provisioning.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const scenes: GateScene[] = [];
afterEveryTest(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});

let repo: TestRepo;
/** A file in which gates note what they saw. */
let notes: string;
const noted = () => (existsSync(notes) ? readFileSync(notes, 'utf8').trimEnd().split('\n') : []);

const open = async (options: SceneOptions = {}) => {
  const scene = await openGateScene(repo, options);
  scenes.push(scene);
  return scene;
};

const branch = (name: string, files: Record<string, string>, from = 'main') => {
  repo.git('checkout', '-q', '-b', name, from);
  repo.commit(name, files);
  repo.git('checkout', '-q', 'main');
};

const configure = (text: string) => {
  mkdirSync(join(repo.home, '.config', 'wt'), { recursive: true });
  writeFileSync(join(repo.home, '.config', 'wt', 'config.yaml'), text);
};

beforeEach(() => {
  repo = makeRepo();
  notes = join(repo.root, 'notes');
  branch('a', { 'a.txt': 'a\n' });
  branch('b', { 'b.txt': 'b\n' });
  repo.commit('more', { 'm.txt': 'm\n' });
});

describe('gates on a merged tree', () => {
  it('see the whole of the merge, detached, with the refs of the repository and what is tested in the environment', async () => {
    repo.git('tag', 'v1');
    const scene = await open({ env: { JERRY_PROJECT: 'PROJ-001-other', GIT_DIR: '/nowhere' } });
    const merged = await scene.merged('a');
    const candidate = { ...merged.candidate, projectId: 'PROJ-006-a' };
    const look = [
      'ls a.txt m.txt && test ! -e b.txt',
      'git describe --tags --abbrev=0',
      'git rev-parse HEAD "HEAD^{tree}" main "$WT_GATE_BASE" "$WT_GATE_COMMIT"',
      'git symbolic-ref -q HEAD || echo detached',
      'echo "$JERRY_PROJECT $WT_GATE_BRANCH $WT_GATE_TARGET"; cat',
    ];
    const { gates, failure, warnings } = await scene.gates(merged, [`{ ${look.join('; ')}; } > ${notes}`], {
      candidate,
    });
    expect({ failure, warnings }).toEqual({ failure: undefined, warnings: [] });
    const { commit, tree, before } = merged;
    expect(noted()).toEqual(
      ['a.txt', 'm.txt', 'v1', commit, tree, before, before, commit, 'detached', 'PROJ-006-a a main'].map(
        String,
      ),
    );
    expect(gates).toMatchObject([{ exit_code: 0, cached: false, reason: null }]);
    expect(scene.rooms()).toHaveLength(1);
    await scene.room.close();
    expect(scene.rooms()).toEqual([]);
    expect(repo.git('worktree', 'list').split('\n')).toHaveLength(1);
    expect(existsSync(join(repo.root, 'jerry-wt'))).toBe(false);
  });

  it('stop at the first that fails, with the end of its output, its log and what to do', async () => {
    const scene = await open();
    const merged = await scene.merged('a');
    const commands = ['true', 'echo out; echo err >&2; exit 3', `touch ${notes}`];
    const { gates, failure, tail } = await scene.gates(merged, commands);
    expect(gates.map(({ exit_code, reason }) => [exit_code, reason])).toEqual([
      [0, null],
      [3, 'failed'],
    ]);
    expect(noted()).toEqual([]);
    expect(tail).toBe('out\nerr\n');
    const log = gates[1]?.log_path ?? '';
    expect(readFileSync(log, 'utf8')).toBe('out\nerr\n');
    expect(log).toContain(`/.git/wt/gates/${merged.tree}-`);
    expect(failure).toMatchObject({
      kind: 'failed',
      code: 'gate_failed',
      details: { command: commands[1], reason: 'failed', exit_code: 3, log_path: log, worktree: 'a' },
    });
    expect(failure?.hint).toContain(log);
  });

  it('are not run again on the same tree, pass or fail, unless that is asked for', async () => {
    const scene = await open();
    const merged = await scene.merged('a');
    const pass = `echo pass >> ${notes}`;
    const fail = `echo fail >> ${notes}; echo why; exit 1`;
    const first = await scene.gates(merged, [pass, fail]);
    const again = await (await open()).gates(merged, [pass, fail]);
    expect(noted()).toEqual(['pass', 'fail']);
    expect(again.gates).toEqual(first.gates.map((gate) => ({ ...gate, cached: true })));
    expect(again).toMatchObject({ tail: 'why\n', failure: { code: 'gate_failed' } });
    const fresh = await scene.gates(merged, [pass, fail], { fresh: true });
    expect(fresh.gates.map(({ cached }) => cached)).toEqual([false, false]);
    expect(noted()).toEqual(['pass', 'fail', 'pass', 'fail']);
    expect((await scene.gates(await scene.merged('b'), [pass])).gates[0]?.cached).toBe(false);
  });

  it('that fail after remembered ones are tried again after those have run', async () => {
    const scene = await open();
    repo.commit('ignore', { '.gitignore': 'dist\n' });
    const merged = await scene.merged('a');
    const build = 'echo 1 > dist';
    const test = `echo test >> ${notes}; test -e dist`;
    await scene.gates(merged, [build]);
    await scene.room.close();
    const { gates, failure } = await scene.gates(merged, [build, test]);
    expect(failure).toBeUndefined();
    expect(gates.map(({ command, cached, exit_code }) => [command, cached, exit_code])).toEqual([
      [build, false, 0],
      [test, false, 0],
    ]);
    expect(noted()).toEqual(['test', 'test']);
  });

  it('are not remembered where they say nothing of the tree: a signal, a missing command, a limit, a Ctrl-C', async () => {
    configure('merge:\n  gate_timeout: 1\n');
    const ctrlC = new AbortController();
    const scene = await open({ signal: ctrlC.signal });
    const merged = await scene.merged('a');
    const pid = join(repo.root, 'pid');
    for (const [command, reason, exitCode] of [
      ['kill -9 $$', 'signal', null],
      ['no-such-command-here', 'failed', 127],
      [`setsid sh -c 'echo $$ > ${pid}; exec sleep 60' & sleep 60`, 'timeout', null],
    ] as const) {
      const { gates, failure } = await scene.gates(merged, [command]);
      expect(gates).toMatchObject([{ reason, exit_code: exitCode, cached: false }]);
      expect(failure).toMatchObject({ code: 'gate_failed', details: { reason } });
      expect(await scene.hub.gates.recall({ tree: merged.tree, command })).toBeUndefined();
    }
    expect(existsSync(pid)).toBe(true);
    expect(isRunning(pid)).toBe(false);

    configure('');
    const hanging = open({ signal: ctrlC.signal }).then((again) =>
      again.gates(merged, [`echo $$ > ${pid}; touch ${notes}; sleep 60`]),
    );
    await until(() => existsSync(notes));
    ctrlC.abort('SIGINT');
    const { gates, failure } = await hanging;
    expect(gates).toMatchObject([{ reason: 'interrupted' }]);
    expect(failure).toMatchObject({ kind: 'interrupted' });
    expect(isRunning(pid)).toBe(false);
    expect(await scene.hub.intents.list()).toEqual([]);
  });

  it('leave nothing running, and keep of much output its beginning and its end', async () => {
    const scene = await open();
    const pid = join(repo.root, 'pid');
    const daemon = `env -i setsid sh -c 'echo $$ > ${pid}; exec sleep 61' & while [ ! -s ${pid} ]; do sleep 0.01; done`;
    const noise = 'head -c 50000000 /dev/zero | tr "\\0" x; echo; echo the end';
    const { gates, warnings, tail } = await scene.gates(await scene.merged('a'), [
      `${daemon}; ${noise}; exit 1`,
    ]);
    expect(gates).toMatchObject([{ exit_code: 1 }]);
    expect(isRunning(pid)).toBe(false);
    expect(warnings).toMatchObject([{ code: 'processes_ended' }]);
    expect(warnings[0]?.message).toContain('sleep 61');
    expect(tail.endsWith('the end\n')).toBe(true);
    expect(tail.length).toBeLessThan(5_000);
    expect(statSync(gates[0]?.log_path ?? '').size).toBeLessThan(9_000_000);
  });

  it('may change files, which is told, and what the next gate finds is the merged tree again', async () => {
    const scene = await open();
    const merged = await scene.merged('a');
    const spoil = [
      'for f in a.txt m.txt README.md; do echo spoilt > $f; done; git rm -q m.txt; touch new',
      'git commit -qam spoilt; git tag -d v1; git tag spoilt; git config core.hooksPath /hooks',
      'touch .git/index.lock .git/MERGE_HEAD',
    ].join('; ');
    const look = `{ git status --porcelain; git rev-parse HEAD; git tag; git config core.hooksPath; } > ${notes}`;
    repo.git('tag', 'v1');
    const before = repo.git('for-each-ref');
    const { gates, warnings, failure } = await scene.gates(merged, [spoil, look]);
    expect(failure).toBeUndefined();
    expect(gates.map(({ reason }) => reason)).toEqual([null, null]);
    expect(warnings).toEqual([
      {
        code: 'gate_changed_files',
        message: `the gate '${oneLine(spoil)}' changed README.md, a.txt, m.txt; what lands is without that`,
      },
    ]);
    expect(noted()).toEqual([merged.commit, 'v1', '/dev/null']);
    expect(repo.git('for-each-ref')).toBe(before);
  });

  it('cannot lead wt out of the room by a link in the place of its repository', async () => {
    const scene = await open();
    const common = join(repo.path, '.git');
    const refs = repo.git('for-each-ref');
    const { warnings, failure } = await scene.gates(await scene.merged('a'), [
      `rm -rf .git && ln -s ${common} .git`,
      `git rev-parse HEAD --absolute-git-dir > ${notes}`,
    ]);
    expect(failure).toBeUndefined();
    expect(warnings).toMatchObject([{ code: 'gate_changed_files' }]);
    expect(noted()[1]).not.toBe(common);
    const objects = await scene.gates(await scene.merged('b'), [
      `rm -rf .git/objects && ln -s ${common}/objects .git/objects`,
      'true',
    ]);
    expect(objects.failure).toBeUndefined();
    expect(existsSync(join(common, 'objects/info/alternates'))).toBe(false);
    expect(repo.git('for-each-ref')).toBe(refs);
    expect(repo.git('status', '--porcelain')).toBe('');
    expect(repo.git('fsck')).toBe('');
  });
});

describe('a room', () => {
  const lock = {
    'package.json': '{"name":"a","version":"1.0.0"}\n',
    'package-lock.json': '{"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{}}\n',
    '.gitignore': 'node_modules/\n.env\nbuilt\n',
    '.worktreeinclude': '.env\n',
    '.pre-commit-config.yaml': 'repos: []\n',
  };

  it('is provisioned like a worktree, once for all trees that want the same, and keeps nothing else between them', async () => {
    repo.commit('lock', lock);
    repo.write('.env', 'secret\n');
    configure(`hooks:\n  post_create: echo created >> ${notes}\n`);
    branch('c', { 'package-lock.json': lock['package-lock.json'].replace('{}', '{ }') });
    const npm = join(repo.root, 'bin', 'npm');
    mkdirSync(join(repo.root, 'bin'));
    writeFileSync(
      npm,
      `#!/bin/sh\necho npm "$@" >> ${notes}\nmkdir -p node_modules\ntouch node_modules/$$\n`,
      {
        mode: 0o755,
      },
    );
    const scene = await open({ env: { PATH: `${join(repo.root, 'bin')}:${repo.env.PATH}` } });
    const gate = `echo "$(cat .env) $(ls node_modules | wc -l | tr -d ' ') $(ls built untracked 2>/dev/null)" >> ${notes}; touch built untracked`;
    for (const name of ['a', 'b', 'c']) {
      const { failure } = await scene.gates(await scene.merged(name), [gate]);
      expect(failure).toBeUndefined();
    }
    expect(noted()).toEqual([
      'npm ci',
      'created',
      'secret 1 ',
      'created',
      'secret 1 ',
      'npm ci',
      'created',
      'secret 2',
    ]);
    expect(scene.rooms()).toHaveLength(1);
    expect(existsSync(join(repo.path, '.git/hooks/pre-commit'))).toBe(false);
  });

  it('that cannot be provisioned fails the gate by the name of the step, which is not remembered', async () => {
    repo.commit('lock', lock);
    mkdirSync(join(repo.root, 'bin'));
    writeFileSync(join(repo.root, 'bin', 'npm'), '#!/bin/sh\necho no registry\nexit 1\n', { mode: 0o755 });
    const scene = await open({ env: { PATH: `${join(repo.root, 'bin')}:${repo.env.PATH}` } });
    const merged = await scene.merged('a');
    const { gates, failure, tail } = await scene.gates(merged, ['true']);
    expect(gates).toMatchObject([
      { command: 'true', exit_code: null, reason: 'provisioning', log_path: null },
    ]);
    expect(failure).toMatchObject({ code: 'gate_failed', details: { reason: 'provisioning' } });
    expect(failure?.message).toContain('npm-ci');
    expect(tail).toContain('no registry');
    writeFileSync(join(repo.root, 'bin', 'npm'), '#!/bin/sh\nmkdir node_modules\n', { mode: 0o755 });
    expect((await scene.gates(merged, ['true'])).failure).toBeUndefined();
  });

  it('does not run the post_create of a repository that nobody trusts', async () => {
    repo.commit('config', {
      '.wt.yaml': `hooks:\n  post_create: touch ${notes}\nmerge:\n  gates: [touch ${notes}]\n`,
    });
    const scene = await open();
    const { config, untrusted } = await scene.ports.config();
    expect(config.merge.gates).toEqual([]);
    expect(untrusted.map(({ key }) => key).sort()).toEqual(['hooks.post_create', 'merge.gates']);
    expect((await scene.gates(await scene.merged('a'), ['true'])).failure).toBeUndefined();
    expect(noted()).toEqual([]);
  });
});
