import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hooksIn, ownHook, withHook, withoutHook } from '../../src/domain/claude-hooks.ts';

const file = '/r/.claude/settings.local.json';
const without = (text: string | undefined) => withoutHook(file, text);
const withIt = (text: string | undefined) => withHook(file, text);
const there = { matcher: 'Bash', hooks: [{ type: 'command', command: 'mine' }] };
const pretty = (value: unknown, indent: string | number = 2) => `${JSON.stringify(value, null, indent)}\n`;
const allowed = { permissions: { allow: ['Bash(git push:*)', 'x'], deny: [] } };
const dos = (text: string) => text.replaceAll('\n', '\r\n');

const files: readonly (readonly [string, string])[] = [
  ['an object without members', '{}\n'],
  ['one with a space in it', '{ }'],
  ['settings of two spaces', pretty(allowed)],
  ['settings of four spaces, without a last newline', pretty({ ...allowed, z: 1 }, 4).trimEnd()],
  ['tabs', pretty(allowed, '\t')],
  ['Windows lines', dos(pretty(allowed))],
  ['a byte order mark', `\uFEFF${pretty(allowed)}`],
  ['one line', JSON.stringify(allowed)],
  ['odd spacing', '\n{ "b" :1 ,\n     "a": [ 1,\n2 ] }\n\n\n'],
  ['hooks of another event', pretty({ hooks: { Stop: [there] }, model: 'opus' })],
  ['hooks of the same event', pretty({ hooks: { PreToolUse: [there, there], Stop: [] } })],
  ['the same on one line', JSON.stringify({ hooks: { PreToolUse: [there] } })],
  ['no hooks in the section', pretty({ hooks: {}, a: 1 })],
  ['no hooks of the event', pretty({ hooks: { PreToolUse: [], Stop: [there] } })],
  ['a key twice, of which the last counts', '{"hooks": 1, "hooks": {"Stop": []}}'],
  ['what looks like it in a text', pretty({ note: 'wt hook pre-tool-use', "}]'": '\\"}' })],
];

describe("wt's hook in a person's settings", () => {
  it.each(files)('comes and goes without a trace: %s', (_, text) => {
    const changed = withIt(text);
    const settings = JSON.parse(changed.replace(/^\uFEFF/, ''));
    const before = JSON.parse(text.replace(/^\uFEFF/, ''));
    const groups = before.hooks?.PreToolUse ?? [];
    expect(settings).toEqual({
      ...before,
      hooks: {
        ...before.hooks,
        PreToolUse: [
          ...groups,
          {
            matcher: 'Write|Edit|MultiEdit|NotebookEdit',
            hooks: [{ type: 'command', command: 'wt hook pre-tool-use', timeout: 60 }],
          },
        ],
      },
    });
    expect(Object.keys(settings).slice(0, Object.keys(before).length)).toEqual(Object.keys(before));
    expect(hooksIn(file, changed)).toEqual([ownHook]);
    expect(withIt(changed)).toBe(changed);
    expect(without(changed)).toBe(text);
    expect(without(text)).toBe(text);
    if (text.includes('\r')) expect(changed.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('is all that is in a new file, which goes with it; an empty one stays', () => {
    const made = withIt(undefined);
    expect(made).toBe(pretty(JSON.parse(made)));
    expect(without(made)).toBeUndefined();
    expect(without(undefined)).toBeUndefined();
    for (const blank of ['', '\n', '\uFEFF \r\n']) {
      expect(hooksIn(file, withIt(blank))).toEqual([ownHook]);
      expect(without(withIt(blank))).toBe(blank);
      expect(without(blank)).toBe(blank);
    }
  });

  it('looks as if the person had written it', () => {
    expect(withIt(pretty(allowed, 4))).toBe(pretty(JSON.parse(withIt(pretty(allowed, 4))), 4));
    const grouped = pretty({ hooks: { PreToolUse: [there] }, z: [] }, '\t');
    expect(withIt(grouped)).toBe(pretty(JSON.parse(withIt(grouped)), '\t'));
  });

  it('is known by its command, with other flags, by another path, and beside hooks of others', () => {
    const commands = [
      'wt hook pre-tool-use --strict',
      "'/opt/no de' '/x y/bin/wt.js' hook pre-tool-use",
      'git wt hook pre-tool-use',
    ];
    const ours = (command: string) => ({ type: 'command', command });
    const [first = '', second = '', third = ''] = commands;
    const text = pretty({
      hooks: {
        PreToolUse: [
          { matcher: 'Edit', hooks: [ours(first)] },
          there,
          { hooks: [ours('mine'), ours(second), ours('mine too')] },
          { matcher: 'Write', hooks: [ours(third)] },
        ],
      },
    });
    expect(hooksIn(file, text)).toEqual([
      { event: 'PreToolUse', matcher: 'Edit', command: first },
      { event: 'PreToolUse', matcher: '', command: second },
      { event: 'PreToolUse', matcher: 'Write', command: third },
    ]);
    expect(withIt(text)).toBe(text);
    expect(without(text)).toBe(
      pretty({ hooks: { PreToolUse: [there, { hooks: [ours('mine'), ours('mine too')] }] } }),
    );
    const strange = ['wt hook post', 'mywt hook pre-tool-use', 'wt hook pre-tool-use-all', 'echo wt'];
    expect(
      hooksIn(file, pretty({ hooks: { PreToolUse: strange.map((each) => ({ hooks: [ours(each)] })) } })),
    ).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['a comment', '{\n  // mine\n  "a": 1\n}', ':2:3: a comment: JSON has none'],
    ['a comma too many', '{\n  "a": 1,\n}', ':3:1: "}" where a key in double quotes was expected'],
    ['a comma too many in a list', '{"a": [1,]}', ':1:10: "]" where a value was expected'],
    ['half a file', '{"a": [1, {"b"', ':1:15: the file ends where : was expected'],
    ['two values', '{}\r\n{}', ':2:1: "{" where the end was expected'],
    ['a list', '[]', ':1:1: settings are an object'],
    ['a text', '"x"', ':1:1: settings are an object'],
    ['single quotes', "{'a': 1}", ':1:2: "\'" where a key'],
    ['hooks that are a list', '{"hooks": []}', ':1:11: must be an object'],
    ['an event that is no list', '{"hooks": {"PreToolUse": {}}}', ':1:26: must be a list'],
  ])('is not put into what claude could not read: %s', (_, text, message) => {
    for (const change of [withIt, without, (each: string) => hooksIn(file, each)])
      expect(() => change(text)).toThrow(`${file}${message}`);
  });

  it('comes and goes without a trace in any settings', () => {
    const settings = fc.dictionary(fc.string(), fc.jsonValue());
    const hooks = fc.record(
      {
        Stop: fc.jsonValue(),
        PreToolUse: fc.array(fc.oneof(fc.constant(there), fc.jsonValue())),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(settings, fc.option(hooks), fc.constantFrom(0, 2, 4, '\t'), (own, events, indent) => {
        const value = events === null ? { ...own, hooks: undefined } : { ...own, hooks: events };
        const text = JSON.stringify(value, null, indent);
        const changed = withIt(text);
        expect(hooksIn(file, changed)).toEqual([ownHook]);
        expect(without(changed)).toBe(text);
      }),
    );
  });

  it('takes files that are nested as deep as they like', () => {
    const deep = `{"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(without(withIt(deep))).toBe(deep);
  });
});
