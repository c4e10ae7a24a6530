import * as z from 'zod';
import { DispatchAnswer } from '../../domain/answers/dispatch.ts';
import { type Failure, failures, isFailure } from '../../domain/failure.ts';
import { quote } from '../../domain/shell.ts';
import { type Worktree, worktreeName } from '../../domain/worktree.ts';
import { type Answer, defineCommand, many, one } from '../command.ts';
import { positive, RunInput, runOptions } from '../dispatch-options.ts';
import { dispatchView, summaryLine } from '../dispatch-view.ts';
import {
  type DispatchChoices,
  type Dispatching,
  notDispatched,
  openDispatching,
  type ReadyWorktree,
} from '../dispatching.ts';
import { followRun } from '../following.ts';
import { openLiveLines } from '../live-lines.ts';
import type { Hub, Ports } from '../ports.ts';
import { readPrompt } from '../prompt.ts';
import { recover } from '../recovery.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';

const Input = RunInput.extend({
  worktree: z.array(z.string()).default([]),
  all: z.boolean().default(false),
  outputFormat: z.enum(['text', 'json', 'stream-json']).default('text'),
  async: z.boolean().default(false),
  max: positive('must be a whole number').int({ error: 'must be a whole number' }).optional(),
});
type Input = z.infer<typeof Input>;

/** Runs claude headless in worktrees, each under a supervisor of its own that outlives this command. */
export const dispatch = defineCommand({
  name: 'dispatch',
  summary: 'Run a headless claude in worktrees',
  description:
    'The prompt comes from -p, a file, a piped stdin, or your editor. git push is denied unless --allow-push.\n' +
    'Exit: 0 with work done, 1 failed or nothing done, 124 out of time. Ctrl-C ends the run; closing the\n' +
    'terminal leaves it to its supervisor.\n\n' +
    "  wt dispatch 6 -p 'fix the flaky test and commit'\n" +
    '  wt dispatch 6 7 8 --prompt-file task.md --async\n' +
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
  ],
  rest: { name: 'claude args', summary: 'further arguments of claude' },
  input: Input,
  answer: DispatchAnswer,
  async run(ports, input) {
    if (input.all && input.worktree.length > 0) {
      throw failures.usage('-a and a worktree exclude each other', 'wt dispatch -a -p …');
    }
    const hub = await ports.hub();
    await recover(ports, hub);
    const { worktrees, array } = await targets(ports, hub, input);
    const { config } = await ports.config();
    const most = input.max ?? config.dispatch.max;
    if (input.async && worktrees.length > most) {
      throw failures.usage(
        `--async starts all ${worktrees.length} at once, and ${most} may run at once`,
        `wt dispatch --async --max ${worktrees.length} …`,
      );
    }
    const choices: DispatchChoices = input;
    const dispatching = await openDispatching(ports, hub, choices);
    const checked = await Promise.all(worktrees.map((worktree) => check(dispatching, worktree)));
    const [first] = checked;
    if (!array && first !== undefined && 'failure' in first) throw first.failure;
    const prompt = await readPrompt(ports, input);
    return runAll({ ports, hub, input, dispatching, prompt }, checked, { most, array });
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

type Scene = {
  readonly ports: Ports;
  readonly hub: Hub;
  readonly input: Input;
  readonly dispatching: Dispatching;
  readonly prompt: string;
};

/** Runs them, so many at once. When the terminal is closed, those that wait are still started, and then left. */
async function runAll(
  scene: Scene,
  checked: readonly Checked[],
  { most, array }: { readonly most: number; readonly array: boolean },
): Promise<Answer<DispatchAnswer>> {
  const { narrator } = scene.ports;
  const live = openLiveLines(narrator);
  const detach = new AbortController();
  void narrator.hangup.then(() => detach.abort());
  const answers: DispatchAnswer[] = [];
  const queue = [...checked.entries()];
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const [at, one] = job;
      answers[at] = await runOne(scene, one, { live, detach: detach.signal, array });
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, checked.length) }, worker));
  for (const { warnings } of answers) for (const { message } of warnings) narrator.warn(message);
  const [only] = answers;
  return !array && only !== undefined ? one(only) : many(answers);
}

async function runOne(
  { ports, hub, input, dispatching, prompt }: Scene,
  checked: Checked,
  {
    live,
    detach,
    array,
  }: {
    readonly live: ReturnType<typeof openLiveLines>;
    readonly detach: AbortSignal;
    readonly array: boolean;
  },
): Promise<DispatchAnswer> {
  const { worktree } = checked;
  const { narrator } = ports;
  try {
    if ('failure' in checked) throw checked.failure;
    if (narrator.signal.aborted) throw failures.interrupted(String(narrator.signal.reason));
    const record = await dispatching.start(checked.ready, prompt);
    const { dispatch_id: id, pid } = record.dispatch;
    if (record.dispatch.status === 'running') {
      const name = worktreeName(worktree);
      const further = input.async ? `; wt logs ${quote(name)} --follow` : '';
      narrator.note(`${id} runs in ${name} (claude ${pid})${further}`);
    }
    if (input.async) return record.dispatch;
    const ended = await followRun(ports, hub, record, {
      live,
      detach,
      ...(input.outputFormat === 'stream-json' ? { onLine: (line) => passOn(ports, line) } : {}),
    });
    if (array || narrator.format !== 'people') narrator.note(summaryLine(ended.dispatch, false));
    return ended.dispatch;
  } catch (failure) {
    if (!isFailure(failure) || !array) throw failure;
    return notDispatched(worktree, failure);
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
