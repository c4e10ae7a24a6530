import { failures } from './failure.ts';
import { projectNumber } from './project-id.ts';

/** Whom a prompt is for, as far as the name of a prompt file may say it. */
export type PromptSubject = {
  /** What a person calls it. */
  readonly name: string;
  readonly projectId: string | undefined;
  readonly branch: string | undefined;
};

const placeholders: Readonly<Record<string, (subject: PromptSubject) => string | undefined>> = {
  project_id: ({ projectId }) => projectId,
  project_id_lower: ({ projectId }) => projectId?.toLowerCase(),
  number: ({ projectId }) => (projectId === undefined ? undefined : projectNumber(projectId)?.toString()),
  branch: ({ branch }) => branch,
  branch_name: ({ branch }) => branch?.split('/').at(-1),
};

/** The placeholders of a prompt file's name, as a person writes them. */
export const promptPlaceholders = Object.keys(placeholders).map((name) => `{${name}}`);

/** Whether each worktree has a prompt file of its own. */
export const isPerWorktree = (file: string): boolean => /[{}]/.test(file);

/**
 * The prompt file of one worktree. Neither git nor the default pattern lets a branch or an id hold `..`, and what the
 * file's name leads to is only read. Throws `usage` for a placeholder that is none, or that has no value here.
 */
export function promptFileFor(file: string, subject: PromptSubject): string {
  const filled = file.replace(/\{([^{}]*)\}/g, (whole, key: string) => {
    const read = Object.hasOwn(placeholders, key) ? placeholders[key] : undefined;
    if (read === undefined) throw unknown(file, whole);
    const value = read(subject);
    if (value !== undefined) return value;
    const lack = key.startsWith('branch') ? 'branch' : 'project';
    throw failures.usage(
      `${subject.name} has no ${lack}, and the prompt file is ${file}`,
      `wt dispatch ${subject.name} --prompt-file <file>, with a file of its own`,
    );
  });
  const [stray] = file.replace(/\{[^{}]*\}/g, '').match(/[{}]/) ?? [];
  if (stray !== undefined) throw unknown(file, stray);
  return filled;
}

const unknown = (file: string, what: string) =>
  failures.usage(`${what} in ${file} is no placeholder`, `there are ${promptPlaceholders.join(', ')}`);
