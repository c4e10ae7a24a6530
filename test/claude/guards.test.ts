import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeEnv, realClaude } from '../support/claude-env.ts';
import { dispatchIn, dispatchScene } from '../support/dispatches.ts';
import { type Script, serveMessages } from '../support/messages-api.ts';
import { bash, say, type Turn, use } from '../support/model-turn.ts';
import type { TestRepo } from '../support/repo.ts';

const scene = async (script: Script, variables: Readonly<Record<string, string>> = {}) => {
  const api = await serveMessages(script);
  const env = (repo: TestRepo) => claudeEnv(repo.home, api.url, variables);
  const made = dispatchScene(['feat/a', 'feat/b'], env, realClaude());
  /** What each tool gave back: `true` for an error, and its text. */
  const results = () =>
    api.requests.slice(1).map(({ results: [only] }) => [only?.error, only?.text] as const);
  return { ...made, api, results };
};
const write = (file_path: string): Turn => use('Write', { file_path, content: 'x\n' });

describe('the guard of the real claude', () => {
  it("denies what is outside, also through a link, with the reason, beside a person's own settings", async () => {
    let places: readonly string[] = [];
    const pushes = ['git -C . push ../../remote.git HEAD', 'git send-pack ../../remote.git feat/a'];
    const { repo, at, dispatch, results } = await scene(({ turn }) =>
      turn < places.length
        ? write(places[turn] ?? '')
        : ([...pushes, 'git add -A && git commit -qm work && git stash push -q'].map((each) => bash(each))[
            turn - places.length
          ] ?? say('done')),
    );
    const own = at('feat/a');
    places = [
      ...[join(repo.path, 'new.txt'), join(at('feat/b'), 'new.txt'), join(repo.root, 'new.txt')],
      ...['link/new.txt', '../../new.txt', 'inside/new.txt'],
    ];
    symlinkSync(repo.path, join(own, 'link'));
    repo.git('clone', '-q', '--bare', repo.path, join(repo.root, 'remote.git'));
    const mark = { type: 'command', command: `touch '${join(repo.root, 'mark')}'` };
    writeFileSync(
      join(repo.root, 'own.json'),
      JSON.stringify({ env: { OWN: 'x' }, hooks: { PreToolUse: [{ matcher: 'Write', hooks: [mark] }] } }),
    );
    const answer = dispatchIn(
      await dispatch('feat/a', ['go'], '--json', '--', '--settings', join(repo.root, 'own.json')),
    );
    expect(answer).toMatchObject({ status: 'complete', reason: null, commits: 1, leaks: [] });
    const told = results();
    expect(told.map(([isError]) => isError)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
    for (const [at, words] of [
      'is in the main checkout',
      'is in the worktree of feat/b',
      'is outside of your worktree',
      'leads to',
      'is outside of your worktree',
    ].entries())
      expect(told[at]?.[1]).toContain(words);
    expect(told[6]?.[1]).toContain('pushing is not allowed here');
    expect(readFileSync(join(own, 'inside/new.txt'), 'utf8')).toBe('x\n');
    for (const folder of [repo.path, at('feat/b'), repo.root])
      expect(existsSync(join(folder, 'new.txt'))).toBe(false);
    expect(existsSync(join(repo.root, 'mark'))).toBe(true);
    expect(answer.permission_denials).toHaveLength(7);
    expect(answer.warnings).toMatchObject([{ code: 'permission_denied' }]);
    expect(repo.gitIn(join(repo.root, 'remote.git'), 'for-each-ref', '--format=%(refname:short)')).toBe(
      'feat/a\nfeat/b\nmain',
    );
  });

  it('makes a run denied that did nothing else, and lets through what --allow-outside names', async () => {
    let place = '';
    const { repo, dispatch } = await scene(({ turn }) => (turn === 0 ? write(place) : say('done')));
    mkdirSync(join(repo.root, 'shared'));
    place = join(repo.root, 'shared', 'new.txt');
    const denied = dispatchIn(await dispatch('feat/a', ['go'], '--json'));
    expect(denied).toMatchObject({ status: 'complete', reason: 'denied', warnings: [] });
    expect(denied.permission_denials).toMatchObject([
      { tool_name: 'Write', tool_input: { file_path: place } },
    ]);
    expect(existsSync(place)).toBe(false);
    const shared = ['--allow-outside', join(repo.root, 'shared')];
    const allowed = dispatchIn(await dispatch('feat/a', ['go'], '--json', ...shared));
    expect(allowed).toMatchObject({
      status: 'complete',
      reason: 'no_commits',
      permission_denials: [],
      warnings: [],
    });
    expect(readFileSync(place, 'utf8')).toBe('x\n');
  });

  it('is told of when hooks are switched off', async () => {
    let place = '';
    const { repo, dispatch } = await scene(({ turn }) => (turn === 0 ? write(place) : say('done')));
    place = join(repo.root, 'new.txt');
    const off = ['--', '--settings', '{"disableAllHooks":true}'];
    const answer = dispatchIn(await dispatch('feat/a', ['go'], '--json', ...off));
    expect(answer.warnings).toMatchObject([
      { code: 'wrote_outside', message: expect.stringContaining(place) },
    ]);
  });

  it('tells an agent once of a file that another worktree changes too, and it goes on', async () => {
    let file = '';
    const { at, api, dispatch, results } = await scene(({ turn }) => (turn < 2 ? write(file) : say('done')));
    file = join(at('feat/a'), 'both.txt');
    writeFileSync(join(at('feat/b'), 'both.txt'), 'theirs\n');
    const answer = dispatchIn(await dispatch('feat/a', ['go'], '--json', '--commit'));
    expect(answer).toMatchObject({ reason: null, commits: 1, permission_denials: [], warnings: [] });
    expect(results().map(([isError]) => isError)).toEqual([false, false]);
    const heard = api.requests.map(
      (request) => JSON.stringify(request).split('change both.txt too').length - 1,
    );
    expect(heard).toEqual([0, 1, 1]);
    expect(JSON.stringify(api.requests[1])).toContain(`feat/b (${at('feat/b')}): added, not committed yet`);
  });

  it('denies it each time where that is configured, and lets the agent do the rest', async () => {
    let places: readonly string[] = [];
    const strict = { WT_DISPATCH_CONFLICT_WARNING: 'strict' };
    const { repo, at, dispatch, results } = await scene(
      ({ turn }) => (turn < places.length ? write(places[turn] ?? '') : say('done')),
      strict,
    );
    places = ['new.txt', 'new.txt', 'free.txt'].map((name) => join(at('feat/a'), name));
    repo.commit('theirs', { 'new.txt': 'theirs\n' }, at('feat/b'));
    const answer = dispatchIn(await dispatch('feat/a', ['go'], '--json', '--commit'));
    expect(answer).toMatchObject({ status: 'complete', reason: null, commits: 1 });
    expect(results().map(([isError]) => isError)).toEqual([true, true, false]);
    expect(results()[1]?.[1]).toContain('wt: other worktrees change new.txt too: feat/b');
    expect(answer.permission_denials).toHaveLength(2);
  });
});
