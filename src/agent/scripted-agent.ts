/**
 * A small agent that takes claude's headless flags and speaks its stream-json (2.1.197), but does what the prompt's
 * `@` lines say: for demonstrations without claude, and for tests as a fast one. Run from dist/scripted-agent.js.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Options, readArguments } from './arguments.ts';
import { openConversation } from './conversation.ts';
import { type Outcome, resultEvent, stoppedTaskEvents } from './events.ts';
import { openPlayer, type Player } from './play.ts';
import { beginSession, resumeSession, type Session } from './sessions.ts';
import { openOutput, readPrompt } from './stdio.ts';
import { describeSteps, dueSteps, readSteps } from './steps.ts';

const output = openOutput();
const emit = (event: object) => output.write(`${JSON.stringify(event)}\n`);
const refuse = (message: string): number => {
  process.stderr.write(`${message}\n`);
  return 1;
};

let player: Player | undefined;
let ignoresSignals = false;

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    output.write(`Plays the lines of its prompt that begin with @:\n${describeSteps()}\n`);
    return 0;
  }
  const options = readArguments(argv);
  if ('refusal' in options) return refuse(options.refusal);
  if (options.version) {
    output.write('2.1.197 (scripted agent)\n');
    return 0;
  }
  if (!options.print) {
    output.write(`The scripted agent holds no interactive sessions. It was asked to in ${process.cwd()}.\n`);
    return 0;
  }
  const piped = await readPrompt();
  if (piped === undefined) return 1;
  const prompt = [options.prompt ?? '', piped].filter((part) => part !== '').join('\n');
  if (prompt.trim() === '') {
    return refuse(
      'Error: Input must be provided either through stdin or as a prompt argument when using --print',
    );
  }
  const steps = readSteps(prompt);
  if ('unknown' in steps) return refuse(`Error: the scripted agent does not know @${steps.unknown}`);
  return converse(options, prompt);
}

async function converse(options: Options, prompt: string): Promise<number> {
  const cwd = process.cwd();
  const id = options.resume ?? options.sessionId ?? randomUUID();
  const speaker = { session: id, model: options.model };
  const session: Session | undefined =
    options.resume === undefined ? { id, cwd, prompts: [prompt] } : resumeSession(id, cwd, prompt);
  if (session === undefined) {
    const error = `No conversation found with session ID: ${id}`;
    const outcome: Outcome = { kind: 'error', subtype: 'error_during_execution', error };
    const facts = { turns: 0, durationMs: 0, denials: [], stopReason: null };
    if (options.format !== 'text') emit(resultEvent(speaker, outcome, { answers: 0, costUsd: 0 }, facts));
    return refuse(error);
  }
  if (options.resume === undefined && !beginSession(session)) {
    return refuse(`Error: Session ID ${id} is already in use.`);
  }

  const steps = dueSteps(session.prompts);
  if ('unknown' in steps) return refuse(`Error: the scripted agent does not know @${steps.unknown}`);
  const stream = options.format === 'stream-json' ? emit : () => {};
  const conversation = openConversation(options, speaker, stream);
  player = openPlayer(conversation, session, stream, output);
  for (const step of steps) {
    if (step.name === 'ignore-term') ignoresSignals = true;
    const ending = await player.play(step);
    if (ending === undefined) continue;
    tell(options, ending.result);
    return ending.exit;
  }
  const { result, exit } = conversation.finish();
  tell(options, result);
  const linger = steps.find((step) => step.name === 'linger');
  if (linger !== undefined) {
    await sleep(Number(linger.rest));
    stoppedTaskEvents(speaker).forEach(stream);
  }
  return exit;
}

function tell(options: Options, event: object | undefined): void {
  if (event === undefined) return;
  if (options.format === 'text') {
    const { result, errors } = event as { result?: string; errors?: readonly string[] };
    output.write(`${result ?? errors?.join('\n') ?? ''}\n`);
  } else {
    emit(event);
  }
}

const onSignal = (signal: NodeJS.Signals, exit: () => number) =>
  process.on(signal, () => {
    if (!ignoresSignals) process.exit(exit());
  });
onSignal('SIGTERM', () => 143);
onSignal('SIGHUP', () => 129);
// An idle claude takes Ctrl-C with exit 0 and no result; with a tool at work it ends that and says so.
onSignal('SIGINT', () => player?.interrupt() ?? 0);

process.exit(await main(process.argv.slice(2)));
