import { join } from 'node:path';
import { wt } from './bin.ts';
import { makeRepo } from './repo.ts';

type Output = {
  readonly permissionDecision?: string;
  readonly permissionDecisionReason?: string;
  readonly additionalContext?: string;
};

/** Two worktrees, and `wt hook pre-tool-use` asked about a call of a tool in the first. */
export function hookScene() {
  const repo = makeRepo();
  const own = join(repo.root, "jerry-wt/it's mine");
  const other = join(repo.root, 'jerry-wt/other');
  for (const [branch, path] of Object.entries({ own, other }))
    repo.git('worktree', 'add', '-q', '-b', branch, path);
  const judge = async (
    call: object | string,
    flags: readonly string[] = ['--worktree', own],
    { cwd = '/', env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ) => {
    const input =
      typeof call === 'string' ? call : JSON.stringify({ hook_event_name: 'PreToolUse', cwd: own, ...call });
    const ran = await wt(cwd, { ...repo.env, ...env }, ['hook', 'pre-tool-use', ...flags], { input });
    const output = ran.stdout === '' ? {} : (ran.json() as { hookSpecificOutput: Output }).hookSpecificOutput;
    const { permissionDecision, permissionDecisionReason: reason = '', additionalContext } = output;
    return {
      code: ran.code,
      stderr: ran.stderr,
      reason,
      ...(permissionDecision === undefined ? {} : { decision: permissionDecision }),
      ...(additionalContext === undefined ? {} : { note: additionalContext }),
    };
  };
  const write = (file_path: string) => ({ tool_name: 'Write', tool_input: { file_path, content: 'x' } });
  return { repo, own, other, judge, write };
}

/** How the hook lets a call go on. */
export const silent = { code: 0, stderr: '', reason: '' };
