import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findKey } from '../../src/domain/config-layers.ts';
import { Failure } from '../../src/domain/failure.ts';
import { failureOf, userSays } from '../support/config.ts';

describe('values', () => {
  const set = (name: string, value: unknown) => {
    const key = findKey(name);
    const data = key.path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
    const { config } = userSays(data);
    return key.path.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], config);
  };

  it.each<[string, unknown, unknown]>([
    ['dispatch.timeout', 90, 90],
    ['dispatch.timeout', '90m', 5400],
    ['dispatch.timeout', '2.5', 2.5],
    ['dispatch.grace', 0, 0],
    ['dispatch.tools', 'Read, Edit,Bash(git log:*)  Grep', ['Read', 'Edit', 'Bash(git log:*)', 'Grep']],
    [
      'dispatch.tools',
      ['Read', 'mcp__x__*', 'Bash(npm run a, b)'],
      ['Read', 'mcp__x__*', 'Bash(npm run a, b)'],
    ],
    ['dispatch.tools', '', []],
    ['dispatch.model', 'us.anthropic.claude-x:0', 'us.anthropic.claude-x:0'],
    ['tools.claude', '/opt/my tools/claude', ['/opt/my tools/claude']],
    ['tools.editor', ['code', '--wait'], ['code', '--wait']],
    ['trash.keep', '12h', 43_200_000],
    ['naming.project_pattern', '^ACME-[0-9]+$', '^ACME-[0-9]+$'],
    ['hooks.post_create', 'npm ci\nnpm test\n', 'npm ci\nnpm test'],
  ])('%s takes %j', (key, written, value) => {
    expect(set(key, written)).toEqual(value);
  });

  it.each<[string, unknown, string]>([
    ['dispatch.timeout', 0, 'must be a positive number of seconds'],
    ['dispatch.timeout', -5, 'it is -5'],
    ['dispatch.timeout', Number.NaN, 'it is NaN'],
    ['dispatch.timeout', Number.POSITIVE_INFINITY, 'it is Infinity'],
    ['dispatch.timeout', 2_147_484, 'at most 23 days'],
    ['dispatch.timeout', 'soon', 'it is "soon"'],
    ['dispatch.timeout', null, 'it is empty'],
    ['dispatch.grace', -1, 'must be a number of seconds'],
    ['dispatch.max', 0, 'must be a whole number from 1 to 64; it is 0'],
    ['dispatch.max', 1.5, 'must be a whole number'],
    ['dispatch.max', '3', 'must be a whole number'],
    ['dispatch.tools', ['--dangerously-skip-permissions'], 'must be a list of tools'],
    ['dispatch.tools', ['Read', 3], 'must be a list of tools'],
    ['dispatch.model', '--settings', 'must be one word'],
    ['dispatch.model', 'a b', 'must be one word'],
    ['dispatch.permission_mode', '-p', 'must be one word'],
    ['base', '--upload-pack=x', 'must be a branch or another revision'],
    ['base', 'a\0b', 'must be a branch or another revision'],
    ['merge.strategy', 'fast-forward', 'must be auto, ff, merge, squash or rebase; it is "fast-forward"'],
    ['merge.push', 'yes', 'must be true or false; it is "yes"'],
    ['trash.keep', 7, 'must be a duration with its unit'],
    ['trash.keep', '0s', 'must be a duration with its unit'],
    ['trash.keep', '7', 'must be a duration with its unit'],
    ['tools.claude', 'code --wait', 'a list of it and its arguments'],
    ['tools.claude', './claude', 'an absolute path'],
    ['tools.claude', 'bin/claude', 'an absolute path'],
    ['tools.claude', [], 'must be a command'],
    ['tools.claude', '', 'must be a command'],
    ['naming.project_pattern', '^(a$', 'must be a regular expression'],
    ['naming.project_pattern', 'PROJ', 'begins with ^ and ends with $'],
    ['naming.branch', 'feat/x', 'with {project_id}'],
    ['naming.branch', 'feat/{project}', 'with {project_id}'],
    ['naming.branch', 'feat//{project_id}', 'must be a branch name'],
    ['naming.branch', '{project_id}.lock', 'must be a branch name'],
    ['naming.path', '{parent}/wt', 'hold {branch}'],
    ['naming.path', 'wt/{branch}', 'must begin with {parent}/'],
    ['naming.path', '{parent}/{repo}/../../{branch}', 'no part may be ..'],
    ['naming.path', '{parent}/{repo}/.git/{branch}', 'no part may be .. or .git'],
    ['naming.path', '{parent}/{project_id}/{branch}', 'must begin with {parent}/'],
    ['naming.variable', '1X', 'must be the name of a variable'],
    ['naming.variable', 'LD_PRELOAD', 'no other program acts on'],
    ['naming.variable', 'WT_PROJECT', 'no other program acts on'],
    ['naming.variable', 'PATH', 'no other program acts on'],
    ['provision.include_file', '../x', 'must be a path from the top of the repository'],
    ['provision.include_file', '/etc/passwd', 'must be a path from the top of the repository'],
    ['hooks.post_create', '  ', 'must be a shell command'],
  ])('%s does not take %j', (key, written, message) => {
    const failure = failureOf(() => set(key, written));
    expect(failure).toMatchObject({ kind: 'usage', code: 'config_invalid', details: { key } });
    expect(failure.message).toContain(`${key} must `);
    expect(failure.message).toContain(message);
  });

  it('never make it crash, whatever a file holds', () => {
    const anything = fc.anything({ maxDepth: 2 });
    const sections = fc.dictionary(
      fc.constantFrom('naming', 'base', 'dispatch', 'tools', 'trash', 'x', '__proto__', 'version'),
      fc.oneof(
        fc.dictionary(fc.constantFrom('max', 'tools', 'path', 'keep', 'claude', 'constructor'), anything),
        anything,
      ),
    );
    fc.assert(
      fc.property(sections, (data) => {
        try {
          userSays(data);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
    );
  });
});

describe('keys that do not exist', () => {
  it.each<[unknown, string, readonly string[]]>([
    [{ dispatch: { timout: 1 } }, 'dispatch.timout', ['dispatch.timeout']],
    [{ dispach: { max: 1 } }, 'dispach', ['dispatch']],
    [{ merge: { pusch: true } }, 'merge.pusch', ['merge.push']],
    [{ timeout: 1 }, 'timeout', ['provision.timeout', 'dispatch.timeout']],
    [{ trash: { timeout: 1 } }, 'trash.timeout', ['provision.timeout', 'dispatch.timeout']],
    [{ zzzzzz: 1 }, 'zzzzzz', []],
    [JSON.parse('{"__proto__": {"x": 1}}'), '__proto__', []],
    [{ constructor: 1 }, 'constructor', []],
  ])('are refused with the nearest that do: %j', (data, key, near) => {
    const failure = failureOf(() => userSays(data));
    expect(failure.details).toMatchObject({ key, near });
    expect(failure.message).toContain(`unknown key ${key}`);
    for (const name of near) expect(failure.message).toContain(name);
  });

  it('are told apart from a key written with its section in one', () => {
    expect(failureOf(() => userSays({ 'dispatch.timeout': 5 })).message).toBe(
      '/home/ada/.config/wt/config.yaml:1:1: dispatch.timeout is two keys, one inside the other: dispatch: {timeout: …}',
    );
  });

  it('are all named at once, in the order of the file, up to twenty', () => {
    const data = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`key${n}`, n]));
    const failure = failureOf(() => userSays(data));
    expect(failure.message.split('\n')).toHaveLength(20);
    expect(failure.details.problems).toHaveLength(20);
  });

  it('cannot write to the terminal of who reads the message', () => {
    const failure = failureOf(() => userSays({ '\u001b[2Jx\n\u202e': 1, base: '-\u009b31m' }));
    expect(failure.message).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
  });

  it('are a usage error on the command line', () => {
    expect(failureOf(() => findKey('dispatch.timout'))).toMatchObject({
      code: 'usage',
      hint: 'did you mean dispatch.timeout?',
    });
    expect(failureOf(() => findKey('dispach')).hint).toBe('wt config shows every key');
    expect(failureOf(() => findKey('toString')).code).toBe('usage');
  });
});

describe('a newer version of the file', () => {
  it('is left alone, whatever else it says', () => {
    expect(failureOf(() => userSays({ version: 2, brand_new: 1 }))).toMatchObject({
      kind: 'tool',
      code: 'state_too_new',
      details: { version: 2 },
    });
  });

  it.each(['x', 0, '1', null])('must be a version: %j', (version) => {
    const failure = failureOf(() => userSays({ version }));
    expect(failure).toMatchObject({ code: 'config_invalid', details: { key: 'version' } });
    expect(failure.message).toContain('version must be 1; it is ');
  });
});
