import * as z from 'zod';
import type { DispatchAnswer } from '../../domain/answers/dispatch.ts';
import { type Failure, failures, isFailure } from '../../domain/failure.ts';
import { type Worktree, worktreeName } from '../../domain/worktree.ts';
import { barrierFlag, bindingFlags } from '../binding.ts';
import { defineCommand, many, one } from '../command.ts';
import { positive, promptFileHelp, RunInput, refuseIdleOptions, runOptions } from '../dispatch-options.ts';
import { dispatchView } from '../dispatch-view.ts';
import { type Dispatching, notDispatched, openDispatching, type ReadyWorktree } from '../dispatching.ts';
import type { Hub, Ports } from '../ports.ts';
import { promptSubject, readPrompts } from '../prompt.ts';
import { recover } from '../recovery.ts';
import { openRunner } from '../running.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';

const Input = RunInput.extend({
  worktree: z.array(z.string()).default([]),
  all: z.boolean().default(false),
  outputFormat: z.enum(['text', 'json', 'stream-json']).default('text'),
  async: z.boolean().default(false),
  address: z.string().trim().min(1, { error: 'the address is empty' }).optional(),
  orchestration: z.string().min(1, { error: 'the file is empty' }).optional(),
  completeBarriers: z.boolean().default(false),
  max: positive('must be a whole number').int({ error: 'must be a whole number' }).optional(),
});
type Input = z.infer<typeof Input>;

/** Runs claude headless in worktrees, each under a supervisor of its own that outlives this command. */
export const dispatch = defineCommand({
  name: 'dispatch',
  summary: 'Run a headless claude in worktrees',
  description:
    'The prompt comes from -p, a file, a piped stdin, or your editor. git push is denied unless --allow-push.\n' +
    'Exit: 0 with work done, 1 failed or nothing done, 124 out of time. Ctrl-C ends all of its runs; closing the\n' +
    'terminal leaves them to their supervisors.\n\n' +
    `${promptFileHelp}\n\n` +
    'With --output-format stream-json the events of several runs come as they happen; each has its session_id,\n' +
    'as has the answer of its run.\n\n' +
    "  wt dispatch 6 -p 'fix the flaky test and commit'\n" +
    "  wt dispatch 6 7 8 --prompt-file 'prompts/{project_id}.md'\n" +
    "  wt dispatch 6 -p '…' --until 'npm test' --attempts 3\n" +
    "  wt dispatch 6 --resume -p 'now the docs' -- --mcp-config servers.json",
  args: [{ name: 'worktree', summary: 'which worktrees; this one when left out', variadic: true }],
  options: [
    ...runOptions,
    { flags: '-a, --all', summary: 'in every linked worktree' },
    {
      flags: '--output-format <format>',
      summary: "text, json (as --json) or stream-json: claude's events as they come, then the answer",
      choices: ['text', 'json', 'stream-json'],
    },
    { flags: '--async', summary: 'answer as soon as claude runs' },
    { flags: '--max <n>', summary: 'so many at once (3)' },
    ...bindingFlags,
    barrierFlag,
  ],
  rest: { name: 'claude args', summary: 'further arguments of claude' },
  input: Input,
  answer: async () => (await import('../../domain/answers/dispatch.ts')).DispatchAnswer,
  async run(ports, input) {
    if (input.all && input.worktree.length > 0) {
      throw failures.usage('-a and a worktree exclude each other', 'wt dispatch -a -p …');
    }
    refuseIdleOptions(input);
    const hub = await ports.hub();
    await recover(ports, hub);
    const { worktrees, array } = await targets(ports, hub, input);
    if (input.address !== undefined && worktrees.length > 1) throw failures.sharedAddress(worktrees.length);
    const { config } = await ports.config();
    const most = input.max ?? config.dispatch.max;
    if (input.async && worktrees.length > most) {
      throw failures.usage(
        `--async starts all ${worktrees.length} at once, and ${most} may run at once`,
        `wt dispatch --async --max ${worktrees.length} …`,
      );
    }
    const dispatching = await openDispatching(ports, hub, input);
    const checked = await Promise.all(worktrees.map((worktree) => check(dispatching, worktree)));
    const [first] = checked;
    if (!array && first !== undefined && 'failure' in first) throw first.failure;
    const prompts = await readPrompts(ports, input, worktrees.map(promptSubject));
    if (worktrees.length === 0) ports.narrator.note('there is no linked worktree');
    const runner = openRunner(ports, hub, dispatching, {
      names: worktrees.map(worktreeName),
      atOnce: most,
      async: input.async,
      tellsEnds: array || ports.narrator.format !== 'people',
      onLine: input.outputFormat === 'stream-json' ? (line) => passOn(ports, line) : undefined,
    });
    const answers = await Promise.all(
      checked.map(async (each, at): Promise<DispatchAnswer> => {
        if ('failure' in each) {
          runner.skip();
          return notDispatched(each.worktree, each.failure);
        }
        try {
          return (await runner.run(each.ready, prompts[at] ?? '')).dispatch;
        } catch (failure) {
          if (!isFailure(failure) || !array) throw failure;
          return notDispatched(each.worktree, failure);
        }
      }),
    );
    for (const { warnings } of answers) for (const { message } of warnings) ports.narrator.warn(message);
    const [only] = answers;
    return !array && only !== undefined ? one(only) : many(answers);
  },
  verdict: ({ status, reason }, { allowEmpty }) =>
    status === 'complete' && (reason === 'no_commits' || reason === 'denied') && !allowEmpty
      ? 'failed'
      : 'ok',
  view: (answers, options) => dispatchView(answers, options),
});

async function targets(ports: Ports, hub: Hub, { worktree, all }: Input) {
  if (all) {
    const linked = (await hub.git.worktrees()).filter(({ isMain }) => !isMain);
    return { worktrees: linked, array: true };
  }
  if (worktree.length === 0) return { worktrees: [await currentWorktree(hub, 'dispatch')], array: false };
  const worktrees = await selectWorktrees(ports, hub, worktree, { prefixForScripts: false });
  return { worktrees, array: worktrees.length > 1 };
}

type Checked =
  | { readonly worktree: Worktree; readonly ready: ReadyWorktree }
  | { readonly worktree: Worktree; readonly failure: Failure };

async function check(dispatching: Dispatching, worktree: Worktree): Promise<Checked> {
  try {
    return { worktree, ready: await dispatching.check(worktree) };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return { worktree, failure };
  }
}

/** claude's events on stdout as they are; what is no JSON object would break the stream of whoever reads it. */
async function passOn({ narrator }: Ports, line: string): Promise<void> {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === 'object' && event !== null) await narrator.write(`${line}\n`);
  } catch {
    // garbage stays in the log
  }
}
