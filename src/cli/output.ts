import { type Answer, type Command, elementError, type ViewOptions } from '../application/command.ts';
import { errorBody } from '../domain/error-body.ts';
import { Failure } from '../domain/failure.ts';
import { plainText } from '../domain/plain-text.ts';
import { jsonDocument, jsonLine } from './json.ts';
import { writeOut } from './narrator.ts';

export type Format = 'people' | 'json' | 'ndjson';

/** An answer as one JSON document, as one object per line, or as text. */
export async function writeAnswer<I, T>(
  command: Command<I, T>,
  answer: Answer<T>,
  input: I,
  format: Format,
  view: ViewOptions,
): Promise<void> {
  if (answer.streamed === true) return;
  if (format === 'ndjson') {
    await writeOut(answer.items.map(jsonLine).join(''));
    return;
  }
  if (format === 'json') {
    await writeOut(jsonDocument(answer.array ? answer.items : answer.items[0]));
    return;
  }
  const text = command.view(answer.items, view, input);
  if (text !== '') await writeOut(text.endsWith('\n') ? text : `${text}\n`);
  const told = new Set<string>();
  for (const item of command.isErrorTold === undefined
    ? answer.items
    : answer.items.filter(command.isErrorTold)) {
    const error = elementError(item);
    if (error === undefined || told.has(error.message)) continue;
    told.add(error.message);
    writeErrorText(error.message, error.hint, view.color);
  }
}

/** The error document on stdout for scripts; `error:` and `hint:` on stderr for people, always. */
export async function writeError(error: unknown, format: Format, color: boolean): Promise<void> {
  if (error instanceof Failure) {
    if (format !== 'people') await writeOut(jsonLine({ error: errorBody(error) }));
    writeErrorText(error.message, error.hint ?? null, color);
    return;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (format !== 'people') {
    const message = error instanceof Error ? error.message : String(error);
    const bug = {
      code: 'internal',
      message,
      hint: 'this is a bug in wt; report it with the stack on stderr',
      details: {},
    };
    await writeOut(jsonLine({ error: bug }));
  }
  process.stderr.write(`error: this is a bug in wt\n${stack}\n`);
}

function writeErrorText(message: string, hint: string | null, color: boolean): void {
  const label = (text: string, code: number) => (color ? `\u001b[${code}m${text}\u001b[39m` : text);
  process.stderr.write(`${label('error:', 31)} ${plainText(message)}\n`);
  if (hint !== null) process.stderr.write(`${label('hint:', 36)} ${plainText(hint)}\n`);
}
