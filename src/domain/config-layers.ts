import type { Config, LoadedConfig, Origin, Untrusted } from './config.ts';
import { type ConfigDocument, nearKeys, readSettings, wrongValue } from './config-document.ts';
import { type ConfigKey, configKeys } from './config-keys.ts';
import { failures } from './failure.ts';

/** A setting from the command line. */
export type ConfigFlag = { readonly key: string; readonly value: unknown; readonly flag: string };

export type ConfigLayers = {
  /** The files that exist, the repository's before the user's: later wins. */
  readonly documents: readonly ConfigDocument[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly flags?: readonly ConfigFlag[];
  readonly home: string;
};

type Effective = { readonly value: unknown; readonly origin: Origin };

/**
 * Lays files, `WT_*` variables and flags over the defaults, key by key; later wins. What needs trust has no effect
 * from the repository's file. Throws `config_invalid`, `state_too_new`, and `usage` for a flag.
 */
export function layerConfig(layers: ConfigLayers): LoadedConfig {
  const effective = new Map<string, Effective>();
  const untrusted: Untrusted[] = [];
  for (const document of layers.documents) {
    const { source, file } = document;
    for (const { key, value, line } of readSettings(document)) {
      if (source === 'repository' && key.trust?.needed(value) === true)
        untrusted.push({ key: key.name, value, file, line, what: key.trust.what });
      else effective.set(key.name, { value, origin: { source, file, line } });
    }
  }
  for (const key of configKeys) {
    const text = layers.variables[key.variable];
    if (text === undefined || text === '') continue;
    const origin: Origin = { source: 'environment', variable: key.variable };
    effective.set(key.name, { value: valueOfVariable(key, text), origin });
  }
  for (const flag of layers.flags ?? []) {
    const origin: Origin = { source: 'flag', flag: flag.flag };
    effective.set(flag.key, { value: valueOfFlag(flag), origin });
  }
  return {
    config: assemble(effective, layers.home),
    origins: new Map(
      configKeys.map(({ name }) => [name, effective.get(name)?.origin ?? { source: 'default' }]),
    ),
    untrusted,
    warnings: untrusted.map((ignored) => ({ code: 'untrusted', message: ignoredBecause(ignored) })),
  };
}

const ignoredBecause = ({ key, file, line, what }: Untrusted) =>
  `${file}:${line}: ${key} has no effect: ${what} is taken from your own configuration only`;

/** The parsed values, each key's own default where there is none; `~/` in front of paths and programs resolved. */
function assemble(effective: ReadonlyMap<string, Effective>, home: string): Config {
  const config: Record<string, unknown> = {};
  for (const key of configKeys) {
    const set = effective.get(key.name);
    const given = set === undefined ? key.schema.parse(undefined) : set.value;
    const value = key.home === true ? atHome(given, home) : given;
    const [first = '', second] = key.path;
    if (second !== undefined) config[first] = { ...(config[first] as object), ...defined(second, value) };
    else Object.assign(config, defined(first, value));
  }
  return config as Config;
}

const defined = (key: string, value: unknown) => (value === undefined ? {} : { [key]: value });

const atHome = (value: unknown, home: string): unknown => {
  if (Array.isArray(value)) return value.map((part, at) => (at === 0 ? atHome(part, home) : part));
  return typeof value === 'string' && value.startsWith('~/') && home.startsWith('/')
    ? home.replace(/\/*$/, '') + value.slice(1)
    : value;
};

function valueOfVariable(key: ConfigKey, text: string): unknown {
  const result = key.schema.safeParse(readText(key, text.trim()));
  if (result.success) return result.data;
  const rule = result.error.issues[0]?.message ?? 'is not valid';
  throw failures.configInvalid(
    wrongValue(key.variable, rule, text),
    { variable: key.variable, key: key.name, file: null, line: null, column: null, near: [] },
    `unset ${key.variable}, or correct it`,
  );
}

const switches: ReadonlyMap<string, boolean> = new Map([
  ...['1', 'true', 'yes', 'on'].map((word) => [word, true] as const),
  ...['0', 'false', 'no', 'off'].map((word) => [word, false] as const),
]);

/** The value that a variable's text stands for, as a file would have it; text that stands for none is left to the schema to refuse. */
function readText(key: ConfigKey, text: string): unknown {
  if (key.text === 'boolean') return switches.get(text.toLowerCase()) ?? text;
  if (key.text === 'number') return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  if (key.text === 'list' && text.startsWith('[')) {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }
  return text;
}

function valueOfFlag({ key, value, flag }: ConfigFlag): unknown {
  const known = findKey(key);
  const result = known.schema.safeParse(value);
  if (result.success) return result.data;
  throw failures.usage(wrongValue(flag, result.error.issues[0]?.message ?? 'is not valid', value));
}

/** The setting of this full name; throws `usage` with those it may have meant. */
export function findKey(name: string): ConfigKey {
  const key = configKeys.find((known) => known.name === name);
  if (key !== undefined) return key;
  const near = nearKeys(name).filter((known) => configKeys.some((other) => other.name === known));
  throw failures.usage(
    `unknown configuration key '${name}'`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'wt config shows every key',
  );
}
