import type { Narrator } from '../../src/application/ports.ts';

/** A narrator of a script that keeps what it is told. */
export const tellingNarrator = (
  told: string[],
  { signal, format = 'json' }: { readonly signal: AbortSignal; readonly format?: Narrator['format'] },
): Narrator => ({
  note: (message) => told.push(message),
  warn: (message) => told.push(message),
  live: () => {},
  write: async () => {},
  format,
  color: false,
  tty: { stdin: false, stdout: false, stderr: false, columns: 80 },
  signal,
  hangup: new Promise(() => {}),
  outputClosed: new AbortController().signal,
});
