import { costOf } from '../domain/dispatch-progress.ts';
import { oneLine, plainText } from '../domain/plain-text.ts';
import type { ResultEvent, StreamEvent } from '../domain/stream-event.ts';
import { dollars, plural } from './dispatch-view.ts';
import { paint } from './paint.ts';

/** The lines of a tool's output that are shown; `--raw` has them all. */
const shownLines = 4;

/** One event of a run's stream as people read it, or nothing: text, tool calls, the beginning of their results. */
export function eventView(event: StreamEvent, color: boolean): string {
  switch (event.kind) {
    case 'init':
      return paint(
        `session ${event.sessionId}${event.model === '' ? '' : `, ${event.model}`}\n`,
        'dim',
        color,
      );
    case 'text':
      return `\n${indent(plainText(event.text).trim(), event.nested ? 4 : 0)}\n`;
    case 'tool':
      return `${event.nested ? '    ' : ''}${paint(`> ${event.name}`, 'cyan', color)} ${event.essence}\n`;
    case 'tool-result':
      return paint(resultLines(event.text), event.isError ? 'red' : 'dim', color);
    case 'retry':
      return paint(`the API is asked again (try ${event.attempt}, ${event.error})\n`, 'yellow', color);
    case 'result':
      return `\n${paint(ending(event.result), event.result.is_error ? 'red' : 'green', color)}\n`;
    case 'garbage':
      return paint(`${oneLine(event.text)}\n`, 'dim', color);
    case 'other':
      return '';
  }
}

function resultLines(text: string): string {
  const lines = plainText(text).trimEnd().split('\n');
  const shown = lines.slice(0, shownLines).map((line) => oneLine(line, 160));
  const more = lines.length - shown.length;
  return `${indent([...shown, ...(more > 0 ? [`… ${more} more lines`] : [])].join('\n'), 4)}\n`;
}

function ending(result: ResultEvent): string {
  const cost = costOf(result);
  const why = result.errors[0] ?? result.result ?? '';
  return [
    result.is_error ? `error: ${oneLine(why === '' ? result.subtype : why, 200)}` : 'done',
    ...(result.num_turns === undefined ? [] : [plural(result.num_turns, 'turn')]),
    ...(cost === undefined ? [] : [dollars(cost)]),
  ].join(', ');
}

const indent = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by));
