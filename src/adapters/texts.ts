import { readFileSync } from 'node:fs';
import type { Texts } from '../application/ports/texts.ts';
import { failures } from '../domain/failure.ts';
import { atomicWrite } from './atomic-write.ts';
import { openAsk } from './git/ask.ts';

/** Text files anywhere, and git's own merge of them. */
export function openTexts(variables: Readonly<Record<string, string | undefined>>): Texts {
  return {
    read: async (path) => {
      const bytes = readBytes(path);
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        return undefined;
      }
    },
    replace: async (path, content) => atomicWrite(path, content, { mode: 0o644 }),
    mergeLines: ({ base, ours, theirs }, { cwd, markerSize }) =>
      openAsk({ cwd, variables })({
        args: [
          ...['merge-file', '--stdout', '--quiet'],
          ...(markerSize === undefined ? [] : [`--marker-size=${markerSize}`]),
          ...['-L', 'ours', '-L', 'base', '-L', 'theirs', '--', ours, base, theirs],
        ],
        // 255 for what it cannot merge, else the number of conflicts.
        answers: Array.from({ length: 256 }, (_, code) => code),
        parse: ({ stdout, stderr, exitCode }) =>
          exitCode > 127
            ? { kind: 'failed', why: stderr.trim() }
            : { kind: exitCode === 0 ? 'clean' : 'conflicts', bytes: stdout },
      }),
  };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw failures.fileNotFound(path);
    throw failures.usage(`${path} cannot be read: ${(error as Error).message}`, 'wt merge-file --help');
  }
}
