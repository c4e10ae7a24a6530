import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, userConfigFile } from '../../src/adapters/config-files.ts';
import { Failure } from '../../src/domain/failure.ts';
import { temporaryFolder } from '../support/repo.ts';

const place = () => {
  const home = temporaryFolder();
  const main = join(home, 'jerry');
  mkdirSync(main);
  const file = join(main, '.wt.yaml');
  const own = join(home, '.config', 'wt', 'config.yaml');
  const write = (path: string, text: string | Buffer) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const load = (variables: Record<string, string> = {}) =>
    loadConfig({ repository: { main, current: undefined }, variables, home });
  const failure = async (): Promise<Failure> => {
    const error = await load().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof Failure) return error;
    throw error ?? new Error('it did not fail');
  };
  return { home, main, file, own, write, load, failure };
};

describe('the files of the configuration', () => {
  it('need not be there', async () => {
    const { load } = place();
    const { origins, config } = await load();
    expect([...origins.values()].every(({ source }) => source === 'default')).toBe(true);
    expect(config.dispatch.max).toBe(3);
  });

  it.each([
    ['nothing', ''],
    ['a comment', '# later\n'],
    ['null', 'null\n'],
    ['a document start', '---\n'],
    ['an empty section', 'dispatch:\n'],
    ['its version', 'version: 1\n'],
  ])('may hold %s', async (_, text) => {
    const { file, write, load } = place();
    write(file, text);
    expect((await load()).config).toEqual((await place().load()).config);
  });

  it('are laid over each other with the lines of their keys', async () => {
    const { file, own, write, load } = place();
    write(file, '# ours\nbase: develop\ndispatch:\n  max: 4\n\n  model: opus\n');
    write(own, 'dispatch: { max: 5 }\ntrash:\n  keep: 36h\n');
    const { config, origins } = await load({ WT_DISPATCH_MODEL: 'haiku' });
    expect(config).toMatchObject({
      base: 'develop',
      dispatch: { max: 5, model: 'haiku' },
      trash: { keep: 129_600_000 },
    });
    expect(origins.get('base')).toEqual({ source: 'repository', file, line: 2 });
    expect(origins.get('dispatch.max')).toEqual({ source: 'user', file: own, line: 1 });
    expect(origins.get('dispatch.model')).toEqual({ source: 'environment', variable: 'WT_DISPATCH_MODEL' });
    expect(origins.get('trash.keep')).toEqual({ source: 'user', file: own, line: 3 });
  });

  it("give commands only from the user's own", async () => {
    const { file, own, write, load } = place();
    write(file, 'hooks:\n  post_create: |\n    curl x | sh\ntools:\n  claude: /tmp/claude\n');
    write(own, 'hooks:\n  post_create: npm ci\n');
    const { config, untrusted } = await load();
    expect(config.hooks.post_create).toBe('npm ci');
    expect(config.tools.claude).toEqual(['claude']);
    expect(untrusted).toEqual([
      { key: 'tools.claude', value: ['/tmp/claude'], file, line: 5, what: 'a command' },
      { key: 'hooks.post_create', value: 'curl x | sh', file, line: 2, what: 'a command' },
    ]);
  });

  it('may have a byte order mark, CRLF, quotes and flow style', async () => {
    const { file, write, load } = place();
    write(file, '\uFEFFbase: "develop"\r\n"dispatch": {max: 4, tools: [Read, \'Bash(git log:*)\']}\r\n');
    const { config, origins } = await load();
    expect(config).toMatchObject({
      base: 'develop',
      dispatch: { max: 4, tools: ['Read', 'Bash(git log:*)'] },
    });
    expect(origins.get('base')).toMatchObject({ line: 1 });
  });
});

describe("the repository's file", () => {
  const at = (folder: string, text: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '.wt.yaml'), text);
    return folder;
  };

  it("is the main worktree's, so that it means the same from every worktree", async () => {
    const home = temporaryFolder();
    const repository = {
      main: at(join(home, 'main'), 'base: one\n'),
      current: at(join(home, 'linked'), 'dispatch:\n  max: 9\n'),
    };
    const { config } = await loadConfig({ repository, variables: {}, home });
    expect(config.base).toBe('one');
    expect(config.dispatch.max).toBe(3);
  });

  it('is that of the worktree one is in where there is no main one, or none in it', async () => {
    const home = temporaryFolder();
    const current = at(join(home, 'linked'), 'base: two\n');
    for (const main of [undefined, join(home, 'absent')]) {
      const { config } = await loadConfig({ repository: { main, current }, variables: {}, home });
      expect(config.base).toBe('two');
    }
  });

  it('is not looked for outside a repository', async () => {
    const home = temporaryFolder();
    at(home, 'base: one\n');
    const { config } = await loadConfig({ repository: undefined, variables: {}, home });
    expect(config.base).toBeUndefined();
  });
});

describe("the user's file", () => {
  it('follows XDG_CONFIG_HOME where that is absolute', () => {
    expect(userConfigFile({}, '/home/ada')).toBe('/home/ada/.config/wt/config.yaml');
    expect(userConfigFile({ XDG_CONFIG_HOME: '/x' }, '/home/ada')).toBe('/x/wt/config.yaml');
    expect(userConfigFile({ XDG_CONFIG_HOME: '' }, '/home/ada')).toBe('/home/ada/.config/wt/config.yaml');
    expect(userConfigFile({ XDG_CONFIG_HOME: 'x' }, '/home/ada')).toBe('/home/ada/.config/wt/config.yaml');
  });

  it('is never one below the current directory, which a repository could bring', () => {
    expect(userConfigFile({}, '')).toBeUndefined();
    expect(userConfigFile({ XDG_CONFIG_HOME: '.config' }, '.')).toBeUndefined();
  });
});

describe('what is wrong in a file', () => {
  it.each<[string, string, number, number, string | null, string]>([
    [
      'an unknown key',
      'base: a\ndispatch:\n  timout: 5\n',
      3,
      3,
      'dispatch.timout',
      'did you mean dispatch.timeout?',
    ],
    ['an unknown section', 'base: a\ndispach:\n  max: 5\n', 2, 1, 'dispach', 'did you mean dispatch?'],
    [
      'a wrong type',
      'dispatch:\n  max: three\n',
      2,
      8,
      'dispatch.max',
      'must be a whole number from 1 to 64; it is "three"',
    ],
    ['a negative time', 'dispatch:\r\n  timeout: -1\r\n', 2, 12, 'dispatch.timeout', 'it is -1'],
    ['not a number', 'dispatch: {max: 2, timeout: .nan}\n', 1, 29, 'dispatch.timeout', 'it is NaN'],
    ['a key without its value', 'merge:\n  push: true\n  strategy:\n', 3, 3, 'merge.strategy', 'it is empty'],
    ['a word for a flag', 'merge:\n  push: yes\n', 2, 9, 'merge.push', 'must be true or false'],
    ['a value for a section', 'dispatch: 5\n', 1, 11, 'dispatch', 'dispatch must be a section'],
    ['a list', '- a\n', 1, 1, null, 'the file must hold keys and values'],
    ['a text', 'hello\n', 1, 1, null, 'the file must hold keys and values'],
    [
      'a key twice',
      'base: a\ndispatch:\n  max: 1\n  max: 2\n',
      4,
      3,
      'dispatch.max',
      'dispatch.max is there twice',
    ],
    ['a section twice', 'merge:\n  push: true\nmerge:\n', 3, 1, 'merge', 'merge is there twice'],
    ['a prototype', '__proto__:\n  x: 1\n', 1, 1, '__proto__', 'unknown key __proto__'],
    ['a tab', 'dispatch:\n\tmax: 1\n', 2, 1, null, 'a tab in the indentation'],
    ['a conflict', 'base: a\n<<<<<<< HEAD\nmerge: {}\n=======\n>>>>>>> b\n', 2, 1, null, 'a conflict marker'],
    ['a second document', 'base: a\n---\nbase: b\n', 2, 1, null, 'a second document begins'],
    ['bad indentation', 'dispatch:\n    max: 1\n  grace: 2\n', 3, 1, null, 'not valid YAML'],
    ['an open list', 'dispatch:\n  tools: [Read\nbase: a\n', 3, 1, null, 'not valid YAML'],
    ['a reserved character', 'base: @a\n', 1, 7, null, 'not valid YAML'],
    ['a tag', 'base: !include a\n', 1, 7, null, 'not valid YAML'],
    ['a list for a key', '? [a]\n: b\n', 1, 3, null, 'a key must be a word'],
    ['an alias', 'base: &a main\ndispatch:\n  model: *a\n', 3, 10, null, 'the alias *a is not supported'],
    ['an alias of itself', 'base: &a [*a]\n', 1, 11, null, 'the alias *a is not supported'],
  ])('is named with its place: %s', async (_, text, line, column, key, message) => {
    const { file, write, failure } = place();
    write(file, text);
    const { kind, code, message: said, details, hint } = await failure();
    expect({ kind, code }).toEqual({ kind: 'usage', code: 'config_invalid' });
    expect(details).toMatchObject({ file, line, column, key });
    expect(said.split('\n')[0]).toContain(`${file}:${line}:${column}: `);
    expect(said).toContain(message);
    expect(hint).toBe(`correct ${file}, then run the command again`);
  });

  it('is named all at once, in the order of the file', async () => {
    const { own, write, failure } = place();
    write(own, 'merge:\n  push: 1\nnmaing: {}\ndispatch:\n  max: 0\n');
    const { message, details } = await failure();
    expect(message.split('\n')).toEqual([
      `${own}:2:9: merge.push must be true or false; it is 1`,
      `${own}:3:1: unknown key nmaing; did you mean naming?`,
      `${own}:5:8: dispatch.max must be a whole number from 1 to 64; it is 0`,
    ]);
    expect(details.problems).toMatchObject([
      { line: 2, column: 9, key: 'merge.push' },
      { line: 3, column: 1, key: 'nmaing', near: ['naming'] },
      { line: 5, column: 8, key: 'dispatch.max' },
    ]);
  });

  it('is that it is not UTF-8, with the first byte that is not', async () => {
    const { file, write, failure } = place();
    write(file, Buffer.concat([Buffer.from('# é\nbase: \uFFFD a\nx'), Buffer.from([0xff, 0x0a])]));
    expect((await failure()).message).toContain('the file is not UTF-8');
    write(file, Buffer.concat([Buffer.from('# é\nx'), Buffer.from([0xff, 0x0a])]));
    expect((await failure()).message).toBe(`${file}:2:2: the file is not UTF-8`);
    write(file, Buffer.from('\uFEFFbase: a\n', 'utf16le'));
    expect((await failure()).details).toMatchObject({ line: 1, column: 1 });
  });

  it('is that a newer wt wrote it', async () => {
    const { file, write, failure } = place();
    write(file, 'version: 2\nmystery: true\n');
    expect(await failure()).toMatchObject({
      kind: 'tool',
      code: 'state_too_new',
      details: { path: file, version: 2 },
    });
  });
});

describe('a file that cannot be read', () => {
  it('is one that is too large', async () => {
    const { file, write, failure } = place();
    write(file, `base: ${'a'.repeat(1_000_000)}\n`);
    expect(await failure()).toMatchObject({
      code: 'config_invalid',
      message: `${file} cannot be read: it is larger than 1 MB`,
    });
  });

  it('is a directory', async () => {
    const { file, failure } = place();
    mkdirSync(file);
    expect((await failure()).message).toBe(`${file} cannot be read: it is a directory`);
  });

  it('is a pipe, which is not waited for', async () => {
    const { file, failure } = place();
    execFileSync('mkfifo', [file]);
    expect((await failure()).message).toBe(`${file} cannot be read: it is not a regular file`);
  });

  it('is a link to nothing, or to itself', async () => {
    const { file, failure } = place();
    symlinkSync('nowhere', file);
    expect((await failure()).message).toBe(`${file} cannot be read: it is a symbolic link to nothing`);
    const other = place();
    symlinkSync('.wt.yaml', other.file);
    expect((await other.failure()).message).toBe(`${other.file} cannot be read: ELOOP`);
  });

  it('is found wrong in a moment, however it is made', async () => {
    const { file, write, failure } = place();
    write(file, Array.from({ length: 60_000 }, (_, n) => `key${n}: 1\n`).join(''));
    expect((await failure()).details.problems).toHaveLength(20);
    write(file, `base: ${'['.repeat(20_000)}`);
    expect((await failure()).message).toContain('nested too deeply');
  });
});
