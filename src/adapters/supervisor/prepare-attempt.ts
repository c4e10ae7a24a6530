import { randomUUID } from 'node:crypto';
import { appendFileSync, closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import type { AttemptAnswer } from '../../domain/answers/dispatch.ts';
import { withAttempt } from '../../domain/attempts.ts';
import { beginningArgs, continuingArgs, continuingPrompt } from '../../domain/continuation.ts';
import { attemptRule, runFiles } from './run-folder.ts';
import type { Supervised } from './supervised.ts';

/** Why a claude is started, and whether with the stronger model. */
export type Start = { readonly cause: AttemptAnswer['cause']; readonly escalated: boolean };

/** Writes down what is about to be started: its prompt, and where its part of the stream begins. */
export function prepareAttempt(run: Supervised, { cause, escalated }: Start) {
  const { request, dispatch, session_started, attempt_offsets = [] } = run.record();
  const files = runFiles(run.folder);
  const number = dispatch.attempts.length + 1;
  const isOpened = request.resume
    ? dispatch.attempts.some(({ num_turns }) => num_turns !== null)
    : session_started;
  const continues = cause !== 'dispatch' && isOpened;
  // An id that was used and not announced may be taken: the session begins anew.
  const isNew = number > 1 && !continues && !request.resume;
  const sessionId = isNew ? randomUUID() : (dispatch.session_id ?? '');
  const args = continues
    ? continuingArgs(request, { sessionId, escalated })
    : isNew
      ? beginningArgs(request.args, sessionId)
      : request.args;
  const prompt = continues ? files.nextPrompt(number) : files.prompt;
  if (continues) {
    const check = dispatch.attempts.at(-1)?.check ?? undefined;
    writeFileSync(prompt, continuingPrompt(cause, check), { mode: 0o600 });
  }
  const offset = number === 1 ? 0 : endOfStream(files.stream);
  if (number > 1) appendQuietly(files.stderr, `${attemptRule}${number}\n`);
  const model = continues && escalated ? request.escalate_model : request.model;
  run.save({
    phase: 'starting',
    claude: null,
    stream_offset: offset,
    attempt_offsets: [...attempt_offsets, offset],
    dispatch: withAttempt(dispatch, { cause, model, session_id: sessionId }, run.now()),
  });
  return { args, prompt };
}

/** Where the next attempt's events begin; what the last one left of a line gets an end. */
function endOfStream(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return 0;
  const last = Buffer.alloc(1);
  const file = openSync(path, 'r');
  readSync(file, last, 0, 1, size - 1);
  closeSync(file);
  if (last[0] === 10) return size;
  appendQuietly(path, '\n');
  return statSync(path).size;
}

function appendQuietly(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch {
    // no space: it only reads worse
  }
}
