import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Destination,
  fileOf,
  hookOutput,
  judgeCommand,
  judgeWrite,
  ToolCall,
} from '../../src/domain/tool-guard.ts';

const ground = {
  worktree: '/r/wt/a',
  allowed: ['/shared/docs', '/r/main/.git/hooks'],
  claude: '/home/x/.claude',
};
const main = { path: '/r/main', branch: 'main', isMain: true };
const sibling = { path: '/r/wt/b', branch: 'feat/b', isMain: false };
const nested = { path: '/r/wt/a/inner', branch: undefined, isMain: false };
const own = { path: '/r/wt/a', branch: 'feat/a', isMain: false };

const to = (path: string | undefined, checkout?: Destination['checkout'], named = path ?? '/odd') =>
  judgeWrite({ named, path, checkout }, ground).map(({ reason }) => reason);

describe('where a tool writes', () => {
  it.each<[string, string, Destination['checkout']?]>([
    ['in the worktree', '/r/wt/a/src/new.ts', own],
    ['in a repository of its own in the worktree', '/r/wt/a/vendor/x/y.c'],
    ['in a folder that was allowed', '/shared/docs/deep/a.md'],
    ['in an allowed folder of another checkout', '/shared/docs/a.md', main],
    ['where git keeps things, which was allowed by name', '/r/main/.git/hooks/pre-commit', main],
    ['a plan of claude', '/home/x/.claude/plans/brave-fox.md'],
    ['a memory of claude', '/home/x/.claude/projects/-r-wt-a/memory/MEMORY.md'],
    ['a file whose name begins like that of git', '/r/wt/a/.github/x.yml', own],
  ])('is not spoken against: %s', (_, path, checkout) => {
    expect(to(path, checkout)).toEqual([]);
  });

  it.each<[string, string | undefined, Destination['checkout'], string]>([
    ['outside', '/etc/passwd', undefined, '/etc/passwd is outside of your worktree'],
    ['beside a folder with the same beginning', '/r/wt/ab/x', undefined, 'outside'],
    ['beside an allowed folder', '/shared/docs2/x', undefined, '--allow-outside /shared/docs2.'],
    ['the main checkout', '/r/main/src/x.ts', main, 'the main checkout, /r/main'],
    [
      'the same file of its own',
      '/r/main/src/x.ts',
      main,
      'The same file of your worktree is /r/wt/a/src/x.ts',
    ],
    ['a sibling', '/r/wt/b/x.ts', sibling, 'the worktree of feat/b, /r/wt/b'],
    ['a worktree inside of it', '/r/wt/a/inner/x.ts', nested, 'the worktree of someone else, /r/wt/a/inner'],
    ['the link to its git directory', '/r/wt/a/.git', own, 'a file of git itself'],
    ['its git directory', '/r/main/.git/worktrees/a/HEAD', main, 'a file of git itself'],
    ['the same in capitals', '/r/wt/a/sub/.GIT/config', own, 'a file of git itself'],
    ['settings of claude', '/home/x/.claude/settings.json', undefined, 'outside'],
    ['a transcript of claude', '/home/x/.claude/projects/p/s.jsonl', undefined, 'outside'],
    ['what only looks like a memory', '/home/x/.claude/projects/a/b/memory/x', undefined, 'outside'],
    ['nowhere that can be told', undefined, undefined, 'where /odd leads cannot be told'],
  ])('is denied with the reason: %s', (_, path, checkout, reason) => {
    expect(to(path, checkout)).toMatchObject([expect.stringContaining(reason)]);
  });

  it('is denied where a link leads, naming both', () => {
    expect(to('/etc/passwd', undefined, '/r/wt/a/link')[0]).toContain(
      '/r/wt/a/link leads to /etc/passwd, which is outside',
    );
  });

  it('is never let through outside of what is open, whatever the path', () => {
    const name = fc.stringMatching(/^[a-z.~ ]{1,6}$/).filter((each) => each !== '.' && each !== '..');
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const path = `/${names.join('/')}`;
        expect(to(path)).toHaveLength(1);
        expect(to(`/r/wt/a${path}`, own)).toHaveLength(names.includes('.git') ? 1 : 0);
      }),
    );
  });
});

describe('what the hook reads and prints', () => {
  it('takes the file of the tools that write, and of no other', () => {
    const call = (tool_name: string, tool_input: object) => fileOf(ToolCall.parse({ tool_name, tool_input }));
    expect(call('Write', { file_path: '/a' })).toBe('/a');
    expect(call('MultiEdit', { file_path: '/a' })).toBe('/a');
    expect(call('NotebookEdit', { notebook_path: '/n' })).toBe('/n');
    expect(call('Read', { file_path: '/a' })).toBeUndefined();
    expect(call('Write', { file_path: 5 })).toBeUndefined();
    expect(ToolCall.parse({ tool_name: 'X', tool_input: null }).tool_input).toEqual({});
  });

  it('denies with all reasons, and says nothing where there is none', () => {
    expect(hookOutput([])).toBe('');
    const reasons = [
      ...judgeCommand('git push'),
      ...judgeWrite({ named: '/x', path: '/x', checkout: undefined }, ground),
    ];
    const { hookSpecificOutput } = JSON.parse(hookOutput(reasons));
    expect(hookSpecificOutput).toMatchObject({ hookEventName: 'PreToolUse', permissionDecision: 'deny' });
    expect(hookSpecificOutput.permissionDecisionReason.split('\n')).toHaveLength(2);
    expect(judgeCommand('git stash push')).toEqual([]);
  });
});
