import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One thing that an agent wrote down of what it did. */
export type Done =
  | { readonly act: 'start'; readonly pid: number; readonly resumed: boolean }
  | { readonly act: 'wrote'; readonly path: string; readonly sha: string }
  | { readonly act: 'committed'; readonly sha: string }
  | { readonly act: 'commit-failed'; readonly code: number }
  | { readonly act: 'daemon'; readonly kind: 'session' | 'root' | 'bare' }
  | { readonly act: 'half' }
  | { readonly act: 'dying'; readonly how: number | string }
  | { readonly act: 'result-begun' | 'result'; readonly error: boolean }
  | { readonly act: 'exit'; readonly code: number };

/** What the agent of each dispatch did, in order; nothing of one that was never started. */
export function readEvidence(folder: string): ReadonlyMap<string, readonly Done[]> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];
  return new Map(
    names.map((name) => {
      const lines = readFileSync(join(folder, name), 'utf8').split('\n');
      // A shell that is killed may leave the last line half written.
      return [name.replace(/\.jsonl$/, ''), lines.flatMap((line) => parsed(line) ?? [])];
    }),
  );
}

function parsed(line: string): Done | undefined {
  try {
    return JSON.parse(line) as Done;
  } catch {
    return undefined;
  }
}
