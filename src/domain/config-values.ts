import * as z from 'zod';
import { branchNameFault } from './branch-name.ts';
import { parseBytes } from './bytes.ts';
import { parseDuration } from './duration.ts';

const text = (error: string) => z.string({ error }).trim().min(1, { error });

const hasPlaceholdersOnly = (template: string, names: readonly string[]) =>
  !/[{}]/.test(names.reduce((rest, name) => rest.replaceAll(`{${name}}`, ''), template));

/** Source of the regular expression that a whole project id matches. */
export const ProjectPattern = text('must be a regular expression').refine(
  (source) => source.length <= 200 && source.startsWith('^') && source.endsWith('$') && compiles(source),
  { error: 'must be a regular expression of at most 200 characters that begins with ^ and ends with $' },
);

const compiles = (source: string) => {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
};

/** Template of the branch of a project: `{project_id}`, `{project_id_lower}`. */
export const BranchTemplate = text(
  'must be a branch name with {project_id} or {project_id_lower} in it',
).refine(
  (template) =>
    /\{project_id(?:_lower)?\}/.test(template) &&
    hasPlaceholdersOnly(template, ['project_id', 'project_id_lower']) &&
    branchNameFault(template.replaceAll(/\{\w+\}/g, 'proj-001-x')) === undefined,
  { error: 'must be a branch name with {project_id} or {project_id_lower} in it' },
);

const pathRule =
  "must begin with {parent}/, / or ~/ and hold {branch}; {parent} and {repo} are the repository's folder and name";

/** Template of a worktree's path: `{parent}`, `{repo}`, `{branch}`; never inside a `.git`. */
export const PathTemplate = text(pathRule).refine(
  (template) =>
    /^(?:\{parent\}\/|\/|~\/)/.test(template) &&
    template.includes('{branch}') &&
    hasPlaceholdersOnly(template, ['parent', 'repo', 'branch']) &&
    !template.includes('\0') &&
    !template.split('/').some((part) => part === '..' || part.toLowerCase() === '.git'),
  { error: `${pathRule}; no part may be .. or .git` },
);

const archiveRule =
  "must begin with {parent}/, / or ~/; {parent} and {repo} are the repository's folder and name";

/** Template of the folder that archives go to: `{parent}`, `{repo}`; never inside a `.git`. */
export const ArchiveTemplate = text(archiveRule).refine(
  (template) =>
    /^(?:\{parent\}\/|\/|~\/)/.test(template) &&
    hasPlaceholdersOnly(template, ['parent', 'repo']) &&
    !template.includes('\0') &&
    !template.split('/').some((part) => part === '..' || part.toLowerCase() === '.git'),
  { error: `${archiveRule}; no part may be .. or .git` },
);

// What shells, loaders, git, uv, node, claude and wt itself act on: a project id there would change what they do.
const taken =
  /^(?:(?:WT|GIT|LD|DYLD|NODE|NPM|UV|CLAUDE|ANTHROPIC)_.*|CLAUDECODE|PATH|HOME|PWD|SHELL|ENV|BASH_ENV|IFS|TMPDIR|EDITOR|VISUAL|PAGER)$/;

/** Name of an environment variable (POSIX), not one that other programs act on. */
export const VariableName = text('must be the name of a variable, such as JERRY_PROJECT')
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
    error: 'must be the name of a variable: letters, digits and _, such as JERRY_PROJECT',
  })
  .refine((name) => !taken.test(name), { error: 'must be a variable that no other program acts on' });

/** A revision to start from; git would read one that begins with `-` as an option. */
export const Revision = text('must be a branch or another revision').regex(/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u, {
  error: "must be a branch or another revision: no spaces, and not '-' in front",
});

/** A word that is passed on to claude as the value of an option, and so must not look like one. */
export const Word = text('must be one word').regex(/^[A-Za-z0-9][^\s\p{Cc}]*$/u, {
  error: 'must be one word that begins with a letter or a digit',
});

/** A file of the repository, named from its top. */
export const FileInTree = text('must be a path from the top of the repository').refine(
  (path) =>
    !path.startsWith('/') &&
    !path.includes('\0') &&
    !path.split('/').some((part) => part === '..' || part === '.git'),
  { error: 'must be a path from the top of the repository, without ..' },
);

const secondsRule = (least: string) =>
  `must be ${least} number of seconds such as 3600, or a duration such as 90m (at most 23 days)`;
// A timer of Node ends at 2^31 milliseconds, and fires at once beyond.
const mostSeconds = 23 * 86_400;

const seconds = (rule: string, fits: (value: number) => boolean) =>
  z.union([z.number(), z.string()], { error: rule }).transform((written, ctx) => {
    const value = typeof written === 'number' ? written : secondsOf(written);
    if (value !== undefined && fits(value) && value <= mostSeconds) return value;
    ctx.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });

const secondsOf = (written: string) => {
  if (/^\d+(?:\.\d+)?$/.test(written.trim())) return Number(written);
  const ms = parseDuration(written);
  return ms === undefined ? undefined : ms / 1000;
};

/** A time limit in seconds, written as a number or as `90m`. */
export const TimeLimit = seconds(secondsRule('a positive'), (value) => value > 0);

/** A pause in seconds, which may be none. */
export const Grace = seconds(secondsRule('a'), (value) => value >= 0);

const keepRule = 'must be a duration with its unit, such as 7d, 12h or 90m (at most 3650d)';

/** How long something is kept, in milliseconds; written with its unit, because a bare number would be a guess. */
export const KeepFor = z.string({ error: keepRule }).transform((written, ctx) => {
  const ms = parseDuration(written);
  if (ms !== undefined && ms > 0 && ms <= 3650 * 86_400_000) return ms;
  ctx.addIssue({ code: 'custom', message: keepRule });
  return z.NEVER;
});

const sizeRule = 'must be a size with its unit, such as 20GB or 500MB';

/** How much something may take, in bytes. */
export const ByteSize = z.string({ error: sizeRule }).transform((written, ctx) => {
  const bytes = parseBytes(written);
  if (bytes !== undefined && bytes > 0) return bytes;
  ctx.addIssue({ code: 'custom', message: sizeRule });
  return z.NEVER;
});

/** The rules for tools in claude's notation, `Read` or `Bash(git log:*)`; a text is split at commas and spaces. */
export const ToolList = z
  .union([z.string(), z.array(z.string())], { error: 'must be a list of tools, such as Read,Edit,Bash' })
  .transform((written, ctx): string[] => {
    const tools = (typeof written === 'string' ? splitTools(written) : written).map((tool) => tool.trim());
    for (const tool of tools) {
      if (/^[A-Za-z_][\w*-]*(?:\([^()\0]*\))?$/.test(tool)) continue;
      const message = "must be a list of tools, such as Read,Edit,'Bash(git log:*)'";
      ctx.addIssue({ code: 'custom', message });
    }
    return tools;
  });

const splitTools = (text: string) => text.match(/(?:\([^)]*\)|[^\s,(])+|\(/g) ?? [];

const globRule = 'must be a list of globs, such as projects/**/reports/**';

/** Globs as git's pathspecs have them; a text is split at commas and white space. */
export const GlobList = z
  .union([z.string(), z.array(z.string())], { error: globRule })
  .transform((written, ctx): string[] => {
    const globs = (typeof written === 'string' ? written.split(/[\s,]+/) : written).filter(
      (glob) => glob !== '',
    );
    if (globs.some((glob) => /^[:/]|\0|(?:^|\/)\.\.(?:\/|$)/.test(glob))) {
      ctx.addIssue({ code: 'custom', message: `${globRule}, from the top of the worktree` });
    }
    return globs;
  });

/** An executable with its arguments. */
export type Argv = readonly [string, ...string[]];

const programRule =
  'must be a command: its name on the PATH, an absolute path, or a list of it and its arguments, such as [code, --wait]';

/** A program to start without a shell: a text is the executable alone, a list has its arguments too. */
export const Program = z
  .union([z.string(), z.array(z.string())], { error: programRule })
  .transform((written, ctx): Argv => {
    const [program = '', ...args] = typeof written === 'string' ? [written.trim()] : written;
    const found =
      /^(?:~?\/|[^-/~][^/]*$)/.test(program) &&
      ![program, ...args].some((part) => part.includes('\0')) &&
      !(typeof written === 'string' && /\s-/.test(written));
    if (!found) ctx.addIssue({ code: 'custom', message: programRule });
    return [program, ...args];
  });

const commandsRule = 'must be a list of shell commands, such as [npm ci, npm test]';

/** Commands that a shell runs one after the other; a text is one of them, as it is. */
export const CommandList = z
  .union([z.string(), z.array(z.string())], { error: commandsRule })
  .transform((written, ctx): string[] => {
    const commands = (typeof written === 'string' ? [written] : written).map((command) => command.trim());
    if (commands.some((command) => command === '' || command.includes('\0')))
      ctx.addIssue({ code: 'custom', message: commandsRule });
    return commands;
  });

/** A command that a shell runs. */
export const ShellCommand = text('must be a shell command').refine((command) => !command.includes('\0'), {
  error: 'must be a shell command',
});
