import { isatty } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import type { Narrator } from '../application/ports.ts';
import { cut, displayWidth } from '../application/table.ts';

export type NarratorOptions = {
  readonly format: 'people' | 'json' | 'ndjson';
  readonly quiet: boolean;
  /** Colours on stderr. */
  readonly color: boolean;
  /** Colours on stdout. */
  readonly answerColor: boolean;
  readonly signal: AbortSignal;
  readonly hangup: Promise<void>;
};

/** Writes narration to stderr, keeps live lines at its bottom, and survives readers that go away. */
export function openNarrator(options: NarratorOptions): Narrator {
  const { stdout, stderr } = process; // process.stdin would be opened by looking at it
  const liveAllowed = stderr.isTTY === true && !options.quiet;
  let shown: readonly string[] = [];

  // The cursor need not stand at the left: the terminal echoes a Ctrl-C as ^C.
  const erase = () => (shown.length === 0 ? '' : `\r\u001b[${shown.length}A\u001b[0J`);
  const fit = (line: string) => {
    const width = (stderr.columns || 80) - 1; // 0 in a terminal without a size
    const plain = stripVTControlCharacters(line);
    return displayWidth(plain) <= width ? line : cut(plain, width);
  };
  const draw = (above: string, lines: readonly string[]) => {
    const text = `${erase()}${above}${lines.map((line) => `${line}\n`).join('')}`;
    shown = lines;
    if (text !== '') stderr.write(text);
  };
  const say = (message: string) => {
    if (liveAllowed) draw(`${message}\n`, shown);
    else stderr.write(`${message}\n`);
  };

  return {
    format: options.format,
    color: options.answerColor,
    signal: options.signal,
    hangup: options.hangup,
    tty: {
      stdin: isatty(0),
      stdout: stdout.isTTY === true,
      stderr: stderr.isTTY === true,
      columns: stdout.columns ?? stderr.columns ?? 80,
    },
    note: (message) => {
      if (!options.quiet) say(message);
    },
    warn: (message) => say(options.color ? `\u001b[33mwarning:\u001b[39m ${message}` : `warning: ${message}`),
    live: (lines) => {
      if (liveAllowed && (lines.length > 0 || shown.length > 0)) draw('', lines.map(fit));
    },
    write: (text) => writeOut(text),
    outputClosed: closedOutput.signal,
  };
}

const closedOutput = new AbortController();

/** Writes to stdout and waits until it is taken; a reader that has gone away ends output, not work. */
export function writeOut(text: string): Promise<void> {
  if (closedOutput.signal.aborted || text === '') return Promise.resolve();
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => {
      if (error) closedOutput.abort();
      resolve();
    });
  });
}

/** Keeps EPIPE from becoming an uncaught exception. */
export function tolerateClosedOutput(): void {
  process.stdout.on('error', () => closedOutput.abort());
  process.stderr.on('error', () => {});
}
