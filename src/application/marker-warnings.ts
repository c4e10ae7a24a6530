import { isFailure } from '../domain/failure.ts';
import { globMatcher } from '../domain/glob.ts';
import { visibleText } from '../domain/plain-text.ts';
import type { Warning } from '../domain/warning.ts';
import type { Range } from './ports/git.ts';
import type { Hub } from './ports.ts';

const mostNamed = 5;

/**
 * Where a branch brings the markers of a conflict into files that had none. It may be a text about conflicts, so it
 * lands all the same, and whoever reads the answer is told.
 */
export async function markerWarnings(
  hub: Hub,
  name: string,
  range: Range,
  accepted: readonly string[],
): Promise<readonly Warning[]> {
  try {
    const isAccepted = globMatcher(accepted);
    const found = (await hub.git.markersBrought(range)).filter(({ path }) => !isAccepted(path));
    if (found.length === 0) return [];
    const named = found.slice(0, mostNamed).map(({ path, line }) => `${visibleText(path)}:${line}`);
    const more = found.length > mostNamed ? ` and ${found.length - mostNamed} more` : '';
    const message = `${name} brings the markers of a conflict: ${named.join(', ')}${more}; resolve and commit that, unless they are meant`;
    return [{ code: 'conflict_markers', message }];
  } catch (error) {
    if (!isFailure(error) || error.kind === 'interrupted') throw error;
    const message = `whether ${name} brings the markers of a conflict is not known: ${error.message}`;
    return [{ code: 'markers_unknown', message }];
  }
}
