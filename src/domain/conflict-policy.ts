import type { Conflict, ConflictKind } from './conflict.ts';
import { globMatcher } from './glob.ts';
import { quote } from './shell.ts';

/** What is to be done with a conflict: nothing but tell a person, keep all lines, or merge tables row by row. */
export type ConflictRule =
  | {
      readonly kind: 'escalate';
      /** Why a person has to look at it. */
      readonly why?: string;
      /** What makes the file anew instead of merging it: a command. */
      readonly remedy?: string;
    }
  | { readonly kind: 'union' }
  | { readonly kind: 'rows' };

/** The settings that decide. */
export type ConflictSettings = {
  /** Globs of the files whose lines of both sides are kept (`merge.union`). */
  readonly union: readonly string[];
  /** Globs of the files whose tables are merged row by row (`merge.rows`); the usual ones when left out. */
  readonly rows?: readonly string[];
  /** The configured file of the coordinator, which has the name ORCHESTRATION.yaml otherwise. */
  readonly orchestration?: string | undefined;
  /** `false` leaves every conflict to a person (`--no-auto`). */
  readonly auto: boolean;
};

/** What the project's rules say of each conflict. */
export type ConflictPolicy = (conflict: Pick<Conflict, 'path' | 'kind'>) => ConflictRule;

/** The append-only logs that are merged by union unless `merge.union` says otherwise. */
export const defaultUnion: readonly string[] = ['**/events.jsonl', '**/*.events.jsonl', '**/*.log'];

/** The registers and trackers that are merged row by row unless `merge.rows` says otherwise. */
export const defaultRows: readonly string[] = ['**/WORKTRACKER.md', 'projects/README.md'];

/** The commands that make a lock file anew from what it locks, by its name. */
const lockFiles: Readonly<Record<string, string>> = {
  'uv.lock': 'uv lock',
  'poetry.lock': 'poetry lock',
  'pdm.lock': 'pdm lock',
  'Pipfile.lock': 'pipenv lock',
  'pixi.lock': 'pixi lock',
  'package-lock.json': 'npm install --package-lock-only',
  'npm-shrinkwrap.json': 'npm install --package-lock-only',
  'yarn.lock': 'yarn install',
  'pnpm-lock.yaml': 'pnpm install --lockfile-only',
  'bun.lock': 'bun install --lockfile-only',
  'bun.lockb': 'bun install --lockfile-only',
  'deno.lock': 'deno install',
  'Cargo.lock': 'cargo update --workspace',
  'Gemfile.lock': 'bundle lock',
  'composer.lock': 'composer update --lock',
  'go.sum': 'go mod tidy',
  'mix.lock': 'mix deps.get',
  'pubspec.lock': 'dart pub get',
  'Podfile.lock': 'pod install',
  'Package.resolved': 'swift package resolve',
  'packages.lock.json': 'dotnet restore --force-evaluate',
  'gradle.lockfile': 'gradle dependencies --write-locks',
  'flake.lock': 'nix flake lock',
  '.terraform.lock.hcl': 'terraform providers lock',
};

/** Where the rules are that agents work by. */
const isRule = globMatcher(['**/.context/rules/**']);

const sourceCode =
  /\.(?:[cm]?[jt]sx?|py[iwx]?|ipynb|rs|go|c|h|cc|cpp|cxx|hh|hpp|hxx|m|mm|cs|fs|vb|java|kt|kts|scala|groovy|gradle|clj[cs]?|swift|dart|rb|php|pl|pm|lua|r|jl|hs|ml|mli|elm|erl|hrl|exs?|nim|zig|d|v|sv|vhdl?|asm|s|sh|bash|zsh|fish|ps1|bat|cmd|awk|sql|graphql|proto|vue|svelte|astro|html?|css|s[ac]ss|less|tf|nix|cmake)$/i;

const sourceNames = /^(?:Makefile|GNUmakefile|Dockerfile|Containerfile|Rakefile|Gemfile|Justfile|justfile)$/;

/**
 * The policy of settings: rules of the project, the coordinator's state, lock files and source code always come to a
 * person, whatever a glob says; then the globs of `rows` and those of `union`; the rest comes to a person too.
 */
export function conflictPolicy({
  union,
  rows = defaultRows,
  orchestration,
  auto,
}: ConflictSettings): ConflictPolicy {
  const [isUnion, isRows] = [globMatcher(union), globMatcher(rows)];
  return ({ path, kind }) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (isRule(path)) return escalate('the rules of the project are changed by people only');
    if (name === 'ORCHESTRATION.yaml' || name === 'ORCHESTRATION.yml' || path === orchestration)
      return escalate('only the coordinator writes it, so a conflict is a mistake of one of the sides');
    const remedy = Object.hasOwn(lockFiles, name) ? lockFiles[name] : undefined;
    if (remedy !== undefined)
      return { ...escalate('a lock file is made anew, not merged'), remedy: remedyIn(path, remedy) };
    if (sourceCode.test(name) || sourceNames.test(name))
      return escalate('source code is never resolved automatically');
    if (!isRows(path) && !isUnion(path)) return { kind: 'escalate' };
    if (!auto) return escalate('automatic resolution is off');
    if (isRows(path))
      return linesOnly.has(kind)
        ? { kind: 'rows' }
        : escalate('only what is in a table can be merged by rows');
    if (!linesOnly.has(kind)) return escalate('only lines that both sides added can be put together');
    return { kind: 'union' };
  };
}

/** The settings of a configuration that decide. */
export const conflictSettings = (
  {
    merge,
    orchestration,
  }: {
    readonly merge: { readonly union: readonly string[]; readonly rows: readonly string[] };
    readonly orchestration: { readonly file?: string | undefined };
  },
  auto: boolean,
): ConflictSettings => ({ union: merge.union, rows: merge.rows, orchestration: orchestration.file, auto });

const linesOnly: ReadonlySet<ConflictKind> = new Set(['content', 'add_add']);

const escalate = (why: string) => ({ kind: 'escalate' as const, why });

/** The command, run in the folder of the lock file. */
function remedyIn(path: string, command: string): string {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return folder === '' ? command : `(cd ${quote(folder)} && ${command})`;
}
