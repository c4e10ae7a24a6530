import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { many, one, type Verdict } from '../../src/application/command.ts';
import { exitCodeOfAnswer, exitCodeOfError } from '../../src/cli/exit-codes.ts';
import { errorBody } from '../../src/domain/error-body.ts';
import { failures, kindOfCode } from '../../src/domain/failure.ts';

const element = (verdict: Verdict, error: ReturnType<typeof errorBody> | null = null) => ({ verdict, error });
const codeOf = (...elements: ReturnType<typeof element>[]) =>
  exitCodeOfAnswer(many(elements), (item) => item.verdict);

describe('exit codes', () => {
  it.each([
    [failures.usage('x'), 2],
    [failures.claudeNotFound('claude'), 7],
    [failures.dirtyWorktree('w', ['a'], 'h'), 4],
    [failures.worktreeNotFound('w', []), 5],
    [failures.busy('lock', 'pid 1', 100), 6],
    [failures.gitFailed({ command: 'git x', cwd: '/', exit_code: 1, stderr: '' }), 1],
    [failures.timeout('wait', 3), 124],
    [failures.interrupted('SIGINT'), 130],
    [failures.interrupted('SIGTERM'), 143],
    [new TypeError('a bug'), 70],
  ])('%s', (error, code) => expect(exitCodeOfError(error)).toBe(code));

  it('are those of the worst element, in the order of the contract', () => {
    const refused = element('ok', errorBody(failures.mainWorktree('/m')));
    const missing = element('ok', errorBody(failures.worktreeNotFound('x', [])));
    expect(codeOf(element('ok'))).toBe(0);
    expect(codeOf(element('ok'), element('conflict'))).toBe(3);
    expect(codeOf(missing, element('conflict'))).toBe(3);
    expect(codeOf(element('conflict'), refused)).toBe(4);
    expect(codeOf(refused, element('timeout'))).toBe(124);
    expect(codeOf(element('timeout'), element('failed'), refused)).toBe(1);
    expect(exitCodeOfAnswer(one({}), undefined)).toBe(0);
  });

  it('know every code that the catalogue can make', () => {
    const catalogue = readFileSync(new URL('../../src/domain/failure.ts', import.meta.url), 'utf8');
    const made = [...catalogue.matchAll(/new Failure\(\s*'([a-z-]+)',\s*'([a-z_]+)'/g)];
    expect(made.length).toBeGreaterThan(70);
    for (const [, kind, code = ''] of made) expect([code, kindOfCode[code]]).toEqual([code, kind]);
  });
});
