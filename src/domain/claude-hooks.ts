import { agentHookTimeout } from './agent-settings.ts';
import { invalidConfigFile } from './config-problem.ts';
import {
  byteOrderMark,
  isJsonFault,
  type JsonChild,
  type JsonNode,
  memberOf,
  parseJsonText,
  placeOf,
} from './json-text.ts';
import { writingTools } from './tool-guard.ts';

/** A hook of wt's in claude's settings. */
export type SettingsHook = { readonly event: string; readonly matcher: string; readonly command: string };

const event = 'PreToolUse';

/** The hook that `wt init` puts into a person's settings. */
export const ownHook: SettingsHook = {
  event,
  matcher: writingTools.join('|'),
  command: 'wt hook pre-tool-use',
};

const isOurs = (command: unknown): boolean =>
  typeof command === 'string' && /\bwt(?:\.js)?['"]?\s+hook\s+pre-tool-use(?:\s|$)/.test(command);

const group = {
  matcher: ownHook.matcher,
  hooks: [{ type: 'command', command: ownHook.command, timeout: agentHookTimeout }],
};

/** The settings of a file that is not there yet; of one that is empty, without the last newline. */
const fresh = `${JSON.stringify({ hooks: { [event]: [group] } }, null, 2)}\n`;

type Found = { readonly hook: SettingsHook; readonly group: JsonChild; readonly entry: JsonChild };

/** A settings file as it is read: where its parts are. Throws `config_invalid` for what claude could not use. */
type Settings = {
  readonly text: string;
  readonly root: JsonNode;
  readonly hooks: JsonChild | undefined;
  readonly groups: JsonChild | undefined;
  readonly ours: readonly Found[];
};

/** wt's hooks in a settings file; `undefined` is one that is not there. */
export const hooksIn = (file: string, text: string | undefined): readonly SettingsHook[] =>
  text === undefined || isBlank(text) ? [] : read(file, text).ours.map(({ hook }) => hook);

const isBlank = (text: string) => /^\uFEFF?[ \t\r\n]*$/.test(text);

/** The file with wt's hook; the same text where it has one. */
export function withHook(file: string, text: string | undefined): string {
  if (text === undefined) return fresh;
  if (isBlank(text)) return `${text}${fresh.trimEnd()}`;
  const settings = read(file, text);
  if (settings.ours.length > 0) return text;
  const { root, hooks, groups } = settings;
  if (groups !== undefined) return append(text, groups.value, JSON.stringify(group, null, 2));
  const events = `${JSON.stringify(event)}: ${JSON.stringify([group], null, 2)}`;
  if (hooks !== undefined) return append(text, hooks.value, events);
  return append(text, root, `"hooks": ${JSON.stringify({ [event]: [group] }, null, 2)}`);
}

/**
 * The file without wt's hooks, and without what was made to hold them; `undefined` where nothing was there before.
 * Undoes `withHook` byte for byte.
 */
export function withoutHook(file: string, text: string | undefined): string | undefined {
  if (text === undefined || text === fresh || isBlank(text)) return text === fresh ? undefined : text;
  // One at a time: each changes the places of the others.
  const settings = read(file, text);
  const [found] = settings.ours;
  return found === undefined ? text : withoutHook(file, cut(settings, found));
}

function read(file: string, text: string): Settings {
  const invalid = (at: number, message: string, key?: string) =>
    invalidConfigFile(file, [{ ...placeOf(text, at), key, message }]);
  const root = parseJsonText(text);
  if (isJsonFault(root)) throw invalid(root.at, root.message);
  if (root.kind !== 'object') throw invalid(root.start, 'settings are an object');
  const hooks = memberOf(root, 'hooks');
  if (hooks !== undefined && hooks.value.kind !== 'object')
    throw invalid(hooks.value.start, 'must be an object', 'hooks');
  const groups = hooks === undefined ? undefined : memberOf(hooks.value, event);
  if (groups !== undefined && groups.value.kind !== 'array')
    throw invalid(groups.value.start, 'must be a list', `hooks.${event}`);
  const parsed = (node: JsonNode): unknown => JSON.parse(text.slice(node.start, node.end));
  const ours = (groups?.value.children ?? []).flatMap((each): Found[] => {
    const entries = memberOf(each.value, 'hooks')?.value.children ?? [];
    const matcher = memberOf(each.value, 'matcher')?.value;
    return entries.flatMap((entry): Found[] => {
      const command = memberOf(entry.value, 'command')?.value;
      const line = command?.kind === 'scalar' ? parsed(command) : undefined;
      if (!isOurs(line)) return [];
      const shown = matcher?.kind === 'scalar' ? String(parsed(matcher)) : '';
      return [{ hook: { event, matcher: shown, command: String(line) }, group: each, entry }];
    });
  });
  return { text, root, hooks, groups, ours };
}

/**
 * Appends a child, in the indentation of the file. Into what is empty it goes without a line break, by which `cut`
 * tells that it was there before.
 */
function append(text: string, into: JsonNode, child: string): string {
  const newline = /\r\n|\n/.exec(text)?.[0] ?? '\n';
  const last = into.children.at(-1);
  const unit = indentUnit(text);
  const indent = last === undefined ? lineIndent(text, into.start) : lineIndent(text, last.start);
  const lines = child
    .split('\n')
    .map((line) => line.replace(/^(?: {2})+/, (spaces) => unit.repeat(spaces.length / 2)));
  const shown = lines.join(`${newline}${indent}`);
  if (last === undefined) return splice(text, into.start + 1, into.start + 1, shown);
  const isInline = !text.slice(into.start, last.start).includes('\n');
  return splice(
    text,
    last.value.end,
    last.value.end,
    isInline ? `, ${shown}` : `,${newline}${indent}${shown}`,
  );
}

/** Takes an entry out, and what contains only it, up to where something else is or was. */
function cut({ text, root, hooks, groups }: Settings, { group: its, entry }: Found): string {
  const entries = memberOf(its.value, 'hooks');
  // an entry in its group, the group in the list, the list in the events, the events in the settings
  const levels = [
    [entry, entries?.value],
    [its, groups?.value],
    [groups, hooks?.value],
    [hooks, root],
  ] as const;
  for (const [level, [child, holder]] of levels.entries()) {
    if (child === undefined || holder === undefined) break;
    const index = holder.children.indexOf(child);
    const [before, after] = [holder.children[index - 1], holder.children[index + 1]];
    if (before !== undefined) return splice(text, before.value.end, child.value.end, '');
    if (after !== undefined) return splice(text, child.start, after.start, '');
    const wasThere = level > 0 && child.start === holder.start + 1;
    if (wasThere) return splice(text, child.start, child.value.end, '');
  }
  const wasBlank = text.slice(root.start) === fresh.trimEnd();
  return splice(text, root.start, root.end, wasBlank ? '' : '{}');
}

const splice = (text: string, from: number, to: number, by: string): string =>
  text.slice(0, from) + by + text.slice(to);

const lineIndent = (text: string, at: number): string =>
  /(?:^|\n)([ \t]*)[^\n]*$/.exec(text.slice(0, at).replace(byteOrderMark, ''))?.[1] ?? '';

/** What one level is indented by: that of the first line that is. */
const indentUnit = (text: string): string => /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
