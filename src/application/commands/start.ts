import * as z from 'zod';
import { failures } from '../../domain/failure.ts';
import { barrierFlag, bindCreation } from '../binding.ts';
import { defineCommand, many, one } from '../command.ts';
import type { Created } from '../creation.ts';
import {
  CreationInput,
  creationFlags,
  creationOptions,
  fetchFirst,
  nameRequests,
} from '../creation-options.ts';
import { positive, promptFileHelp, RunInput, refuseIdleOptions, runOptions } from '../dispatch-options.ts';
import { openDispatching } from '../dispatching.ts';
import { openGate } from '../gate.ts';
import { openLiveLines } from '../live-lines.ts';
import type { Ports } from '../ports.ts';
import { givenPrompts } from '../prompt.ts';
import { recover } from '../recovery.ts';
import { openRunner } from '../running.ts';
import { openClaude } from '../start-claude.ts';
import { findTargets, idleOnes, startSubject } from '../start-targets.ts';
import { startView } from '../start-view.ts';
import { prepareTargets, startIn } from '../starting.ts';

const Input = z.object({
  ...CreationInput.shape,
  ...RunInput.shape,
  land: z.boolean().default(false),
  completeBarriers: z.boolean().default(false),
  max: positive('must be a whole number').int({ error: 'must be a whole number' }).optional(),
});
type Input = z.infer<typeof Input>;

/** Makes worktrees where they are missing, provisions them, and puts an agent to work in each. */
export const start = defineCommand({
  name: 'start',
  summary: 'Make a worktree where it is missing, and put an agent to work in it',
  description:
    'create, provision and dispatch --async in one: it answers as soon as claude runs. A worktree that is there is\n' +
    'used as it is, and gets what it lacks. Where a provisioning step fails nothing is dispatched. Without a prompt,\n' +
    'on a terminal, claude is opened in the one worktree named.\n\n' +
    'With --land it stays: each that completes with work lands on its base, is pushed where merge.push says so, and\n' +
    'its worktree is removed (wt undo brings it back). Nothing lands once the terminal is closed.\n\n' +
    `${promptFileHelp}\n\n` +
    "  wt start PROJ-006-multi-instance -p 'write the plan, and commit'\n" +
    "  wt start PROJ-006-a PROJ-007-b --prompt-file 'prompts/{number}.md'\n" +
    "  wt start fix-login -p '…' --until 'npm test' --land",
  args: [{ name: 'id-or-branch', summary: 'project ids or branch names', required: true, variadic: true }],
  options: [
    ...creationFlags,
    ...runOptions,
    { flags: '--land', summary: 'stay, and land each that completes with work' },
    { flags: '--max <n>', summary: 'so many at once (3)' },
    barrierFlag,
  ],
  rest: { name: 'claude args', summary: 'further arguments of claude' },
  input: Input,
  answer: async () => (await import('../../domain/answers/start.ts')).StartAnswer,
  async run(ports, input) {
    refuseIdleOptions(input);
    const hub = await ports.hub();
    const { narrator } = ports;
    const requests = await nameRequests(ports, hub, input);
    const dispatching = await openDispatching(ports, hub, input);
    const prompts = await promptsOf(ports, input, requests.map(startSubject));
    const most = input.max ?? (await ports.config()).config.dispatch.max;
    if (!input.land && requests.length > most) {
      throw failures.usage(
        `wt start starts all ${requests.length} at once, and ${most} may run at once`,
        `wt start --max ${requests.length} …`,
      );
    }
    const { address, orchestration } = input;
    const wish = { address, orchestration, project: requests[0]?.projectId };
    const needsFile = prompts !== undefined; // what is dispatched at once is looked up at once
    const { bound } = await bindCreation(ports, hub, wish, { needsFile });
    await recover(ports, hub);
    const targets = await findTargets(hub, dispatching, requests, input);
    const isAlone = requests.length === 1;
    const [first] = targets;
    if (isAlone && first?.kind === 'refused') throw first.failure;

    const options = await creationOptions(ports, input, bound);
    const isMaking = targets.some(({ kind }) => kind === 'missing');
    const fetched = isMaking ? await fetchFirst(ports, hub, input, options.base) : [];
    const live = openLiveLines(narrator);
    const prepared = prepareTargets({ ports, hub, live }, targets, options);
    if (isAlone) {
      const alone = await prepared[0];
      if (alone?.failure !== undefined) throw alone.failure;
    }
    if (prompts === undefined) return one(await openClaude(ports, hub, input.rest, await prepared[0]));

    const runner = openRunner(ports, hub, dispatching, {
      names: requests.map(({ projectId, branch }) => projectId ?? branch),
      atOnce: most,
      async: !input.land,
      tellsEnds: !isAlone || narrator.format !== 'people',
      live,
    });
    const landing = input.land ? openGate(1) : undefined;
    const { completeBarriers } = input;
    const scene = { ports, hub, dispatching, runner, live, landing, completeBarriers };
    const answers = await Promise.all(
      targets.map(async (target, at) => {
        const created = (await prepared[at]) as Created;
        const answer = await startIn(scene, created, { target, prompt: prompts[at] ?? '' });
        const ofBase = target.kind === 'missing' ? fetched : idleOnes(target, input);
        return { ...answer, warnings: [...ofBase, ...answer.warnings] };
      }),
    );
    for (const { warnings, dispatch } of answers)
      for (const { message } of [...warnings, ...(dispatch?.warnings ?? [])]) narrator.warn(message);
    const [only] = answers;
    return isAlone && only !== undefined ? one(only) : many(answers);
  },
  verdict: ({ dispatch, landing }, { allowEmpty }) => {
    if (landing?.status === 'conflicts') return 'conflict';
    const isIdle = dispatch?.reason === 'no_commits' || dispatch?.reason === 'denied';
    return dispatch?.status === 'complete' && isIdle && !allowEmpty ? 'failed' : 'ok';
  },
  view: startView,
});

/** The prompts, or `undefined` where claude is to be opened instead: for one worktree, on a terminal, and without a word about a run. */
async function promptsOf(
  ports: Ports,
  input: Input,
  subjects: Parameters<typeof givenPrompts>[2],
): Promise<readonly string[] | undefined> {
  const prompts = await givenPrompts(ports, input, subjects);
  if (prompts !== undefined) return prompts;
  const { tty, format } = ports.narrator;
  const isAtHand = tty.stdin && tty.stdout && tty.stderr && format === 'people';
  const plain = RunInput.parse({ rest: input.rest });
  const isAboutRun =
    input.land ||
    Object.keys(RunInput.shape).some(
      (key) => JSON.stringify(input[key as keyof Input]) !== JSON.stringify(plain[key as keyof typeof plain]),
    );
  if (subjects.length > 1 || !isAtHand || isAboutRun) throw failures.promptRequired();
  return undefined;
}
