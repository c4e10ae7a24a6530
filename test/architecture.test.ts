import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

type Ring = {
  readonly packages: readonly string[];
  readonly node: boolean;
  readonly rings: readonly string[];
};

/** What each ring may import, and nothing else. Type-only imports count: a type is a dependency too. */
const allowed: Readonly<Record<string, Ring>> = {
  domain: { packages: ['zod'], node: false, rings: ['domain'] },
  application: { packages: ['zod'], node: false, rings: ['domain', 'application'] },
  adapters: {
    packages: ['zod', 'execa', 'yaml', 'proper-lockfile'],
    node: true,
    rings: ['domain', 'application', 'adapters'],
  },
  cli: { packages: ['commander', 'zod'], node: true, rings: ['domain', 'application', 'cli'] },
  agent: { packages: [], node: true, rings: ['agent'] },
  main: { packages: [], node: true, rings: ['domain', 'application', 'adapters', 'cli'] },
  quick: { packages: [], node: true, rings: ['domain', 'application', 'adapters', 'cli'] },
};

/** Every module a text imports: static, type-only, dynamic, re-exported, `require`d, or in an `import('…')` type. */
function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const patterns = [
    /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g,
    /\brequire\s*\(\s*['"`]([^'"`]+)['"`]/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
}

function violations(file: string, text: string): string[] {
  const path = relative(source, file);
  const ringName = path.includes('/') ? (path.split('/')[0] ?? '') : path.replace(/\.ts$/, '');
  const ring = allowed[ringName];
  if (ring === undefined) return [`${path}: no ring is called ${ringName}`];
  return importsOf(text).flatMap((name) => {
    if (name.startsWith('.')) {
      const target = relative(source, resolve(file, '..', name));
      const targetRing = target.includes('/') ? (target.split('/')[0] ?? '') : target.replace(/\.ts$/, '');
      return ring.rings.includes(targetRing) ? [] : [`${path} imports ${target}`];
    }
    if (name.startsWith('node:')) return ring.node ? [] : [`${path} imports ${name}`];
    return ring.packages.includes(name) ? [] : [`${path} imports the package ${name}`];
  });
}

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

describe('the rings', () => {
  it('import only what their ring allows', () => {
    expect(files.flatMap((file) => violations(file, readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('have execa in a single file', () => {
    const users = files.filter((file) => importsOf(readFileSync(file, 'utf8')).includes('execa'));
    expect(users.map((file) => relative(source, file))).toEqual(['adapters/subprocess.ts']);
  });

  it.each([
    ['domain/x.ts', "import { readFileSync } from 'node:fs';"],
    ['domain/x.ts', "import type { Hub } from '../application/ports.ts';"],
    ['domain/x.ts', "export { a } from '../adapters/facts.ts';"],
    ['application/x.ts', "const m = await import('../adapters/facts.ts');"],
    ['application/x.ts', "type T = import('../cli/main.ts').T;"],
    ['application/commands/x.ts', "import { Command } from 'commander';"],
    ['adapters/x.ts', "import '../cli/main.ts';"],
    ['cli/x.ts', "import { openHub } from '../adapters/hub.ts';"],
    ['application/x.ts', "import {\n  a,\n  b,\n} from 'node:path';"],
    ['elsewhere/x.ts', "import * as z from 'zod';"],
  ])('see a violation in %s: %s', (path, text) => {
    expect(violations(join(source, path), text)).toHaveLength(1);
  });
});
