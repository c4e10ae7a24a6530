import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dispatchIn, dispatchScene } from '../support/dispatches.ts';

describe('git push by an agent', () => {
  // Each goes to a branch of its own, named by its place here.
  const forms = [
    'git push origin',
    'git -C . push origin',
    `bash -c 'git push origin "$1"' --`,
    'git --no-pager push origin',
    '"$(command -v git)" push origin',
    'env git push origin',
    'g=git; $g push origin',
    'git publish',
    'git push "$REMOTE"',
    'git push "file://$REMOTE"',
    'git push other',
    'git -c remote.new.url="$REMOTE" push new',
  ];
  // A remote with a pushurl of its own, a rewriting of the user, and an alias: what people have.
  const script = forms.map(
    (form, at) => `${form} HEAD:refs/heads/form-${at} 2>/dev/null && echo ${at} >> through.txt`,
  );
  const scene = () => {
    const made = dispatchScene();
    const { repo } = made;
    const remote = join(repo.root, 'remote.git');
    repo.git('clone', '-q', '--bare', repo.path, remote);
    repo.git('remote', 'add', 'origin', remote);
    repo.git('remote', 'add', 'other', repo.path);
    repo.git('remote', 'set-url', '--push', 'other', remote);
    repo.git('config', 'alias.publish', 'push origin');
    repo.git('config', `url.${repo.root}/.pushInsteadOf`, `${repo.root}/`);
    writeFileSync(
      join(repo.root, 'push.sh'),
      [...script, 'git fetch -q origin && echo fetched', 'true'].join('\n'),
    );
    return { ...made, remote };
  };

  it('goes nowhere, in whatever form, and fetching works', async () => {
    const { dispatch, repo, remote, at } = scene();
    const prompt = [`@run REMOTE=${remote} bash ${join(repo.root, 'push.sh')} > out.txt`, '@run cat out.txt'];
    const answer = dispatchIn(await dispatch('feat/a', prompt, '--json'));
    expect(answer).toMatchObject({ status: 'complete', reason: 'dirty' });
    expect(readFileSync(join(at('feat/a'), 'out.txt'), 'utf8')).toBe('fetched\n');
    expect(repo.gitIn(remote, 'for-each-ref', '--format=%(refname:short)')).toBe('feat/a\nmain');
    const plain = dispatchIn(
      await dispatch('feat/a', ['@run git push origin HEAD:refs/heads/plain'], '--json'),
    );
    expect(plain.permission_denials).toMatchObject([{ tool_name: 'Bash' }]);
  });

  it('is allowed by --allow-push', async () => {
    const { dispatch, repo, remote } = scene();
    const prompt = [`@run REMOTE=${remote} bash ${join(repo.root, 'push.sh')}`];
    await dispatch('feat/a', prompt, '--allow-push', '--json');
    const branches = repo.gitIn(remote, 'for-each-ref', '--format=%(refname:short)').split('\n');
    expect(branches).toEqual(['feat/a', ...forms.map((_, at) => `form-${at}`), 'main'].sort());
  });
});

describe('what a run did', () => {
  it('is told apart from what was there before, and changes elsewhere are named', async () => {
    const scene = dispatchScene(['feat/a', 'feat/b', 'feat/c']);
    const { repo, at } = scene;
    writeFileSync(join(at('feat/a'), 'before.txt'), 'mine');
    writeFileSync(join(repo.path, 'before.txt'), 'mine');
    writeFileSync(join(repo.path, 'landed.txt'), 'not committed yet');
    const idle = dispatchIn(await scene.dispatch('feat/a', ['@say nothing'], '--json'));
    expect(idle).toMatchObject({ reason: 'no_commits', uncommitted_changes: true, leaks: [] });

    const running = scene.start(['dispatch', 'feat/c', '-p', '@sleep 60000']);
    await scene.runWhen(({ phase, dispatch }) => phase === 'running' && dispatch.branch === 'feat/c');
    const leak = (path: string) => `@run printf 'x\\n' >> '${path}'`;
    const answer = dispatchIn(
      await scene.dispatch(
        'feat/a',
        [
          leak('before.txt'),
          leak(join(repo.path, 'before.txt')),
          leak(join(repo.path, 'README.md')),
          leak(join(at('feat/b'), 'neu.txt')),
          leak(join(at('feat/c'), 'busy.txt')),
          `@run cd '${repo.path}' && git add landed.txt && git commit -qm landed landed.txt`,
        ],
        '--json',
      ),
    );
    expect(answer).toMatchObject({ status: 'complete', reason: 'dirty' });
    expect(answer.warnings).toMatchObject([
      {
        code: 'leaks_shared',
        message: expect.stringContaining(`${scene.records()[1]?.dispatch.dispatch_id} ran`),
      },
    ]);
    expect(answer.leaks).toEqual([
      { path: 'README.md', worktree: repo.path },
      { path: 'before.txt', worktree: repo.path },
      { path: 'neu.txt', worktree: at('feat/b') },
    ]);
    running.child.kill('SIGINT');
    await running.ended;
  });

  it('is told with a warning when history or branch are not what they were', async () => {
    const scene = dispatchScene(['amended', 'switched', 'reset', 'gone']);
    for (const branch of ['amended', 'reset'])
      scene.repo.commit('mine', { 'mine.txt': 'x' }, scene.at(branch));
    const { answers } = await scene.dispatchAll({
      amended: ['@run git commit -q --amend -m better'],
      switched: ['@run git switch -qc elsewhere', '@write a.txt x', '@commit work'],
      reset: ['@run git reset -q --hard HEAD~1'],
      gone: [`@run cd / && rm -rf '${scene.at('gone')}'`],
    });
    const [amended, switched, reset, gone] = answers;
    expect(amended).toMatchObject({ reason: null, commits: 1, warnings: [{ code: 'history_rewritten' }] });
    expect(switched).toMatchObject({ reason: null, commits: 1, warnings: [{ code: 'branch_changed' }] });
    expect(switched?.warnings[0]?.message).toContain("'elsewhere'");
    expect(reset).toMatchObject({ reason: 'dirty', commits: 0, warnings: [{ code: 'history_rewritten' }] });
    expect(gone).toMatchObject({
      status: 'failed',
      reason: 'error',
      commits: null,
      uncommitted_changes: null,
    });
    expect(gone?.warnings).toMatchObject([{ code: 'worktree_unreadable' }]);
  });

  it('is known of other worktrees although its own is gone', async () => {
    const scene = dispatchScene(['gone', 'other']);
    const elsewhere = `cd '${scene.at('other')}' && echo x > a.txt && git add a.txt && git commit -qm other && echo y > b.txt`;
    const lines = [`@run ${elsewhere}`, `@run cd / && rm -rf '${scene.at('gone')}'`];
    const answer = dispatchIn(await scene.dispatch('gone', lines, '--json'));
    expect(answer.warnings.map(({ code }) => code)).toEqual(['leaks_found', 'worktree_unreadable']);
    expect(answer.leaks).toEqual([{ path: 'b.txt', worktree: scene.at('other') }]);
  });

  it('is committed by --commit, without what was there before', async () => {
    const scene = dispatchScene(['clean', 'mixed', 'hooked']);
    const { repo, at } = scene;
    repo.commit('files', { 'old.txt': '1\n', 'moved.txt': '2\n', 'deleted.txt': '3\n' }, at('mixed'));
    writeFileSync(join(at('mixed'), 'mine.txt'), 'mine');
    writeFileSync(join(at('mixed'), 'old.txt'), 'mine');
    mkdirSync(join(repo.path, '.git', 'hooks'), { recursive: true });
    writeFileSync(
      join(repo.path, '.git', 'hooks', 'pre-commit'),
      '#!/bin/sh\ncase $PWD in */hooked) echo "error: not like this" >&2; exit 1;; esac\n',
      { mode: 0o755 },
    );
    const { answers } = await scene.dispatchAll(
      {
        clean: ['@write a.txt x'],
        mixed: ['@write a.txt x', '@run git mv moved.txt there.txt; rm deleted.txt; echo y > "with space"'],
        hooked: ['@write a.txt x'],
      },
      '--commit',
    );
    const [clean, mixed, hooked] = answers;
    expect(clean).toMatchObject({ reason: null, commits: 1, uncommitted_changes: false, warnings: [] });
    expect(repo.gitIn(at('clean'), 'log', '-1', '--format=%s')).toBe(`Keep what ${clean?.dispatch_id} left`);
    expect(mixed).toMatchObject({ reason: null, commits: 1, uncommitted_changes: true, warnings: [] });
    expect(repo.gitIn(at('mixed'), 'show', '--no-renames', '--format=', '--name-status').split('\n')).toEqual(
      ['A\ta.txt', 'D\tdeleted.txt', 'D\tmoved.txt', 'A\tthere.txt', 'A\twith space'],
    );
    expect(repo.gitIn(at('mixed'), 'status', '--porcelain')).toBe(' M old.txt\n?? mine.txt');
    expect(hooked).toMatchObject({ reason: 'dirty', commits: 0, uncommitted_changes: true });
    expect(hooked?.warnings).toMatchObject([
      { code: 'commit_failed', message: expect.stringContaining('not like this') },
    ]);

    const nameless = dispatchScene(['nobody'], { GIT_AUTHOR_NAME: undefined, GIT_AUTHOR_EMAIL: undefined });
    nameless.repo.git('config', 'user.useConfigOnly', 'true');
    const refused = await nameless.dispatch('nobody', ['@write a.txt x'], '--commit', '--json');
    expect(refused.json()).toMatchObject({ error: { code: 'identity_missing' } });
    expect(nameless.records()).toEqual([]);
  });

  it('is done with the variables of the worktree, of the run and of the user, and without those of another claude', async () => {
    const scene = dispatchScene(['feat/a'], {
      CLAUDECODE: '1',
      CLAUDE_CODE_SESSION_ID: 'outer',
      WT_DISPATCH_MARKER: 'outer',
      GIT_DIR: '/nowhere',
      CLAUDE_PROJECT_DIR: '/elsewhere',
      JERRY_PROJECT: 'PROJ-999-other',
    });
    const prompt = ['@run env > environment.txt'];
    const answer = dispatchIn(
      await scene.dispatch('feat/a', prompt, '--env', 'A=b=c', '--env', 'LANG=C', '--json'),
    );
    const lines = readFileSync(join(scene.at('feat/a'), 'environment.txt'), 'utf8').split('\n');
    const of = (name: string) => lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
    expect(of('CLAUDE_PROJECT_DIR')).toBe(scene.at('feat/a'));
    expect(of('WT_DISPATCH_ID')).toBe(answer.dispatch_id);
    expect(of('WT_DISPATCH_MARKER')).toBe(scene.records()[0]?.marker.value);
    expect([of('A'), of('LANG')]).toEqual(['b=c', 'C']);
    expect([of('GIT_DIR'), of('JERRY_PROJECT')]).toEqual([undefined, undefined]);
    expect(of('CLAUDE_CODE_SESSION_ID')).not.toBe('outer');
  });
});
