import type { StartAnswer } from '../domain/answers/start.ts';
import { errorBody } from '../domain/error-body.ts';
import { failures } from '../domain/failure.ts';
import { createdLines } from './create-view.ts';
import type { Created } from './creation.ts';
import { openProgram } from './opening.ts';
import type { Hub, Ports } from './ports.ts';

/** Opens claude in a worktree that `start` was given without a prompt, to its end. */
export async function openClaude(
  ports: Ports,
  hub: Hub,
  rest: readonly string[],
  created: Created | undefined,
): Promise<StartAnswer> {
  if (created === undefined) throw new TypeError('there is no worktree to open claude in');
  const { answer, worktree } = created;
  const blank: StartAnswer = { ...answer, dispatch: null, landing: null };
  if (worktree === undefined || answer.error !== null) return blank;
  for (const { message } of answer.warnings) ports.narrator.warn(message);
  ports.narrator.note(createdLines(answer).join('\n'));
  const { config } = await ports.config();
  const program = [...config.tools.claude, ...rest];
  const { exitCode } = await openProgram(
    ports,
    hub,
    worktree,
    program,
    failures.claudeNotFound(config.tools.claude[0]),
  );
  const failure = failures.claudeFailed('error', `claude ended with ${exitCode ?? 'a signal'}`);
  return exitCode === 0 ? blank : { ...blank, error: errorBody(failure) };
}
