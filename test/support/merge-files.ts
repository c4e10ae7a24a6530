import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Real merges: a folder for each, with `base`, `ours`, `theirs` and what a person made of them. */
export const cases = fileURLToPath(new URL('../fixtures/merge-cases', import.meta.url));
export const registry = join(cases, 'd599399ea__projects__README.md');
export const tracker = join(cases, 'c6ab784b8__projects__PROJ-001-oss-release__WORKTRACKER.md');
export const file = (folder: string, version: string) => join(folder, `${version}.md`);
export const text = (folder: string, version: string) => readFileSync(file(folder, version), 'utf8');
export const three = (folder: string) => ['base', 'ours', 'theirs'].map((version) => file(folder, version));
