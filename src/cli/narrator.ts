import { isatty } from 'node:tty';
import type { Narrator } from '../application/ports.ts';
import { plainText } from '../domain/plain-text.ts';
import { openLiveBlock } from './live-block.ts';

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
  const block = openLiveBlock(stderr);
  const say = (message: string) => {
    if (liveAllowed) block.say(message);
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
      columns: columns(),
    },
    note: (message) => {
      if (!options.quiet) say(message);
    },
    warn: (message) =>
      say(`${options.color ? '\u001b[33mwarning:\u001b[39m' : 'warning:'} ${plainText(message)}`),
    live: (lines) => {
      if (liveAllowed) block.show(lines);
    },
    write: (text) => {
      if (liveAllowed && stdout.isTTY === true) block.show([]); // they share the screen
      return writeOut(text);
    },
    outputClosed: closedOutput.signal,
  };
}

const closedOutput = new AbortController();

/** Writes to stdout and waits until it is taken; a reader that has gone away ends output, not work. */
export function writeOut(text: string | Uint8Array): Promise<void> {
  if (closedOutput.signal.aborted || text.length === 0) return Promise.resolve();
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

/** How wide what is written may be. */
export const columns = (): number => process.stdout.columns ?? process.stderr.columns ?? 80;

/** Whether a stream gets colours; `flag` is what the command line says. */
export function wantsColor(flag: boolean | undefined, stream: NodeJS.WriteStream): boolean {
  if (flag === false) return false;
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') return true;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  return stream.isTTY === true && TERM !== 'dumb';
}
