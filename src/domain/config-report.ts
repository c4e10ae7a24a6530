import type { ConfigAnswer, ConfigValue } from './answers/config.ts';
import { writtenBytes } from './bytes.ts';
import type { LoadedConfig } from './config.ts';
import { type ConfigKey, configKeys } from './config-keys.ts';
import { formatDuration } from './duration.ts';
import { visibleText } from './plain-text.ts';

/** Every key, or one, with its value and who set it. */
export function reportConfig(loaded: LoadedConfig, keys: readonly ConfigKey[] = configKeys): ConfigAnswer {
  const names = new Set(keys.map(({ name }) => name));
  const asWritten = new Map(configKeys.map((key) => [key.name, key]));
  return {
    values: keys.map((key) => reportKey(loaded, key)),
    untrusted: loaded.untrusted
      .filter(({ key }) => names.has(key))
      .map((ignored) => ({ ...ignored, value: written(asWritten.get(ignored.key), ignored.value) })),
    warnings: [...loaded.warnings],
    error: null,
  };
}

function reportKey({ config, origins }: LoadedConfig, key: ConfigKey): ConfigValue {
  const origin = origins.get(key.name) ?? { source: 'default' };
  return {
    key: key.name,
    value: written(
      key,
      key.path.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], config),
    ),
    origin: origin.source,
    file: 'file' in origin ? origin.file : null,
    line: 'line' in origin ? origin.line : null,
    variable: key.variable,
    description: key.description,
  };
}

const written = (key: ConfigKey | undefined, value: unknown): unknown => {
  if (typeof value !== 'number' || key?.unit === undefined) return value ?? null;
  return key.unit === 'ms' ? formatDuration(value) : writtenBytes(value);
};

/** The answer as lines for people; a single key comes with what it means and how to set it. */
export function renderConfig(
  { values, untrusted }: Pick<ConfigAnswer, 'values' | 'untrusted'>,
  home: string,
): string {
  const rows = values.map((value) => [value.key, valueText(value.value), originText(value, home)] as const);
  const width = (column: 0 | 1, most: number) =>
    Math.min(most, Math.max(0, ...rows.map((row) => row[column].length)));
  const [first, second] = [width(0, 40), width(1, 48)];
  const lines = rows.map(
    ([key, value, origin]) => `${key.padEnd(first)}  ${value.padEnd(second)}  ${origin}`,
  );
  const [only] = values;
  if (values.length === 1 && only !== undefined)
    lines.push('', `${only.description}.`, `Set by a file, or by ${only.variable}.`);
  if (untrusted.length > 0) lines.push('', 'Not in effect, because it comes with the repository:');
  for (const { key, value, file, line, what } of untrusted)
    lines.push(`  ${key}: ${valueText(value)}  (${what}, ${shorten(file, home)}:${line})`);
  return lines.join('\n');
}

const valueText = (value: unknown): string => {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value)) return value.map((part) => wordText(String(part))).join(' ');
  return typeof value === 'string' ? visibleText(value) : JSON.stringify(value);
};

const wordText = (word: string) =>
  visibleText(/[\s"]/.test(word) || word === '' ? JSON.stringify(word) : word);

const originText = ({ origin, file, line, variable }: ConfigValue, home: string) => {
  if (origin === 'environment') return variable;
  return file === null ? origin : `${shorten(file, home)}:${line}`;
};

const shorten = (file: string, home: string) =>
  home.length > 1 && file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
