import * as z from 'zod';
import { isPush } from './push-command.ts';
import { quote } from './shell.ts';

const text = z.string().optional().catch(undefined);

/**
 * What claude tells a PreToolUse hook on stdin, as far as it is used. The paths come absolute, with `~`, `..` and
 * spaces around them resolved as text (2.1.197); links are left as they are.
 */
export const ToolCall = z.object({
  tool_name: z.string(),
  tool_input: z.object({ file_path: text, notebook_path: text, command: text }).catch({}),
  cwd: text,
  session_id: text,
});
export type ToolCall = z.infer<typeof ToolCall>;

/** The tools that write to a file named in their input. */
export const writingTools = ['Write', 'Edit', 'MultiEdit', 'NotebookEdit'] as const;

/** The file that a call is going to write; `undefined` for a call that names none. */
export const fileOf = ({ tool_name, tool_input }: ToolCall): string | undefined =>
  writingTools.some((name) => name === tool_name)
    ? (tool_input.file_path ?? tool_input.notebook_path)
    : undefined;

/**
 * What is to be said of a tool call: it is denied, a person is asked, or the agent is told and goes on. Several may be;
 * a call of which nothing is said goes on to claude's own rules.
 */
export type Judgement = { readonly verdict: 'deny' | 'ask' | 'note'; readonly reason: string };

/** A checkout of a repository, for people. */
export type Checkout = {
  readonly path: string;
  readonly branch: string | undefined;
  readonly isMain: boolean;
};

/** Where a file really is: all paths real, links followed. */
export type Destination = {
  /** As the call names it. */
  readonly named: string;
  /** `undefined` where it cannot be told. */
  readonly path: string | undefined;
  /** The checkout of the same repository that it is in, the innermost. */
  readonly checkout: Checkout | undefined;
};

/** Where an agent may write: real paths. */
export type Ground = {
  readonly worktree: string;
  /** What the person allowed besides. */
  readonly allowed: readonly string[];
  /** Where claude itself keeps plans and memories, in its headless mode too (2.1.197). */
  readonly claude: string;
};

/** Whether a path is the folder or in it; both absolute and without `..`. */
export const isWithin = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

/** Judges where a call writes. git's own files are nobody's to write, also those of the worktree. */
export function judgeWrite({ named, path, checkout }: Destination, ground: Ground): Judgement[] {
  const { worktree, allowed, claude } = ground;
  const shown = quote(named);
  if (path === undefined) return [deny(`where ${shown} leads cannot be told`, worktree)];
  const open = allowed.find((folder) => isWithin(folder, path));
  const top = isWithin(worktree, path) ? worktree : (open ?? '');
  if (isGitFile(path.slice(top.length))) {
    return [deny(`${shown} is a file of git itself: use git commands for what is in there`, worktree)];
  }
  const isOwn = isWithin(worktree, path) && (checkout === undefined || checkout.path === worktree);
  if (isOwn || open !== undefined || isClaudesOwn(claude, path)) return [];
  const leads = path === named ? '' : ` leads to ${quote(path)}, which`;
  const flag = quote(path.slice(0, path.lastIndexOf('/')) || '/');
  const way = `The person who started this session can allow it with --allow-outside ${flag}.`;
  if (checkout === undefined) return [deny(`${shown}${leads} is outside of your worktree`, worktree, way)];
  const whose = checkout.isMain
    ? 'the main checkout'
    : `the worktree of ${checkout.branch ?? 'someone else'}`;
  const same = quote(`${worktree}${path.slice(checkout.path.length)}`);
  const instead = `The same file of your worktree is ${same}. ${way}`;
  return [deny(`${shown}${leads} is in ${whose}, ${quote(checkout.path)}, not in yours`, worktree, instead)];
}

const deny = (what: string, worktree: string, ...more: readonly string[]): Judgement => ({
  verdict: 'deny',
  reason: [`wt: ${what}. Write below ${quote(worktree)} only.`, ...more].join(' '),
});

/** Judges what a call runs. */
export const judgeCommand = (command: string): Judgement[] =>
  isPush(command)
    ? [
        {
          verdict: 'deny',
          reason:
            'wt: pushing is not allowed here; commit, and say in your answer what is to be pushed. The person who started this session can allow it with --allow-push.',
        },
      ]
    : [];

const isGitFile = (path: string): boolean => path.split('/').some((name) => name.toLowerCase() === '.git');

const isClaudesOwn = (home: string, path: string): boolean =>
  isWithin(`${home}/plans`, path) || /^projects\/[^/]+\/memory\/./.test(path.slice(home.length + 1));

/** What the hook prints: the strongest verdict with all its reasons, or nothing, which never allows what would be asked. */
export function hookOutput(judgements: readonly Judgement[]): string {
  const verdict = (['deny', 'ask', 'note'] as const).find((each) =>
    judgements.some((judgement) => judgement.verdict === each),
  );
  if (verdict === undefined) return '';
  const reasons = judgements.flatMap((each) => (each.verdict === verdict ? each.reason : [])).join('\n');
  return JSON.stringify({
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      ...(verdict === 'note'
        ? { additionalContext: reasons }
        : { permissionDecision: verdict, permissionDecisionReason: reasons }),
    },
  });
}
