import type * as z from 'zod';
import type { FailureKind } from '../domain/failure.ts';
import type { ErrorBody } from '../domain/warning.ts';
import type { Ports } from './ports.ts';

/** What an element of an answer means for the exit code; a `FailureKind`, or one of the results. */
export type Verdict = 'ok' | 'conflict' | FailureKind;

export type ArgumentSpec = {
  /** As in the usage line: `worktree`, `id-or-branch`. */
  readonly name: string;
  readonly summary: string;
  readonly required?: boolean;
  readonly variadic?: boolean;
};

export type OptionSpec = {
  /** commander's notation: `-b, --branch <name>`, `--no-provision`, `--gate <command>`. */
  readonly flags: string;
  readonly summary: string;
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
};

/** An answer: the elements in order, and whether JSON shows them as an array. */
export type Answer<T> = {
  readonly items: readonly T[];
  readonly array: boolean;
  /** Everything was written as it came: there is no document to come. */
  readonly streamed?: boolean;
};

export const one = <T>(item: T): Answer<T> => ({ items: [item], array: false });
export const streamed: Answer<never> = { items: [], array: true, streamed: true };
export const many = <T>(items: readonly T[]): Answer<T> => ({ items, array: true });

export type ViewOptions = {
  readonly color: boolean;
  readonly columns: number;
  readonly cwd: string;
  readonly home: string;
};

/** A command as data. `run` gathers, decides by calling the domain, and applies; it never prints. */
export type Command<Input = unknown, Item = unknown> = {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Paragraphs and examples under the usage line of `--help`. */
  readonly description?: string;
  readonly args: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** Takes words after `--` as `rest`. */
  readonly rest?: { readonly name: string; readonly summary: string };
  /** Hidden from `--help`. */
  readonly hidden?: boolean;
  /** Parses `{...arguments, ...options, rest}`, keys in camelCase. */
  readonly input: z.ZodType<Input>;
  /**
   * Loads the schema of one element of the JSON answer, which no run of the command needs; `undefined` for a command
   * that has no JSON.
   */
  readonly answer: (() => Promise<z.ZodType<Item>>) | undefined;
  readonly run: (ports: Ports, input: Input) => Promise<Answer<Item>>;
  /** What the elements mean, apart from their `error`; `ok` when it is left out. */
  readonly verdict?: (item: Item, input: Input) => Verdict;
  /** An exit code that overrides the rest, for a command that passes on a child's. */
  readonly exitCode?: (items: readonly Item[]) => number | undefined;
  /** Whether an element's error is told on stderr too; those of every element when it is left out. */
  readonly isErrorTold?: (item: Item) => boolean;
  /** The answer as text for people; a trailing newline is added. */
  readonly view: (items: readonly Item[], options: ViewOptions, input: Input) => string;
};

/** Keeps the types of a command's input and answer together. */
export const defineCommand = <Input, Item>(command: Command<Input, Item>): Command<Input, Item> => command;

/** The `error` an element carries, when it has one. */
export const elementError = (item: unknown): ErrorBody | undefined => {
  if (typeof item !== 'object' || item === null || !('error' in item)) return undefined;
  const { error } = item as { error: ErrorBody | null };
  return typeof error?.code === 'string' ? error : undefined; // the map of `schema` has an `error` of its own
};
