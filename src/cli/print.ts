import { writeSync } from 'node:fs';
import { tolerateClosedOutput, writeOut } from './narrator.ts';

/**
 * Writes to stdout without opening node's stream for it, which takes as long as everything else of a quick look. Where
 * a pipe is full and does not wait the stream takes over; a reader that has gone away ends output, not work.
 */
export async function print(text: string): Promise<void> {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    tolerateClosedOutput();
    await writeOut(rest);
  }
}
