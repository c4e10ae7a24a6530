import * as z from 'zod';
import {
  type Destination,
  fileOf,
  type Ground,
  hookOutput,
  type Judgement,
  judgeCommand,
  judgeWrite,
  ToolCall,
} from '../../domain/tool-guard.ts';
import { defineCommand, one } from '../command.ts';
import type { Ports } from '../ports.ts';
import { fromHere } from '../prompt.ts';

const Input = z.object({
  event: z.literal('pre-tool-use', { error: 'must be pre-tool-use' }),
  worktree: z.string().optional(),
  allowOutside: z.array(z.string()).default([]),
  denyPush: z.boolean().default(false),
});
type Input = z.infer<typeof Input>;

/**
 * A hook of claude: denies what an agent is not to do, and is silent otherwise, so that claude's own rules go on to
 * apply. What it cannot read it does not hold up; it says so on stderr.
 */
export const hook = defineCommand({
  name: 'hook',
  summary: "Guard a worktree as claude's PreToolUse hook",
  description:
    'Reads what claude tells its hooks on stdin and denies Write, Edit and NotebookEdit outside of the worktree.\n' +
    'wt dispatch gives it to every agent. For sessions of your own, in .claude/settings.json:\n\n' +
    '  {"hooks": {"PreToolUse": [{"matcher": "Write|Edit|MultiEdit|NotebookEdit",\n' +
    '    "hooks": [{"type": "command", "command": "wt hook pre-tool-use", "timeout": 60}]}]}}',
  hidden: true,
  args: [{ name: 'event', summary: 'pre-tool-use', required: true }],
  options: [
    { flags: '--worktree <dir>', summary: "the worktree (that of claude's project directory)" },
    { flags: '--allow-outside <dir>', summary: 'let it write there too', repeatable: true },
    { flags: '--deny-push', summary: 'deny Bash commands that push' },
  ],
  input: Input,
  answer: undefined,
  async run(ports, input) {
    const call = await readCall(ports);
    return one(call === undefined ? [] : await judge(ports, input, call));
  },
  view: (items) => hookOutput(items.flat()),
});

/** The call that claude is about to make; `undefined`, and a note, where stdin does not hold one. */
async function readCall({ terminal, narrator }: Ports): Promise<ToolCall | undefined> {
  const text = await terminal.readStdin();
  try {
    return ToolCall.parse(JSON.parse(text ?? ''));
  } catch {
    narrator.warn('stdin does not hold what claude tells a PreToolUse hook, so nothing was judged');
    return undefined;
  }
}

async function judge(ports: Ports, input: Input, call: ToolCall): Promise<readonly Judgement[]> {
  const { command } = call.tool_input;
  const pushing =
    input.denyPush && call.tool_name === 'Bash' && command !== undefined ? judgeCommand(command) : [];
  const file = fileOf(call);
  if (file === undefined) return pushing;
  const ground = await groundOf(ports, input);
  if (ground === undefined) {
    ports.narrator.warn('this is not inside a git worktree, so nothing was judged');
    return pushing;
  }
  return [...pushing, ...judgeWrite(await destinationOf(ports, file, call.cwd, ground), ground)];
}

async function groundOf(ports: Ports, { worktree, allowOutside }: Input): Promise<Ground | undefined> {
  const { territory, environment } = ports;
  const { CLAUDE_PROJECT_DIR: project, CLAUDE_CONFIG_DIR: configured } = environment.variables;
  const real = async (path: string) => {
    const whole = fromHere(ports, path);
    return (await territory.leadsTo(whole, '/')) ?? whole;
  };
  // Not claude's current directory: an agent may have changed that to another worktree.
  const start = await real(
    worktree ?? (project === undefined || project === '' ? environment.cwd() : project),
  );
  const top = worktree === undefined ? (await territory.checkoutOf(start))?.path : start;
  if (top === undefined) return undefined;
  const home = configured === undefined || configured === '' ? `${environment.home}/.claude` : configured;
  return { worktree: top, allowed: await Promise.all(allowOutside.map(real)), claude: await real(home) };
}

async function destinationOf(
  { territory }: Ports,
  named: string,
  cwd: string | undefined,
  { worktree }: Ground,
): Promise<Destination> {
  const path = await territory.leadsTo(named, cwd ?? worktree);
  const own = await territory.checkoutOf(worktree);
  const its = path === undefined ? undefined : await territory.checkoutOf(path);
  const isOurs = own !== undefined && its !== undefined && own.commonDir === its.commonDir;
  return { named, path, checkout: isOurs ? its : undefined };
}
