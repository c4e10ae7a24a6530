import type * as z from 'zod';
import { Config } from './config.ts';
import { type ConfigKey, configKeys } from './config-keys.ts';
import { type ConfigProblem, invalidConfigFile, type Place } from './config-problem.ts';
import { failures } from './failure.ts';
import { nearest } from './near.ts';
import { visibleText } from './plain-text.ts';

/** A parsed configuration file, before it is judged. */
export type ConfigDocument = {
  readonly source: 'repository' | 'user';
  readonly file: string;
  /** What the file holds; `null` or `undefined` when it holds nothing. */
  readonly data: unknown;
  /** Where a key or its value stands, or the innermost thing around it that exists. */
  readonly locate: (path: readonly PropertyKey[], part: 'key' | 'value') => Place;
};

/** A value that a layer gives to a key. */
export type Setting = { readonly key: ConfigKey; readonly value: unknown; readonly line: number };

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pick = (data: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (isFields(at) && Object.hasOwn(at, key) ? at[String(key)] : undefined),
    data,
  );

const formatVersion = 1;

/** The settings of a file. Throws `config_invalid` with all that is wrong in it, and `state_too_new`. */
export function readSettings({ file, data, locate }: ConfigDocument): Setting[] {
  const version = pick(data, ['version']);
  if (typeof version === 'number' && version > formatVersion) throw failures.stateTooNew(file, version);
  const fields = withoutEmptySections(data ?? {});
  const result = Config.safeParse(fields);
  if (!result.success) throw invalidConfigFile(file, problemsOf(result.error.issues, fields, locate));
  return configKeys
    .filter((key) => pick(fields, key.path) !== undefined)
    .map((key) => ({ key, value: pick(result.data, key.path), line: locate(key.path, 'key').line }));
}

/** A section with nothing under it holds no settings; YAML gives it as null. */
function withoutEmptySections(data: unknown): unknown {
  if (!isFields(data)) return data;
  const sections = new Set(configKeys.filter(({ path }) => path.length > 1).map(({ path }) => path[0]));
  return Object.fromEntries(
    Object.entries(data).filter(([name, value]) => !(value === null && sections.has(name))),
  );
}

function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  fields: unknown,
  locate: ConfigDocument['locate'],
): ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const name of issue.keys.slice(0, 20)) {
        const path = [...issue.path, name];
        problems.set(path.join('\0'), { ...locate(path, 'key'), ...unknownKey(path.join('.')) });
      }
    } else if (!problems.has(issue.path.join('\0'))) {
      const key = issue.path.join('.');
      const message = wrongValue(key === '' ? 'the file' : key, issue.message, pick(fields, issue.path));
      problems.set(issue.path.join('\0'), { ...locate(issue.path, 'value'), key: key || undefined, message });
    }
  }
  return [...problems.values()];
}

/** A sentence about a value that the schema refuses. */
export const wrongValue = (name: string, rule: string, value: unknown): string =>
  `${name} ${rule}; it is ${value === null ? 'empty' : shown(value)}`;

const shown = (value: unknown): string => {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return visibleText(text.length > 60 ? `${text.slice(0, 57)}...` : text);
};

/** The keys that may be meant by a name that is none: in its section, of that name elsewhere, spelled alike. */
export function nearKeys(name: string): string[] {
  const names = configKeys.map((key) => key.name);
  const dot = name.lastIndexOf('.') + 1;
  const section = name.slice(0, dot);
  const last = name.slice(dot);
  const sections = configKeys.map((key) => key.path[0] ?? key.name);
  const beside = section === '' ? sections : names.filter((known) => known.startsWith(section));
  const inSection = nearest(
    last,
    beside.map((known) => known.slice(dot)),
  ).map((known) => section + known);
  const elsewhere = names.filter((known) => known.endsWith(`.${last}`));
  const near = [...new Set([...inSection, ...elsewhere])];
  return (near.length > 0 ? near : nearest(name, names)).slice(0, 3);
}

function unknownKey(name: string): Pick<ConfigProblem, 'key' | 'message' | 'near'> {
  const dotted = configKeys.find((key) => key.name === name);
  if (dotted === undefined) return { key: name, message: `unknown key ${name}`, near: nearKeys(name) };
  const nested = dotted.path.join(': {').concat(': …', '}'.repeat(dotted.path.length - 1));
  return { key: name, message: `${name} is two keys, one inside the other: ${nested}` };
}
