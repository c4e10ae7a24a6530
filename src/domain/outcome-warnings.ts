import { oneLine } from './plain-text.ts';
import { longestResult } from './record-bounds.ts';
import type { Warning } from './warning.ts';

/** That a record holds only the beginning of a result. */
export const longResult = (text: string | undefined): Warning[] =>
  text === undefined || text.length <= longestResult
    ? []
    : [
        {
          code: 'result_shortened',
          message: `the result has ${text.length} characters; the log has all of them`,
        },
      ];

/** That the work was done although claude's turns were used up. */
export const passedAtLimit: Warning = {
  code: 'max_turns',
  message: 'claude was ended by its turn limit, but the command that decides passed',
};

/** Which tool calls were denied beside real work. */
export function denialWarning(denials: readonly unknown[]): Warning[] {
  if (denials.length === 0) return [];
  const calls = denials.slice(0, 3).map(describeDenial).join(', ');
  const more = denials.length > 3 ? ` and ${denials.length - 3} more` : '';
  return [{ code: 'permission_denied', message: `the agent was denied ${calls}${more}` }];
}

function describeDenial(denial: unknown): string {
  const { tool_name, tool_input } = (denial ?? {}) as { tool_name?: unknown; tool_input?: unknown };
  const name = typeof tool_name === 'string' ? tool_name : 'a tool';
  const { command, file_path } = (tool_input ?? {}) as { command?: unknown; file_path?: unknown };
  const what = [command, file_path].find((value) => typeof value === 'string');
  return typeof what === 'string' ? `${name}(${oneLine(what, 60)})` : name;
}
