import { failures } from '../domain/failure.ts';
import type { Ports } from './ports.ts';

export type PromptSource = { readonly prompt?: string | undefined; readonly promptFile?: string | undefined };

/**
 * The prompt, from the flag, the file, a piped stdin, or on a terminal the editor: the first that is given.
 * Throws `prompt_required` when there is none or it is empty.
 */
export async function readPrompt(ports: Ports, { prompt, promptFile }: PromptSource): Promise<string> {
  if (prompt !== undefined && promptFile !== undefined) {
    throw failures.usage('--prompt and --prompt-file exclude each other', 'wt dispatch <worktree> -p <text>');
  }
  const text = prompt ?? (await promptText(ports, promptFile));
  if (text === undefined || text.trim() === '') throw failures.promptRequired();
  return text;
}

async function promptText(ports: Ports, file: string | undefined): Promise<string | undefined> {
  const { terminal, narrator } = ports;
  if (file !== undefined && file !== '-') return terminal.readFile(fromHere(ports, file));
  const piped = await terminal.readStdin();
  if (piped !== undefined || file === '-') return piped;
  if (!narrator.tty.stdin || !narrator.tty.stderr) return undefined;
  const { config } = await ports.config();
  const { VISUAL, EDITOR } = ports.environment.variables;
  const editor = config.tools.editor?.map(quoted).join(' ') ?? [VISUAL, EDITOR, 'vi'].find(isGiven) ?? 'vi';
  return terminal.edit('', editor);
}

const isGiven = (text: string | undefined): text is string => text !== undefined && text.trim() !== '';

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** A path from the command line: relative to the directory of `-C`, or the current one. */
export const fromHere = ({ environment }: Pick<Ports, 'environment'>, path: string): string =>
  path.startsWith('/') ? path : `${environment.cwd()}/${path}`;
