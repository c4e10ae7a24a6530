import { type Failure, failures, isFailure } from '../domain/failure.ts';
import { isPerWorktree, type PromptSubject, promptFileFor } from '../domain/prompt-file.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import type { Ports } from './ports.ts';

export type PromptSource = { readonly prompt?: string | undefined; readonly promptFile?: string | undefined };

/**
 * The prompts of the subjects, in their order: from the flag, the file or the files, a piped stdin, or on a terminal
 * the editor, the first that is given. All files are read and checked, so that none is found missing later. Throws
 * `file_not_found`, and `prompt_required` when there is none or it is empty.
 */
export async function readPrompts(
  ports: Ports,
  source: PromptSource,
  subjects: readonly PromptSubject[],
): Promise<readonly string[]> {
  const given = await givenPrompts(ports, source, subjects);
  if (given !== undefined) return given;
  const { VISUAL, EDITOR } = ports.environment.variables;
  const { tty } = ports.narrator;
  if (!tty.stdin || !tty.stderr) throw failures.promptRequired();
  const { config } = await ports.config();
  const editor = config.tools.editor?.map(quoted).join(' ') ?? [VISUAL, EDITOR, 'vi'].find(isGiven) ?? 'vi';
  const edited = await ports.terminal.edit('', editor);
  return subjects.map(() => notEmpty(edited));
}

/** As `readPrompts`, without the editor: `undefined` when nothing was given and stdin is neither file nor pipe. */
export async function givenPrompts(
  ports: Ports,
  { prompt, promptFile }: PromptSource,
  subjects: readonly PromptSubject[],
): Promise<readonly string[] | undefined> {
  if (prompt !== undefined && promptFile !== undefined) {
    throw failures.usage('--prompt and --prompt-file exclude each other', 'wt dispatch <worktree> -p <text>');
  }
  if (promptFile !== undefined && promptFile !== '-') {
    return readFiles(
      ports,
      isPerWorktree(promptFile)
        ? subjects.map((subject) => promptFileFor(promptFile, subject))
        : subjects.map(() => promptFile),
    );
  }
  const text = prompt ?? (await ports.terminal.readStdin());
  if (text === undefined && promptFile === undefined) return undefined;
  notEmpty(text);
  return subjects.map(() => notEmpty(text));
}

/** A worktree that is there, for the name of its prompt file. */
export const promptSubject = (worktree: Worktree): PromptSubject => ({
  name: worktreeName(worktree),
  projectId: worktree.facts?.project_id ?? undefined,
  branch: worktree.branch,
});

const notEmpty = (text: string | undefined): string => {
  if (text === undefined || text.trim() === '') throw failures.promptRequired();
  return text;
};

/** The texts of files, each read once (it may be a pipe); what is missing is named all at once. */
async function readFiles(ports: Ports, files: readonly string[]): Promise<readonly string[]> {
  const texts = new Map<string, string>();
  const missing: string[] = [];
  let other: Failure | undefined;
  for (const file of new Set(files)) {
    const path = fromHere(ports, file);
    try {
      const text = await ports.terminal.readFile(path);
      texts.set(file, text);
      if (text.trim() === '') other ??= failures.promptRequired(path);
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (error.code === 'file_not_found') missing.push(path);
      else other ??= error;
    }
  }
  const [first, ...others] = missing;
  if (first !== undefined) throw failures.fileNotFound(first, ...others);
  if (other !== undefined) throw other;
  return files.map((file) => texts.get(file) ?? '');
}

const isGiven = (text: string | undefined): text is string => text !== undefined && text.trim() !== '';

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** A path from the command line: relative to the directory of `-C`, or the current one. */
export const fromHere = ({ environment }: Pick<Ports, 'environment'>, path: string): string =>
  path.startsWith('/') ? path : `${environment.cwd()}/${path}`;
