import type { Options } from './arguments.ts';

/** What becomes of a tool use: it runs, it is denied (and recorded), or there is no such tool (and it is not). */
export type Verdict =
  | { readonly kind: 'runs' }
  | { readonly kind: 'denied' | 'absent'; readonly message: string };

/**
 * Judges a tool use as claude does: `--tools` and a bare name in `--disallowedTools` take the tool away, a rule in
 * it denies, and what `--allowedTools` does not name is denied because nobody can be asked. Unlike claude it has no
 * list of harmless commands that run without permission.
 */
export function judge(options: Options, tool: string, input: Readonly<Record<string, unknown>>): Verdict {
  const { allowed, disallowed, tools, permissionMode, structured } = options;
  if (tool === 'StructuredOutput') return structured ? { kind: 'runs' } : absent(tool);
  if (disallowed.includes(tool) || tools?.includes(tool) === false) return absent(tool);
  const command = typeof input.command === 'string' ? input.command : '';
  const matches = (rule: string) => rule === tool || (tool === 'Bash' && commandMatches(rule, command));
  if (disallowed.some(matches)) {
    return { kind: 'denied', message: `Permission to use ${tool} with command ${command} has been denied.` };
  }
  const unasked =
    permissionMode === 'bypassPermissions' || (permissionMode === 'acceptEdits' && tool === 'Write');
  if (unasked || allowed.some(matches)) return { kind: 'runs' };
  return denied(tool, input);
}

/** The denial of a tool that nothing allows. */
export function denied(tool: string, input: Readonly<Record<string, unknown>>): Verdict {
  const message =
    tool === 'Write'
      ? `Claude requested permissions to write to ${String(input.file_path)}, but you haven't granted it yet.`
      : 'This command requires approval';
  return { kind: 'denied', message };
}

function absent(tool: string): Verdict {
  const message = `Error: No such tool available: ${tool}. ${tool} exists but is not enabled in this context. Use one of the available tools instead.`;
  return { kind: 'absent', message };
}

/** `Bash(git push:*)` is a prefix of the command as it stands; `git -C . push` gets past it, as it does with claude. */
function commandMatches(rule: string, command: string): boolean {
  const pattern = /^Bash\((.*)\)$/.exec(rule)?.[1];
  if (pattern === undefined) return false;
  const prefix = pattern.replace(/:?\*$/, '').trimEnd();
  return pattern.endsWith('*') ? command.startsWith(prefix) : command === pattern;
}
