import * as z from 'zod';
import { failures } from './failure.ts';

/** A local branch name without `refs/heads/`, valid for git (git-check-ref-format(1)). */
export const BranchName = z.string().min(1).brand<'BranchName'>();
export type BranchName = z.infer<typeof BranchName>;

// A component is a file name below .git/refs (plus `.lock`), and most file systems end at 255 bytes.
const longestComponent = 200;

const bytes = (text: string) => new TextEncoder().encode(text).length;

/** Why git would refuse the name, or `undefined`; the rules of git-check-ref-format(1) with `--branch`. */
export function branchNameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes('\uFFFD')) return 'it holds bytes that are not UTF-8';
  if (name.startsWith('-')) return "it begins with '-'";
  if (name === '@' || name === 'HEAD') return 'git keeps that name for itself';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what git refuses
  const bad = /[\u0000-\u0020\u007f~^:?*[\\]/.exec(name);
  if (bad !== null) return bad[0] === ' ' ? 'it holds a space' : `it holds ${JSON.stringify(bad[0])}`;
  if (name.includes('..')) return "it holds '..'";
  if (name.includes('@{')) return "it holds '@{'";
  if (name.endsWith('.')) return "it ends with '.'";
  for (const part of name.split('/')) {
    if (part === '') return "it has an empty part around '/'";
    if (part.startsWith('.')) return "a part begins with '.'";
    if (part.endsWith('.lock')) return "a part ends with '.lock'";
    if (bytes(part) > longestComponent) return `a part is longer than ${longestComponent} bytes`;
  }
  return bytes(name) > 4 * longestComponent ? `it is longer than ${4 * longestComponent} bytes` : undefined;
}

/** The name, checked; throws `invalid_branch`. */
export function parseBranchName(name: string): BranchName {
  const fault = branchNameFault(name);
  if (fault !== undefined) throw failures.invalidBranch(name, fault);
  return name as BranchName;
}
