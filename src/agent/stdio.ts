import { closeSync, fstatSync } from 'node:fs';

/** stdout as the agent uses it: it can be closed under way, and a reader that is gone is nobody's error. */
export type Output = { readonly write: (text: string) => void; readonly close: () => void };

/** Opens stdout. Writes to a file or a pipe are done when they return, so that an exit loses nothing. */
export function openOutput(): Output {
  let open = true;
  process.stdout.on('error', () => {
    open = false;
  });
  return {
    write: (text) => {
      if (open) process.stdout.write(text);
    },
    close: () => {
      open = false;
      closeSync(1);
    },
  };
}

/** Reads stdin to its end; undefined when the prompt begins by asking for stdin to be closed at once. */
export async function readPrompt(): Promise<string | undefined> {
  if (process.stdin.isTTY || !isOpen(0)) return '';
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    if (chunks.length === 0 && bytes.toString('latin1', 0, 18) === '@stdin-early-close') return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}
