import { describe, expect, it } from 'vitest';
import {
  collisionWarning,
  isTold,
  type WarningMode,
  type WorkOfOthers,
  warningMode,
} from '../../src/domain/collision-warning.ts';
import { hookOutput } from '../../src/domain/tool-guard.ts';

const flags = { warning: true, warn: false, strict: false };

describe('what is done about an edit that meets the work of others', () => {
  it.each<[string, Partial<typeof flags>, Record<string, string>, WarningMode]>([
    ['a session at a terminal', {}, { CLAUDE_CODE_ENTRYPOINT: 'cli' }, 'ask'],
    ['an editor', {}, { CLAUDE_CODE_ENTRYPOINT: 'claude-vscode' }, 'ask'],
    ['a claude that does not say', {}, {}, 'ask'],
    ['a headless claude', {}, { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' }, 'warn'],
    ['a program that nobody knows', {}, { CLAUDE_CODE_ENTRYPOINT: 'new-thing' }, 'warn'],
    ['a dispatch', {}, { CLAUDE_CODE_ENTRYPOINT: 'cli', WT_DISPATCH_ID: 'dispatch-1' }, 'warn'],
    ['--warn at a terminal', { warn: true }, { CLAUDE_CODE_ENTRYPOINT: 'cli' }, 'warn'],
    ['--strict at a terminal', { strict: true }, { CLAUDE_CODE_ENTRYPOINT: 'cli' }, 'strict'],
    ['--strict in a dispatch', { strict: true, warn: true }, { WT_DISPATCH_ID: 'dispatch-1' }, 'strict'],
    ['--no-warning', { warning: false, strict: true }, {}, 'off'],
  ])('in %s', (_, given, variables, mode) => {
    expect(warningMode({ ...flags, ...given }, variables)).toBe(mode);
  });

  it.each<[string, WarningMode, { state: string; own: string } | undefined, boolean]>([
    ['the first time', 'warn', undefined, false],
    ['what the agent was told of', 'warn', { state: 's', own: 'o' }, true],
    ['what the other has changed since', 'warn', { state: 'before', own: 'o' }, false],
    ['a question to which the answer was no', 'ask', { state: 's', own: 'o' }, false],
    ['a question to which the answer was yes, by the edit', 'ask', { state: 's', own: 'before' }, true],
    ['a refusal', 'strict', { state: 's', own: 'o' }, false],
  ])('is told once: %s', (_, mode, told, isKnown) => {
    expect(isTold(mode, told, { state: 's', own: 'o' })).toBe(isKnown);
  });
});

describe('the warning', () => {
  const other = (name: string, more: Partial<WorkOfOthers> = {}): WorkOfOthers => ({
    ...{ name, worktree: `/wt/${name}`, committed: undefined, uncommitted: 'modified' },
    ...{ renamedTo: undefined, state: '' },
    ...more,
  });
  const said = (mode: 'warn' | 'ask' | 'strict', ...others: WorkOfOthers[]) =>
    JSON.parse(hookOutput([collisionWarning('a b.ts', others, mode)])).hookSpecificOutput;

  it('names the file, who changes it, how, and where theirs can be read', () => {
    expect(said('warn', other('x', { committed: 'modified' }), other('y'))).toEqual({
      hookEventName: 'PreToolUse',
      additionalContext: expect.stringMatching(
        /^wt: other worktrees change 'a b\.ts' too: x \(\/wt\/x\): modified in commits that have not landed, and modified, not committed yet; y \(\/wt\/y\): modified, not committed yet\. Theirs can be read at '\/wt\/x\/a b\.ts'\./,
      ),
    });
    const moved = other('x', { committed: 'renamed', uncommitted: undefined, renamedTo: 'c.ts' });
    const { additionalContext } = said('warn', moved);
    expect(additionalContext).toContain(
      'renamed to c.ts in commits that have not landed. Theirs can be read at /wt/x/c.ts',
    );
    expect(said('warn', ...['a', 'b', 'c', 'd', 'e'].map((name) => other(name))).additionalContext).toContain(
      '; and 2 more.',
    );
  });

  it('asks a person, or denies with what to do instead', () => {
    expect(said('ask', other('x'))).toMatchObject({
      permissionDecision: 'ask',
      permissionDecisionReason: expect.stringContaining('may conflict when both land'),
    });
    expect(said('strict', other('x'))).toMatchObject({
      permissionDecision: 'deny',
      permissionDecisionReason: expect.stringContaining('Leave this file as it is'),
    });
  });
});
