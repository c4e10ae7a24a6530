import type { AttemptAnswer } from '../domain/answers/dispatch.ts';
import type { DispatchRecord } from '../domain/dispatch.ts';
import { costOf } from '../domain/dispatch-progress.ts';
import { displayWidth } from '../domain/display-width.ts';
import { formatDuration } from '../domain/duration.ts';
import { oneLine, plainText } from '../domain/plain-text.ts';
import type { ResultEvent, StreamEvent } from '../domain/stream-event.ts';
import { dollars, plural, summaryLine } from './dispatch-view.ts';
import { paint } from './paint.ts';
import { clockTime } from './progress-view.ts';
import { cut } from './table.ts';

/** The lines of a tool's output that are shown, and those of the prompt; `--raw` and the run's folder have them all. */
const shownLines = 4;
const shownOfPrompt = 12;
/** Of a line; a terminal shows less. */
const longest = 2000;

export type LogOptions = {
  readonly color: boolean;
  /** Columns of the terminal, to which lines that only give an idea are cut; `undefined` where it is none. */
  readonly columns: number | undefined;
};

/** A run as people read it: text, tool calls with the beginning of their results, attempts, checks, the end. */
export type LogView = {
  readonly prompt: (text: string) => string;
  readonly event: (event: StreamEvent) => string;
  /** That an attempt begins, after the outcome of the check of the one before it. */
  readonly attempt: (number: number, record: DispatchRecord) => string;
  /** What a new record tells beside the stream: a check, a pause, and at the end what came of the run. */
  readonly record: (record: DispatchRecord, now: Date) => string;
};

export function openLogView({ color, columns }: LogOptions): LogView {
  let checksTold = 0;
  let isParked = false;

  const narrowed = (line: string, indent = 0) => {
    const room = columns === undefined ? undefined : Math.max(8, columns - indent);
    const short = room === undefined || displayWidth(line) <= room ? line : cut(line, room);
    return ' '.repeat(indent) + short;
  };
  const rows = (lines: readonly string[], indent: number) =>
    lines.map((line) => `${narrowed(line.replaceAll('\t', '    ').trimEnd(), indent)}\n`).join('');
  const beginning = (text: string, most: number, indent: number) => {
    const shown = plainText(text.slice(0, most * longest))
      .trimEnd()
      .split('\n')
      .slice(0, most);
    const more = lineCount(text.trimEnd()) - shown.length;
    const lines = shown.map((line) => line.slice(0, longest));
    return rows([...lines, ...(more > 0 ? [`… ${plural(more, 'more line')}`] : [])], indent);
  };
  const checks = ({ dispatch }: DispatchRecord, upTo: number): string => {
    let text = '';
    for (; checksTold < upTo; checksTold++) {
      const check = dispatch.attempts[checksTold]?.check;
      if (check == null && checksTold === dispatch.attempts.length - 1) break; // it may still come
      if (check == null) continue;
      const passed = check.exit_code === 0;
      text += paint(`\n${narrowed(checkLine(check))}\n`, passed ? 'green' : 'red', color);
      if (!passed) text += paint(end(check.output), 'dim', color);
    }
    return text;
  };
  const end = (output: string) => rows(plainText(output).trimEnd().split('\n').slice(-shownLines), 4);

  return {
    prompt: (text) => paint(beginning(text, shownOfPrompt, 0), 'bold', color),
    event: (event) => {
      const indent = 'nested' in event && event.nested ? 4 : 0;
      switch (event.kind) {
        case 'init': {
          const model = event.model === '' ? '' : `, ${event.model}`;
          return paint(`${narrowed(oneLine(`session ${event.sessionId}${model}`))}\n`, 'dim', color);
        }
        case 'text':
          return `\n${indented(plainText(event.text).trim(), indent)}\n`;
        case 'tool': {
          const name = `> ${oneLine(event.name, 60)}`;
          const line = narrowed(`${name} ${event.essence}`, indent);
          return `${line.replace(name, () => paint(name, 'cyan', color))}\n`;
        }
        case 'tool-result':
          return paint(beginning(event.text, shownLines, indent + 4), event.isError ? 'red' : 'dim', color);
        case 'retry': {
          const line = `the API is asked again (try ${event.attempt}, ${oneLine(event.error)})`;
          return paint(`${narrowed(line)}\n`, 'yellow', color);
        }
        case 'result':
          return `\n${paint(narrowed(ending(event.result)), event.result.is_error ? 'red' : 'green', color)}\n`;
        case 'garbage':
          return paint(`${narrowed(oneLine(event.text, longest))}\n`, 'dim', color);
        default:
          return '';
      }
    },
    attempt: (number, record) =>
      `${checks(record, number - 1)}\n${paint(narrowed(attemptLine(number, record)), 'bold', color)}\n`,
    record: (record, now) => {
      const { phase, dispatch } = record;
      let text = checks(record, dispatch.attempts.length);
      if (phase === 'parked' && !isParked) {
        const { resets_at: until, reason } = dispatch;
        const line =
          reason !== 'rate_limited'
            ? 'waiting before the API is asked again'
            : `parked by a limit${until === null ? '' : ` until ${clockTime(until, now)}`}`;
        text += `\n${paint(narrowed(line), 'yellow', color)}\n`;
      }
      isParked = phase === 'parked';
      if (phase === 'ended') text += `${summaryLine(dispatch, color)}\n`;
      return text;
    },
  };
}

const causes: Readonly<Record<AttemptAnswer['cause'], string>> = {
  dispatch: 'a new start',
  retry: 'after an API error',
  limit: 'the limit is over',
  check: 'the check failed',
};

/** `attempt 2 of 3 (the check failed), opus`. */
function attemptLine(number: number, { dispatch, request }: DispatchRecord): string {
  const attempt = dispatch.attempts[number - 1];
  const most = request.until?.attempts;
  const of = most === undefined || most < number ? '' : ` of ${most}`;
  const why = attempt === undefined ? '' : ` (${causes[attempt.cause]})`;
  const model = attempt?.model == null ? '' : `, ${oneLine(attempt.model)}`;
  return `attempt ${number}${of}${why}${model}`;
}

type Check = NonNullable<AttemptAnswer['check']>;

function checkLine({ command, exit_code: code, signal, duration_ms: ms }: Check): string {
  const how = code === 0 ? 'passed' : `failed (${code === null ? (signal ?? 'not run') : `exit ${code}`})`;
  return `check ${how}: ${oneLine(command, longest)}, ${formatDuration(ms)}`;
}

function ending(result: ResultEvent): string {
  const cost = costOf(result);
  const why = result.errors[0] ?? result.result ?? '';
  return [
    result.is_error ? `error: ${oneLine(why === '' ? result.subtype : why, 400)}` : 'done',
    ...(result.num_turns === undefined ? [] : [plural(result.num_turns, 'turn')]),
    ...(cost === undefined ? [] : [dollars(cost)]),
  ].join(', ');
}

const indented = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by));

function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
