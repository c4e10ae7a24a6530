import { type Failure, failures } from './failure.ts';
import { visibleText } from './plain-text.ts';

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

// Beyond these a file is not a configuration with mistakes in it.
const most = 20;

const sentence = ({ message, near = [] }: ConfigProblem) =>
  visibleText(message) + (near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '');

/** `config_invalid` with what is wrong in a file, in its order; the details are those of the first problem. */
export function invalidConfigFile(file: string, problems: readonly ConfigProblem[]): Failure {
  const details = [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, most)
    .map((problem) => ({
      line: problem.line,
      column: problem.column,
      key: problem.key ?? null,
      message: sentence(problem),
      near: problem.near ?? [],
    }));
  const lines = details.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const [first = { line: null, column: null, key: null, near: [] }] = details;
  const { line, column, key, near } = first;
  return failures.configInvalid(
    lines.join('\n'),
    { file, line, column, key, near, problems: details },
    `correct ${file}, then run the command again`,
  );
}
