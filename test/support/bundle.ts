import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles a program that imports from `./src/…` into one file in `folder`; node runs that in a tenth of tsx's time. */
export async function bundle(folder: string, program: string): Promise<string> {
  const outfile = join(folder, `${randomUUID()}.mjs`);
  await build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL('../..', import.meta.url)), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    banner: {
      js: 'import { createRequire as __wtCreateRequire } from "node:module"; const require = __wtCreateRequire(import.meta.url);',
    },
    logLevel: 'warning',
  });
  return outfile;
}
