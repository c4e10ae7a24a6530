import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { LoadedConfig } from '../domain/config.ts';
import type { ConfigDocument } from '../domain/config-document.ts';
import { type ConfigFlag, layerConfig } from '../domain/config-layers.ts';
import { invalidConfigFile } from '../domain/config-problem.ts';
import { failures } from '../domain/failure.ts';
import type { Repository } from '../domain/repository.ts';

/** The repository's file, at the top of a worktree. */
export const repositoryConfigName = '.wt.yaml';

/**
 * The user's own file, by the XDG base directory specification. A relative XDG_CONFIG_HOME or HOME does not count:
 * it would let the current directory pass for the user.
 */
export function userConfigFile(
  variables: Readonly<Record<string, string | undefined>>,
  home: string,
): string | undefined {
  const { XDG_CONFIG_HOME: base = '' } = variables;
  const folder = isAbsolute(base) ? base : join(home, '.config');
  return isAbsolute(folder) ? join(folder, 'wt', 'config.yaml') : undefined;
}

export type ConfigSources = {
  /** The main work tree's file counts, else that of the work tree one is in; `undefined` outside a repository. */
  readonly repository: Pick<Repository, 'main' | 'current'> | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly flags?: readonly ConfigFlag[];
};

/**
 * The configuration in effect. YAML is loaded only where there is a file to parse. Throws `config_invalid` with
 * file, line, column and key, and `state_too_new`.
 */
export async function loadConfig({
  repository,
  variables,
  home,
  flags = [],
}: ConfigSources): Promise<LoadedConfig> {
  const documents: ConfigDocument[] = [];
  for (const top of [repository?.main, repository?.current]) {
    if (top === undefined || documents.length > 0) continue;
    const shared = await readDocument('repository', join(top, repositoryConfigName));
    if (shared !== undefined) documents.push(shared);
  }
  const userFile = userConfigFile(variables, home);
  const own = userFile === undefined ? undefined : await readDocument('user', userFile);
  if (own !== undefined) documents.push(own);
  return layerConfig({ documents, variables, flags, home });
}

async function readDocument(
  source: ConfigDocument['source'],
  file: string,
): Promise<ConfigDocument | undefined> {
  const bytes = readFile(file);
  if (bytes === undefined) return undefined;
  const { parseConfig } = await import('./config-yaml.ts');
  return parseConfig(source, file, decode(file, bytes));
}

const mostBytes = 1_000_000;

/** The bytes of a regular file of at most 1 MB, or `undefined` when there is none. */
function readFile(file: string): Buffer | undefined {
  let descriptor: number;
  try {
    // Without O_NONBLOCK a named pipe would be waited for.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (!isAbsent(error)) throw unreadable(file, codeOf(error));
    if (isDangling(file)) throw unreadable(file, 'it is a symbolic link to nothing');
    return undefined;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile())
      throw unreadable(file, stats.isDirectory() ? 'it is a directory' : 'it is not a regular file');
    if (stats.size > mostBytes) throw unreadable(file, 'it is larger than 1 MB');
    return readFileSync(descriptor);
  } catch (error) {
    throw error instanceof Error && 'errno' in error ? unreadable(file, codeOf(error)) : error;
  } finally {
    closeSync(descriptor);
  }
}

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code);
const isAbsent = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

const isDangling = (file: string) => {
  try {
    return lstatSync(file).isSymbolicLink();
  } catch {
    return false;
  }
};

const unreadable = (file: string, why: string) =>
  failures.configInvalid(`${file} cannot be read: ${why}`, {
    file,
    line: null,
    column: null,
    key: null,
    near: [],
  });

/** The text without a byte order mark. */
function decode(file: string, bytes: Buffer): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  const broken = text.indexOf('\uFFFD');
  if (broken === -1 || isUtf8(bytes)) return text;
  const before = text.slice(0, broken).split('\n');
  throw invalidConfigFile(file, [
    { line: before.length, column: (before.at(-1) ?? '').length + 1, message: 'the file is not UTF-8' },
  ]);
}
