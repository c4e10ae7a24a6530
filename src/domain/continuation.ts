import type { AttemptAnswer, CheckAnswer } from './answers/dispatch.ts';
import type { DispatchRequest } from './dispatch.ts';
import { fenced } from './fence.ts';

/** The argv that continues a session, with the id that claude announced last. */
export function continuingArgs(
  { args, resume_args, escalated_args }: Pick<DispatchRequest, 'args' | 'resume_args' | 'escalated_args'>,
  { sessionId, escalated }: { readonly sessionId: string; readonly escalated: boolean },
): string[] {
  const given = escalated && escalated_args.length > 0 ? escalated_args : resume_args;
  return withSession(given.length > 0 ? given : args, '--resume', sessionId);
}

/** The argv of a first attempt for a session that does not exist yet; one that resumes stays as it is. */
export const beginningArgs = (args: readonly string[], sessionId: string): string[] =>
  args.includes('--session-id') ? withSession(args, '--session-id', sessionId) : [...args];

/** wt's own flag comes before those of the user. */
function withSession(args: readonly string[], flag: string, sessionId: string): string[] {
  const at = args.findIndex((word) => word === '--resume' || word === '--session-id');
  return at === -1
    ? [...args, flag, sessionId]
    : [...args.slice(0, at), flag, sessionId, ...args.slice(at + 2)];
}

/** What a continued session is asked. */
export function continuingPrompt(
  cause: Exclude<AttemptAnswer['cause'], 'dispatch'>,
  check: CheckAnswer | undefined,
): string {
  if (cause === 'check' && check !== undefined) return afterCheck(check);
  const why =
    cause === 'limit' ? 'The limit that ended this session is over.' : 'A request to the API had failed.';
  return `${why} Go on where you were; what you had done is still there.\n`;
}

function afterCheck({ command, exit_code, signal, output }: CheckAnswer): string {
  const how = exit_code === null ? `was ended by ${signal ?? 'wt'}` : `failed with exit code ${exit_code}`;
  const shown = output.trim() === '' ? 'It wrote nothing.' : `The end of what it wrote:\n\n${fenced(output)}`;
  return `The work is done when this command passes, and it ${how}:\n\n    ${command.replaceAll('\n', '\n    ')}\n\n${shown}\n\nGo on until it passes.\n`;
}
