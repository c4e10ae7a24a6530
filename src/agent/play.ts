import { setTimeout as sleep } from 'node:timers/promises';
import type { Conversation, Ending } from './conversation.ts';
import { type Outcome, rateLimitEvent, retryEvent, syntheticEvent } from './events.ts';
import type { Session } from './sessions.ts';
import type { Output } from './stdio.ts';
import type { Step } from './steps.ts';
import { quoted, startShell, type ToolOutput, writeText } from './tools.ts';

/** Plays steps in a conversation; `interrupt` is Ctrl-C and gives the exit code. */
export type Player = {
  readonly play: (step: Step) => Promise<Ending | undefined>;
  readonly interrupt: () => number;
};

/** Opens a player; events that a conversation knows nothing of go to `emit`, what is no event to `output`. */
export function openPlayer(
  conversation: Conversation,
  session: Session,
  emit: (event: object) => void,
  output: Output,
): Player {
  const { speaker } = conversation;
  /** The shell of a Bash tool at work: the leader of its session and process group. */
  let shellPid: number | undefined;

  const bash = (command: string): Promise<Ending | undefined> => {
    const run = async (): Promise<ToolOutput> => {
      const shell = startShell(command, speaker.session);
      shellPid = shell.pid;
      const result = await shell.ended;
      shellPid = undefined;
      return result;
    };
    return conversation.use({ name: 'Bash', input: { command, description: 'a scripted command' }, run });
  };

  const structured = async (value: unknown): Promise<Ending | undefined> => {
    let taken = false;
    const run = (): ToolOutput => {
      taken = true;
      return { content: 'Structured output provided successfully', error: undefined };
    };
    const input = value as Readonly<Record<string, unknown>>;
    const ending = await conversation.use({ name: 'StructuredOutput', input, run });
    return ending ?? (taken ? conversation.finish(value) : undefined);
  };

  const refused = (text: string, status: number | null, error: string): Ending => {
    emit(syntheticEvent(speaker, text, error));
    return conversation.end({ kind: 'refused', result: text, status });
  };

  const play = async ({ name, rest }: Step): Promise<Ending | undefined> => {
    const [path = '', ...words] = rest.split(' ');
    const text = words.join(' ');
    switch (name) {
      case 'write': {
        const input = { file_path: path, content: `${text.replaceAll('\\n', '\n')}\n` };
        return conversation.use({ name: 'Write', input, run: () => writeText(path, input.content) });
      }
      case 'append':
        return bash(`printf '%s\\n' ${quoted(text)} >> ${quoted(path)}`);
      case 'commit':
        return bash(`git add -A && git commit -m ${quoted(rest)}`);
      case 'run':
        return bash(rest);
      case 'background':
        return bash(`( ${rest}\n) >/dev/null 2>&1 &`);
      case 'deny': {
        const input = rest === 'Bash' ? { command: 'true' } : { file_path: 'denied.txt', content: '\n' };
        const run = () => ({ content: '', error: true });
        return conversation.use({ name: rest, input, run, denied: true });
      }
      case 'structured':
        return structured(JSON.parse(rest));
      case 'say':
        return conversation.say(rest);
      case 'big':
        return conversation.say('x'.repeat(Number(rest)));
      case 'recall':
        return conversation.say(
          `${session.prompts.length} prompts, first: ${session.prompts[0]?.split('\n')[0]}`,
        );
      case 'sleep':
        await sleep(Number(rest));
        return undefined;
      case 'hang':
        return new Promise(() => setInterval(() => {}, 1 << 30));
      case 'retry':
        emit(retryEvent(speaker, Number(rest)));
        return undefined;
      case 'api-error':
        return rest === '0'
          ? refused('API Error: Unable to connect to API', null, 'server_error')
          : refused(`API Error: ${rest} scripted refusal`, Number(rest), 'unknown');
      case 'rate-limit': {
        const resetsAt = rest.startsWith('+') ? Date.now() / 1000 + Number(rest) : Number(rest);
        emit(rateLimitEvent(speaker, resetsAt));
        const until = new Date(resetsAt * 1000).toISOString();
        return refused(`You've hit your session limit · resets ${until}`, 429, 'rate_limit');
      }
      case 'max-turns':
        return conversation.exceedTurns();
      case 'budget':
        conversation.charge(2.5);
        return conversation.say('This was dear.') ?? conversation.exceedBudget();
      case 'cost':
        conversation.charge(Number(rest));
        return undefined;
      case 'garbage':
        output.write('no JSON: {"type": \n');
        return undefined;
      case 'half-line':
        output.write('{"type":"assistant","message":{"id":"msg_');
        return undefined;
      case 'stderr':
        process.stderr.write(`${rest}\n`);
        return undefined;
      case 'no-result':
        return { exit: 0 };
      case 'exit':
        return { exit: Number(rest) };
      case 'close-stdout':
        output.close();
        return undefined;
      case 'at':
      case 'linger':
      case 'ignore-term':
      case 'stdin-early-close':
        return undefined;
    }
  };

  const interrupt = (): number => {
    if (shellPid === undefined) return 0;
    process.kill(-shellPid, 'SIGKILL');
    const error = 'Request interrupted by user for tool use';
    const outcome: Outcome = {
      kind: 'error',
      subtype: 'error_during_execution',
      error,
      reason: 'aborted_tools',
    };
    const { result, exit } = conversation.end(outcome);
    if (result !== undefined) emit(result);
    return exit;
  };

  return { play, interrupt };
}
