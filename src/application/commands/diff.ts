import * as z from 'zod';
import { baseOf } from '../../domain/base.ts';
import { failures } from '../../domain/failure.ts';
import type { Sha } from '../../domain/sha.ts';
import { type Worktree, worktreeName } from '../../domain/worktree.ts';
import { stateSince } from '../checkpoint-selection.ts';
import { defineCommand, one } from '../command.ts';
import type { Hub, Ports } from '../ports.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';

const Input = z.object({
  worktree: z.string().optional(),
  stat: z.boolean().default(false),
  since: z.string().optional(),
  rest: z.array(z.string()),
});

/** Shows everything that a worktree would bring to its base, uncommitted and untracked files too. */
export const diff = defineCommand({
  name: 'diff',
  summary: 'Show what a worktree would bring to its base',
  description:
    'Against the commit where it left its base; uncommitted and untracked files count. On a terminal through your\n' +
    'pager, as git diff does. What follows -- goes to git diff; with --json it can be paths only.\n\n' +
    '  wt diff 6\n  wt diff 6 --stat\n  wt diff 6 --since dispatch-20260220-001\n  wt diff 6 --since dispatch-20260220-001/2\n  wt diff 6 -- --word-diff src/',
  args: [{ name: 'worktree', summary: 'which worktree; this one when left out' }],
  options: [
    { flags: '--stat', summary: 'files and counts of lines only' },
    { flags: '--since <dispatch>', summary: 'since this dispatch began, or since its checkpoint <id>/<n>' },
  ],
  rest: { name: 'git diff args', summary: 'options and paths of git diff' },
  input: Input,
  answer: async () => (await import('../../domain/answers/diff.ts')).DiffAnswer,
  async run(ports, { worktree: selector, stat, since, rest }) {
    const hub = await ports.hub();
    const worktree =
      selector === undefined
        ? await currentWorktree(hub, 'diff')
        : (await selectWorktrees(ports, hub, [selector]))[0];
    if (worktree === undefined) throw failures.worktreeNotFound(selector ?? '@', []);
    const { head } = worktree;
    if (head === undefined) throw failures.noCommits(worktree.path);
    if ((await hub.folders.kind(worktree.path)) === 'absent')
      throw failures.worktreeGone(worktreeName(worktree), worktree.path);
    const base =
      since === undefined
        ? await startOf(hub, worktree, head)
        : await stateSince(ports, hub, worktree, since);
    // Paths are the user's own: relative to where they are, when that is in the worktree.
    const cwd = hub.repository.current === worktree.path ? ports.environment.cwd() : worktree.path;
    return hub.git.withWorkTree(worktree, async (tree, env) => {
      if (ports.narrator.format !== 'people') {
        const paths = pathsOf(rest);
        return one({ base, head, files: [...(await hub.git.fileChanges({ base, tree, paths, cwd, env }))] });
      }
      await show(ports, ['git', 'diff', ...(stat ? ['--stat'] : []), base, tree, ...rest], cwd, env);
      return one({ base, head, files: [] });
    });
  },
  view: () => '',
});

/** Runs git diff on the user's terminal, where it starts the pager itself; elsewhere its output is passed on. */
async function show(
  { terminal, narrator }: Ports,
  command: readonly [string, ...string[]],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { stdout: isTerminal } = narrator.tty;
  const ended = isTerminal
    ? await terminal.inherit(command, { cwd, env })
    : await terminal.capture(command, { cwd, env });
  if ('stdout' in ended) await narrator.write(String(ended.stdout));
  // 1 is what --exit-code says of differences; a pager that is left early ends git by SIGPIPE
  if (ended.exitCode === 0 || ended.exitCode === 1 || ended.signal === 'SIGPIPE') return;
  const stderr = 'stderr' in ended ? String(ended.stderr).trim() : '';
  const [why = ''] = stderr.split('\n');
  throw failures.commandFailed('git diff', why || `ended with ${ended.signal ?? ended.exitCode}`, { stderr });
}

function pathsOf(rest: readonly string[]): readonly string[] {
  const [first, ...others] = rest;
  const paths = first === '--' ? others : rest;
  if (first !== '--' && paths.some((word) => word.startsWith('-'))) {
    throw failures.usage('with --json only paths may follow --', 'wt diff <worktree> --json -- <path>…');
  }
  return paths;
}

/** Where a worktree left its base: their merge base; the recorded commit where there is no base branch. */
async function startOf(hub: Hub, worktree: Worktree, head: Sha): Promise<Sha> {
  const base = baseOf(worktree, await hub.git.refs());
  if (base === undefined) {
    if (worktree.isMain) return head;
    if (worktree.facts !== undefined) return worktree.facts.base_sha;
    throw failures.noTarget(worktreeName(worktree));
  }
  const [divergence] = await hub.git.divergence([{ base: base.sha, tip: head }]);
  const candidates = divergence?.mergeBases ?? [];
  const pairs = candidates.flatMap((one) =>
    candidates.flatMap((other) => (one === other ? [] : { base: other, tip: one })),
  );
  const compared = await hub.git.divergence(pairs);
  const isBest = (commit: Sha) =>
    !pairs.some(({ tip }, index) => tip === commit && compared[index]?.ahead === 0);
  return candidates.find(isBest) ?? base.sha;
}
