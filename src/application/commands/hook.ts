import * as z from 'zod';
import { warningMode } from '../../domain/collision-warning.ts';
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
import { judgeCollisions } from '../collision-warning.ts';
import { defineCommand, one } from '../command.ts';
import type { Ports } from '../ports.ts';
import { fromHere } from '../prompt.ts';

const Input = z.object({
  event: z.literal('pre-tool-use', { error: 'must be pre-tool-use' }),
  worktree: z.string().optional(),
  allowOutside: z.array(z.string()).default([]),
  denyPush: z.boolean().default(false),
  warning: z.boolean().default(true),
  warn: z.boolean().default(false),
  strict: z.boolean().default(false),
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
    'Of a file inside that another worktree changes too, committed and not landed or not committed yet, a person is\n' +
    'asked first. Without a person (claude -p, a dispatch) the agent is told and goes on; with --strict it is denied.\n' +
    'It is told once in a session, until the other worktree changes the file again. Nothing is said of other files,\n' +
    'and what cannot be found out holds up nobody.\n\n' +
    'wt dispatch gives the hook to every agent (dispatch.conflict_warning: off, warn or strict). For sessions of your\n' +
    'own, wt init --claude-hooks puts it into .claude/settings.local.json, where flags may be added:\n\n' +
    '  {"hooks": {"PreToolUse": [{"matcher": "Write|Edit|MultiEdit|NotebookEdit",\n' +
    '    "hooks": [{"type": "command", "command": "wt hook pre-tool-use", "timeout": 60}]}]}}',
  hidden: true,
  args: [{ name: 'event', summary: 'pre-tool-use', required: true }],
  options: [
    { flags: '--worktree <dir>', summary: "the worktree (that of claude's project directory)" },
    { flags: '--allow-outside <dir>', summary: 'let it write there too', repeatable: true },
    { flags: '--deny-push', summary: 'deny Bash commands that push' },
    { flags: '--warn', summary: 'only tell the agent of a file that another worktree changes too' },
    { flags: '--strict', summary: 'deny to edit it' },
    { flags: '--no-warning', summary: 'say nothing of other worktrees' },
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
  const destination = await destinationOf(ports, file, call.cwd, ground);
  const denied = [...pushing, ...judgeWrite(destination, ground)];
  const { path, checkout } = destination;
  if (denied.length > 0 || path === undefined || checkout === undefined) return denied;
  const mode = warningMode(input, ports.environment.variables);
  return judgeCollisions(ports, mode, { checkout: checkout.path, file: path, session: call.session_id });
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
