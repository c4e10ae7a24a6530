import { describe, expect, it } from 'vitest';
import { agentSettings, isInline, OwnSettings, takeSettings } from '../../src/domain/agent-settings.ts';

const guard = {
  self: ['/opt/no de', "/it's/wt.js"],
  worktree: '/w t',
  allowOutside: ['/o1', '/o 2'],
  allowPush: false,
  conflictWarning: 'warn',
} as const;
type Group = {
  readonly matcher?: string;
  readonly hooks: { readonly command: string; readonly timeout: number }[];
};
const groups = (settings: OwnSettings) => settings.hooks?.PreToolUse as unknown as Group[];

describe('the settings of an agent', () => {
  it('run wt before each tool that writes, quoted for the shell, and within a time', () => {
    const [writing, bash] = groups(agentSettings(guard));
    expect(writing?.matcher).toBe('Write|Edit|MultiEdit|NotebookEdit');
    expect(writing?.hooks[0]).toEqual({
      type: 'command',
      command: `'/opt/no de' '/it'\\''s/wt.js' hook pre-tool-use --worktree '/w t' --allow-outside /o1 --allow-outside '/o 2' --warn`,
      timeout: 60,
    });
    expect(bash?.matcher).toBe('Bash');
    expect(bash?.hooks[0]?.command).toContain('--deny-push');
  });

  it('say what is done about a file that another worktree changes too', () => {
    const flag = (conflictWarning: 'off' | 'strict') =>
      groups(agentSettings({ ...guard, conflictWarning }))[0]
        ?.hooks[0]?.command.split(' ')
        .at(-1);
    expect([flag('off'), flag('strict')]).toEqual(['--no-warning', '--strict']);
  });

  it('leave Bash alone where pushing is allowed', () => {
    expect(groups(agentSettings({ ...guard, allowPush: true }))).toHaveLength(1);
  });

  it("keep a person's own, hooks of the same event too", () => {
    const theirs = { matcher: 'Write', hooks: [{ type: 'command', command: 'mine' }] };
    const own = { model: 'opus', hooks: { Stop: [{ hooks: [] }], PreToolUse: [theirs] } };
    const settings = agentSettings(guard, OwnSettings.parse(own));
    expect(settings).toMatchObject({ model: 'opus', hooks: { Stop: [{ hooks: [] }] } });
    expect(groups(settings)[0]).toEqual(theirs);
    expect(groups(settings)).toHaveLength(3);
  });

  it.each([
    [{ permissions: 'all' }],
    [{ env: { A: 1 } }],
    [{ hooks: [] }],
    [{ hooks: { PreToolUse: [{ matcher: 5 }] } }],
    [[]],
    ['text'],
    [null],
  ])('cannot be joined with what claude would ignore as a whole: %j', (own) => {
    expect(OwnSettings.safeParse(own).success).toBe(false);
  });
});

describe("a person's own --settings", () => {
  it.each<[string[], string[], string | undefined]>([
    [['--model', 'x'], ['--model', 'x'], undefined],
    [['--settings', 's.json', '--model', 'x'], ['--model', 'x'], 's.json'],
    [['--settings=a', '-v', '--settings', 'b'], ['-v'], 'b'],
    [['--setting-sources', 'user'], ['--setting-sources', 'user'], undefined],
    [['--settings'], [], ''],
  ])('are taken from %j', (words, rest, settings) => {
    expect(takeSettings(words)).toEqual({ words: rest, settings });
  });

  it('are a file unless they begin and end with a brace', () => {
    expect([' {"a":1}\n', '{}', '{"a":', 's.json', '', '[]'].map(isInline)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
