import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindContext, isJerryTree, validationOf } from '../../src/domain/provisioning/jerry.ts';
import { hookTypes, stampedPython } from '../../src/domain/provisioning/pre-commit.ts';
import { driftBetween, fingerprintOf, verdictByReceipt } from '../../src/domain/provisioning/receipts.ts';
import { shown } from '../../src/domain/provisioning/steps.ts';
import type { TreeSurvey } from '../../src/domain/provisioning/survey.ts';
import { planProvisioning } from '../../src/domain/provisioning.ts';

const id = 'PROJ-006-multi-instance';
const tool = (name: string) => ({ path: `/bin/${name}`, stamp: name });
const tools = {
  uv: tool('uv'),
  npm: tool('npm'),
  pnpm: tool('pnpm'),
  yarn: tool('yarn'),
  'pre-commit': tool('pre-commit'),
  jerry: tool('jerry'),
};

const survey = (rest: Partial<TreeSurvey> = {}): TreeSurvey => ({
  isMain: false,
  main: '/main',
  hashes: {},
  packageManager: undefined,
  tools,
  targets: { '.venv': 'absent', node_modules: 'absent', '.pnp.cjs': 'absent' },
  mainVenv: false,
  nodeModulesIgnored: true,
  files: undefined,
  submodules: undefined,
  hooks: undefined,
  jerry: undefined,
  ...rest,
});

const full = survey({
  hashes: { 'uv.lock': '1', 'package-lock.json': '2', '.gitmodules': '3', '.pre-commit-config.yaml': '4' },
  files: {
    patterns: 'p',
    lacking: [new Uint8Array([97])],
    names: ['a'],
    refused: [],
    differing: [],
  },
  submodules: { all: ['lib'], missing: ['lib'] },
  hooks: {
    hooksPath: undefined,
    hooks: [{ type: 'pre-commit', python: undefined, pythonExists: false, inLinkedWorktree: false }],
    main: { config: false, uvLock: false, inVenv: false },
  },
  jerry: {
    projectId: id,
    isJerryTree: true,
    bringsCommand: true,
    projectExists: true,
    projects: [id],
    context: { ignored: true, text: undefined, blocked: undefined },
  },
});

const options = { shareVenv: false, force: false, receipts: [], postCreate: undefined };
const plan = (of: TreeSurvey, more: Partial<Parameters<typeof planProvisioning>[1]> = {}) =>
  planProvisioning(of, { ...options, ...more });

describe('the plan of a provisioning', () => {
  it('has the steps that the tree calls for, in the order of the answer', () => {
    const { steps } = plan(full, { postCreate: { trusted: true, command: 'make setup' } });
    expect(steps.map(({ name, command }) => `${name}: ${command ?? '-'}`)).toEqual([
      'files: -',
      'submodules: git submodule update --init --recursive',
      'uv-sync: uv sync --frozen',
      'npm-ci: npm ci',
      'pre-commit: uv run --frozen pre-commit install',
      'jerry-bind: -',
      `jerry-verify: uv run --frozen jerry --json projects validate ${id}`,
      'hook: make setup',
    ]);
  });

  it('lets no step wait for a later one, and needs only what it waits for', () => {
    const { steps } = plan(full, { postCreate: { trusted: true, command: 'make' } });
    for (const [index, { after, needs }] of steps.entries()) {
      const later = steps.slice(index).map(({ name }) => name);
      expect(after.filter((name) => later.includes(name))).toEqual([]);
      expect(needs.filter((name) => !after.includes(name))).toEqual([]);
    }
  });

  it('never has two steps beside each other that could write the same folder', () => {
    const locks = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'uv.lock'];
    const managers = fc.constantFrom(
      undefined,
      'npm@10.0.0',
      'pnpm@9.1.0',
      'yarn@1.22.0',
      'yarn@4.0.0',
      'bun@1',
    );
    fc.assert(
      fc.property(fc.subarray(locks), managers, (some, packageManager) => {
        const hashes = Object.fromEntries(some.map((name) => [name, 'h']));
        const { steps } = plan(survey({ hashes, packageManager }));
        const targets = steps.flatMap(({ target }) => target ?? []);
        expect(new Set(targets).size).toBe(targets.length);
        expect(targets.includes('node_modules')).toBe(some.some((name) => name !== 'uv.lock'));
      }),
    );
  });

  it('runs no install through a link of node_modules', () => {
    const of = survey({
      hashes: { 'package-lock.json': '1' },
      targets: { ...full.targets, node_modules: 'shared' },
    });
    expect(plan(of).steps[0]?.verdict).toMatchObject({ kind: 'skip' });
  });

  it('installs hooks in the main worktree only where that can', () => {
    const hooks = full.hooks;
    if (hooks === undefined) throw new Error('the survey has hooks');
    const command = (main: typeof hooks.main) =>
      plan({ ...full, hooks: { ...hooks, main } }).steps.find(({ name }) => name === 'pre-commit')?.command;
    expect(command({ config: true, uvLock: true, inVenv: true })).toContain('--no-sync');
    for (const lacking of ['config', 'uvLock', 'inVenv'])
      expect(command({ config: true, uvLock: true, inVenv: true, [lacking]: false })).not.toContain(
        '--no-sync',
      );
  });
});

describe('a receipt', () => {
  const action = { kind: 'copy' } as const;
  const receipt = (parts: Record<string, string>, status: 'ran' | 'failed' = 'ran') => ({
    step: 'x',
    fingerprint: fingerprintOf(parts),
    status,
    command: null,
    at: '',
  });

  it.each([
    [{ a: '1' }, { a: '1' }, undefined],
    [{ a: '1' }, { a: '2' }, 'a changed'],
    [{ a: '1' }, {}, 'a is gone'],
    [{}, { a: '1' }, 'a is new'],
    [{ '.venv': 'own' }, { '.venv': 'absent' }, '.venv is gone'],
    [{ '.venv': 'absent' }, { '.venv': 'own' }, '.venv is new'],
    [{ b: '1', a: '1' }, { a: '2', b: '2' }, 'a changed, b changed'],
  ] as [Record<string, string>, Record<string, string>, string | undefined][])(
    'of %o against %o says %s',
    (before, now, drift) => {
      expect(driftBetween(fingerprintOf(before), fingerprintOf(now))).toBe(drift);
    },
  );

  it('keeps a step from running again, unless it failed, drifted, or is forced', () => {
    const kind = (...args: Parameters<typeof verdictByReceipt>) => verdictByReceipt(...args).kind;
    expect(kind(action, { a: '1' }, receipt({ a: '1' }), false)).toBe('unchanged');
    expect(kind(action, { a: '1' }, undefined, false)).toBe('run');
    expect(kind(action, { a: '1' }, receipt({ a: '1' }, 'failed'), false)).toBe('run');
    expect(kind(action, { a: '2' }, receipt({ a: '1' }), false)).toBe('run');
    expect(kind(action, { a: '1' }, receipt({ a: '1' }), true)).toBe('run');
  });
});

describe('context.toml', () => {
  it.each([
    [undefined, `[context]\nactive_project = "${id}"\n`],
    ['  \n', `[context]\nactive_project = "${id}"\n`],
    ['[context]\nactive_project = "P-1"\n', `[context]\nactive_project = "${id}"\n`],
    [
      "[context]\n  active_project='P-1'  # why\nb = 1\n",
      `[context]\n  active_project="${id}"  # why\nb = 1\n`,
    ],
    [
      '[other]\nactive_project = "P-1"\n',
      `[other]\nactive_project = "P-1"\n\n[context]\nactive_project = "${id}"\n`,
    ],
    ['[context]\nb = 1\n', `[context]\nactive_project = "${id}"\nb = 1\n`],
    ['a = 1', `a = 1\n\n[context]\nactive_project = "${id}"\n`],
    ['context.active_project = "P-1"\n', `context.active_project = "${id}"\n`],
    ['[context]\r\nactive_project = "P-1"\r\n', `[context]\r\nactive_project = "${id}"\r\n`],
    ['context = { active_project = "P-1" }\n', undefined],
    [`[context]\nactive_project = '${id}'\n`, `[context]\nactive_project = '${id}'\n`],
    ['[context]', `[context]\nactive_project = "${id}"\n`],
  ])('%o becomes %o', (before, after) => {
    expect(bindContext(before, id)).toBe(after);
  });

  it('that names the project is left as it is', () => {
    const line = fc.constantFrom('[context]', '[a]', '[[b]]', 'active_project = "P-1"', 'x = 1', '# c', '');
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const once = bindContext(lines.join('\n'), id);
        expect(once === undefined ? undefined : bindContext(once, id)).toBe(once);
      }),
    );
  });

  it.each([
    [{ projects: true, folder: true, bringsCommand: false, ignoreRule: undefined }, true],
    [{ projects: true, folder: false, bringsCommand: true, ignoreRule: undefined }, true],
    [{ projects: true, folder: false, bringsCommand: false, ignoreRule: '.jerry/local/' }, true],
    [{ projects: true, folder: false, bringsCommand: false, ignoreRule: 'local/' }, false],
    [{ projects: false, folder: true, bringsCommand: true, ignoreRule: '.jerry/' }, false],
  ])('belongs to a tree with %o: %s', (seen, expected) => {
    expect(isJerryTree(seen)).toBe(expected);
  });
});

describe('what others write', () => {
  it.each([
    [
      '# File generated by pre-commit: https://pre-commit.com\nINSTALL_PYTHON=/a/b c/python\n',
      '/a/b c/python',
    ],
    ["# ID: 138fd403232d2ddd5efb44317e38bf03\nINSTALL_PYTHON='/a b/python'\n", '/a b/python'],
    ["# File generated by pre-commit\nINSTALL_PYTHON = '/old/python'\n", '/old/python'],
    ['#!/bin/sh\nINSTALL_PYTHON=/x\n', undefined],
    ['# File generated by pre-commit\n', undefined],
  ])('in the hook %o is the interpreter %o', (hook, python) => {
    expect(stampedPython(hook)).toBe(python);
  });

  it('as hook types counts where it is a list of names', () => {
    expect(hookTypes(['pre-commit', 'commit-msg', '../x', 3])).toEqual(['pre-commit', 'commit-msg']);
    expect(hookTypes('pre-push')).toEqual(['pre-commit']);
  });

  it.each([
    [0, '', 'valid', undefined],
    [1, 'warning\n{"valid": false, "errors": ["a", "b"]}\n', 'invalid', 'a; b'],
    [1, 'no such project', 'invalid', 'no such project'],
    [1, 'Traceback (most recent call last):\n  x\nValueError: y', 'unverified', 'ValueError: y'],
    [2, 'error: Failed to spawn: `jerry`', 'unverified', 'error: Failed to spawn: `jerry`'],
    [null, '', 'unverified', 'it ended with a signal'],
  ])('as an end of jerry with %o and %o means %s', (exitCode, output, kind, why) => {
    expect(validationOf({ exitCode, output })).toEqual(why === undefined ? { kind } : { kind, why });
  });

  it('as a command is shown so that it can be typed', () => {
    expect(shown(['a', '--b=c', "d e'f"])).toBe("a --b=c 'd e'\\''f'");
  });
});
