import { type Dirent, readdirSync } from 'node:fs';

/** What is in a folder; nothing where there is none, or none that may be read. */
export function listing(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

export const namesIn = (folder: string): string[] => listing(folder).map(({ name }) => name);
