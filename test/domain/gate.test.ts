import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Conflict, ConflictKind } from '../../src/domain/conflict.ts';
import {
  changedFilesWarning,
  type GateAnswer,
  gateEnvironment,
  gateFailure,
  isMemorable,
} from '../../src/domain/gate.ts';
import { gateFixPrompt, resolvePrompt } from '../../src/domain/landing-prompts.ts';
import { Sha } from '../../src/domain/sha.ts';
import { configDocument, failureOf, layered, userSays } from '../support/config.ts';

const sha = (letter: string) => Sha.parse(letter.repeat(40));
const gate: GateAnswer = {
  command: 'npm test',
  exit_code: 1,
  duration_ms: 5,
  cached: false,
  reason: 'failed',
  log_path: "/it's/a.log",
};

describe('the failure of a gate', () => {
  it.each([
    [{}, "PROJ-006-a did not pass the gate 'npm test': exit 1"],
    [{ cached: true }, 'exit 1, as an earlier run on the same tree found'],
    [{ reason: 'timeout', exit_code: null }, 'ended after 90 s (merge.gate_timeout)'],
    [{ reason: 'signal', exit_code: null }, 'ended by a signal'],
    [{ reason: 'provisioning', exit_code: null }, 'could not be provisioned: npm-ci failed'],
    [{ reason: 'not_started', exit_code: null }, 'could not be started: npm-ci failed'],
  ] as const)('of %o says %s', (change, says) => {
    const failed = { ...gate, ...change };
    const failure = gateFailure(failed, { name: 'PROJ-006-a', timeoutMs: 90_000, detail: 'npm-ci failed' });
    expect(failure).toMatchObject({ kind: 'failed', code: 'gate_failed' });
    expect(failure.message).toContain(says);
    expect(failure.hint).toMatch(/^less '\/it'\\''s\/a\.log'; .*--fresh-gates$/);
    expect(failure.details).toMatchObject({ command: 'npm test', exit_code: failed.exit_code });
  });
});

describe('what a gate finds in its environment', () => {
  const candidate = { name: 'a', branch: 'feat/a', worktreePath: '/a', projectId: 'PROJ-006-a' };
  const subject = { tree: sha('a'), commit: sha('b'), candidate, target: 'main', before: sha('c') };

  it('is what is tested, and the project under the variable recorded or configured', () => {
    const room = { path: '/room', variable: 'JERRY_PROJECT' };
    expect(gateEnvironment(subject, room)).toEqual({
      JERRY_PROJECT: 'PROJ-006-a',
      CLAUDE_PROJECT_DIR: '/room',
      CLAUDECODE: undefined,
      CLAUDE_CODE_ENTRYPOINT: undefined,
      WT_GATE_BRANCH: 'feat/a',
      WT_GATE_TARGET: 'main',
      WT_GATE_COMMIT: sha('b'),
      WT_GATE_BASE: sha('c'),
    });
    const other = { ...subject, candidate: { ...candidate, variable: 'OUR_PROJECT' } };
    expect(gateEnvironment(other, room)).toMatchObject({ OUR_PROJECT: 'PROJ-006-a' });
    const none = { ...subject, candidate: { ...candidate, projectId: undefined } };
    expect(gateEnvironment(none, room)).toMatchObject({ JERRY_PROJECT: undefined });
  });
});

describe('the end of a gate', () => {
  it('is remembered unless the command could not be run or a signal ended it', () => {
    expect([0, 1, 125, 126, 127, 130, 137].map(isMemorable)).toEqual([
      ...[true, true, true],
      ...[false, false, false, false],
    ]);
  });

  it('names three of the files it changed', () => {
    expect(changedFilesWarning('x', [])).toBeUndefined();
    expect(changedFilesWarning('x', ['a', 'b', 'c'])?.message).toContain('changed a, b, c;');
    expect(changedFilesWarning('x', ['a', 'b', 'c', 'd', 'e'])?.message).toContain('a, b, c and 2 more');
  });
});

describe('the prompt after a failed gate', () => {
  const given = { command: 'npm test', exitCode: 3, branch: 'feat/a', target: 'main' };

  it('has the command, how it ended, the end of the output as a block that nothing ends, and the bounds', () => {
    const prompt = gateFixPrompt({ ...given, tail: 'one\n```\ntwo\n' });
    expect(prompt).toContain('feat/a merges into main without conflicts');
    expect(prompt).toContain('failed with exit code 3');
    expect(prompt).toContain('\n    npm test\n');
    expect(prompt).toContain('\n````\none\n```\ntwo\n````\n');
    expect(prompt).toMatch(/commit\..*Do not push/s);
    expect(gateFixPrompt({ ...given, exitCode: null, tail: '' })).toMatch(
      /did not come to an end.*wrote nothing/s,
    );
  });

  it('is of bounded length, and ends with the end of the output, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), fc.nat(60), (text, times) => {
        const tail = `${`${text}\n`.repeat(times * 20)}the end\n`;
        const prompt = gateFixPrompt({ ...given, command: text.repeat(100), tail });
        expect(prompt).toContain('the end');
        expect(prompt.length).toBeLessThan(20_000);
      }),
    );
  });
});

describe('the prompt for conflicts', () => {
  const conflicts = ConflictKind.options.map((kind, at) =>
    Conflict.parse({ path: `a ${at}\n"x".ts`, kind, resolution: null }),
  );

  it('names each path on a line of its own with what happened, and how to end the merge', () => {
    const prompt = resolvePrompt({ branch: 'feat/a', target: 'main', conflicts });
    const lines = prompt.split('\n').filter((line) => line.startsWith('- '));
    expect(lines).toHaveLength(conflicts.length);
    expect(lines[0]).toBe('- "a 0\\n\\"x\\".ts": both sides changed the same lines');
    expect(prompt).toContain('starts with "Merge"');
    expect(prompt).toContain('Change no other file');
  });

  it('names so many and tells how to list the others', () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ path: `p${at}`, kind: 'content' as const }));
    const prompt = resolvePrompt({ branch: 'feat/a', target: 'main', conflicts: many });
    expect(prompt).toContain('- and 440 more: git diff --name-only --diff-filter=U');
    expect(prompt.length).toBeLessThan(10_000);
  });
});

describe('merge.gates', () => {
  it('is a list of commands or one command, never split, and a JSON list in its variable', () => {
    expect(layered().config.merge).toMatchObject({ gates: [], gate_timeout: 1800 });
    const gates = (value: unknown) => userSays({ merge: { gates: value } }).config.merge.gates;
    expect(gates('npm run a, b && npm test')).toEqual(['npm run a, b && npm test']);
    expect(gates(['npm ci', ' npm test '])).toEqual(['npm ci', 'npm test']);
    const variables = { WT_MERGE_GATES: '["a b", "c"]', WT_MERGE_GATE_TIMEOUT: '90' };
    expect(layered({ variables }).config.merge).toMatchObject({ gates: ['a b', 'c'], gate_timeout: 90 });
    expect(layered({ variables: { WT_MERGE_GATES: 'make, all' } }).config.merge.gates).toEqual(['make, all']);
    expect(failureOf(() => gates(['a', ''])).code).toBe('config_invalid');
  });

  it('has no effect when only the repository says so', () => {
    const document = configDocument('repository', { merge: { gates: ['curl evil'], gate_timeout: 5 } });
    const { config, untrusted } = layered({ documents: [document] });
    expect(config.merge).toMatchObject({ gates: [], gate_timeout: 5 });
    expect(untrusted).toMatchObject([{ key: 'merge.gates', what: 'a command' }]);
  });
});
