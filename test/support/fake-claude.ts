import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const agent = fileURLToPath(new URL('../../dist/scripted-agent.js', import.meta.url));

/** Makes an executable `claude` in `folder` that plays the `@` lines of its prompt, and gives its path. */
export function fakeClaude(folder: string): string {
  if (!existsSync(agent)) throw new Error('dist/scripted-agent.js is missing: run `npm run build`');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'claude');
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${agent}' "$@"\n`, { mode: 0o755 });
  return path;
}
