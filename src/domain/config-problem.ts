import { type Failure, failures } from './failure.ts';

/** Where in a file something stands; lines and columns begin at 1. */
export type Place = { readonly line: number; readonly column: number };

/** One thing that is wrong in a configuration file. */
export type ConfigProblem = Place & {
  /** The full name of the key, where one can be told. */
  readonly key?: string | undefined;
  /** A sentence without its file and place. */
  readonly message: string;
  /** Keys that may have been meant. */
  readonly near?: readonly string[];
};

/** `config_invalid` with everything that is wrong in a file; the details are those of the first problem. */
export function invalidConfigFile(file: string, problems: readonly ConfigProblem[]): Failure {
  const inOrder = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  const [first] = inOrder;
  const near = first?.near ?? [];
  return failures.configInvalid(
    inOrder.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    {
      file,
      line: first?.line ?? null,
      column: first?.column ?? null,
      key: first?.key ?? null,
      near,
      problems: inOrder.map(({ line, column, key, message, near }) => ({
        line,
        column,
        key: key ?? null,
        message,
        near: near ?? [],
      })),
    },
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `correct ${file}, then run the command again`,
  );
}
