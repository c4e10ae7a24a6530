import { nearest } from '../near.ts';
import type { Warning } from '../warning.ts';
import type { Receipt } from '../worktree-facts.ts';
import { sharesVenv } from './installs.ts';
import { verdictByReceipt } from './receipts.ts';
import { type Argv, type PlannedStep, type StepName, shown, step } from './steps.ts';
import type { JerrySurvey, TreeSurvey } from './survey.ts';

/** Where the jerry command line looks for the project that a tree works on. */
export const contextFile = '.jerry/local/context.toml';

/** Whether a pyproject.toml is that of the framework, or depends on it by a script of that name. */
export const bringsJerry = (pyproject: string): boolean =>
  /^\s*name\s*=\s*["']jerry["']/m.test(pyproject) || /^\s*jerry\s*=\s*["']/m.test(pyproject);

/**
 * Whether a tree is one of the Jerry framework's: it has `projects/`, and either a `.jerry/` folder, a
 * pyproject.toml that brings the command, or an ignore rule that names `.jerry`.
 */
export const isJerryTree = (seen: {
  readonly projects: boolean;
  readonly folder: boolean;
  readonly bringsCommand: boolean;
  readonly ignoreRule: string | undefined;
}): boolean =>
  seen.projects && (seen.folder || seen.bringsCommand || seen.ignoreRule?.includes('.jerry') === true);

/**
 * The text of context.toml that names the project; everything else in it stays. The text itself when it does
 * already, `undefined` where `context` is written in a form that only a TOML parser could edit.
 */
export function bindContext(text: string | undefined, projectId: string): string | undefined {
  const value = JSON.stringify(projectId);
  const end = text?.includes('\r\n') === true ? '\r\n' : '\n';
  const block = `[context]${end}active_project = ${value}${end}`;
  if (text === undefined || text.trim() === '') return block;
  const lines = text.split(/(?<=\n)/);
  let table = '';
  let header: number | undefined;
  for (const [index, line] of lines.entries()) {
    const opened = /^\s*\[\s*([^[\]]+?)\s*\]\s*(?:#.*)?$/.exec(line.trimEnd())?.[1];
    if (opened !== undefined) {
      table = opened.replaceAll(/["']/g, '');
      if (table === 'context') header ??= index;
      continue;
    }
    if (/^\s*\[\[/.test(line)) table = '[[';
    if (table === '' && /^\s*["']?context["']?\s*=/.test(line)) return undefined;
    const key =
      table === 'context' ? 'active_project' : table === '' ? 'context\\s*\\.\\s*active_project' : null;
    if (key === null) continue;
    const found = new RegExp(
      `^(\\s*${key}\\s*=\\s*)("(?:[^"\\\\]|\\\\.)*"|'[^']*'|)(\\s*(?:#.*)?\\s*)$`,
    ).exec(line);
    if (found === null) continue;
    const [, before = '', old = '', after = ''] = found;
    if (old === value || old === `'${projectId}'`) return text;
    lines[index] = `${before}${value}${after}`;
    return lines.join('');
  }
  if (header !== undefined) {
    const line = lines[header] ?? '';
    lines[header] = `${line.endsWith('\n') ? line : `${line}${end}`}active_project = ${value}${end}`;
    return lines.join('');
  }
  return `${text}${text.endsWith('\n') ? '' : end}${end}${block}`;
}

/** The line that binds the tree to its project for the jerry command; written only where git does not see it. */
export function bindStep({ jerry }: TreeSurvey): PlannedStep | undefined {
  if (jerry === undefined || !jerry.isJerryTree) return undefined;
  const { projectId, context } = jerry;
  const skip = (detail: string, code: string) =>
    step('jerry-bind', {
      verdict: { kind: 'skip', detail },
      warnings: [{ code, message: `${contextFile} was not written: ${detail}` }],
    });
  if (!context.ignored) return skip('git does not ignore it here', 'not_ignored');
  if (context.blocked !== undefined) return skip(context.blocked, 'context_not_written');
  const wanted = bindContext(context.text, projectId);
  if (wanted === undefined)
    return skip('its [context] is in a form that wt does not edit', 'context_not_written');
  return step('jerry-bind', {
    after: ['files'],
    verdict:
      wanted === context.text
        ? { kind: 'unchanged' }
        : { kind: 'run', action: { kind: 'bind' }, drift: `${contextFile} does not name ${projectId}` },
  });
}

/** Says that the project's folder is not in the tree, with those that may be meant. */
export function projectWarning(jerry: JerrySurvey): Warning | undefined {
  if (jerry.projectExists) return undefined;
  const near = nearest(jerry.projectId, jerry.projects);
  const hint = near.length > 0 ? `; there is ${near.join(', ')}` : '';
  return { code: 'project_missing', message: `projects/${jerry.projectId}/ is not in this tree${hint}` };
}

/** The check by `jerry projects validate`: never `projects context`, which makes the folder of a mistyped project. */
export function verifyStep(
  survey: TreeSurvey,
  options: { readonly shareVenv: boolean; readonly force: boolean; readonly receipts: readonly Receipt[] },
): PlannedStep | undefined {
  const { jerry, tools } = survey;
  if (jerry === undefined || !jerry.isJerryTree) return undefined;
  if (!jerry.projectExists)
    return step('jerry-verify', {
      verdict: { kind: 'skip', detail: `projects/${jerry.projectId}/ is not in this tree` },
    });
  const tool =
    jerry.bringsCommand && survey.hashes['uv.lock'] !== undefined && tools.uv !== undefined
      ? ('uv' as const)
      : ('jerry' as const);
  const stamp = tools[tool]?.stamp;
  if (stamp === undefined)
    return step('jerry-verify', {
      verdict: { kind: 'skip', detail: 'projects/ has it; there is no jerry command to validate it with' },
    });
  const noSync = sharesVenv(survey, options.shareVenv) ? ['--no-sync'] : [];
  const through = tool === 'uv' ? ['run', '--frozen', ...noSync, 'jerry'] : [];
  const argv: Argv = [tool, ...through, '--json', 'projects', 'validate', jerry.projectId];
  const inputs = { project: jerry.projectId, [tool]: stamp };
  const needs: StepName[] = tool === 'uv' ? ['uv-sync', 'venv-link'] : [];
  return step('jerry-verify', {
    command: shown(argv),
    after: ['uv-sync', 'venv-link', 'jerry-bind'],
    needs,
    inputs,
    verdict: verdictByReceipt(
      { kind: 'verify', argv },
      inputs,
      options.receipts.find((one) => one.step === 'jerry-verify'),
      options.force,
    ),
  });
}

export type Validation =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly why: string }
  | { readonly kind: 'unverified'; readonly why: string };

/** What the end of `jerry projects validate` means: 1 is its answer "invalid", but so ends a traceback too. */
export function validationOf(ended: {
  readonly exitCode: number | null;
  readonly output: string;
}): Validation {
  const { exitCode, output } = ended;
  if (exitCode === 0) return { kind: 'valid' };
  const last = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  if (output.includes('Traceback (most recent call last)')) return { kind: 'unverified', why: last };
  if (exitCode === 1) return { kind: 'invalid', why: reasonIn(output) ?? last };
  return { kind: 'unverified', why: last === '' ? `it ended with ${exitCode ?? 'a signal'}` : last };
}

function reasonIn(output: string): string | undefined {
  const begin = output.indexOf('{');
  if (begin === -1) return undefined;
  try {
    const answer: unknown = JSON.parse(output.slice(begin, output.lastIndexOf('}') + 1));
    const { errors, messages, message, error } = answer as Record<string, unknown>;
    const first = [errors, messages, message, error].find((one) => one !== undefined);
    const texts = (Array.isArray(first) ? first : [first]).filter((one) => typeof one === 'string');
    return texts.length > 0 ? texts.join('; ') : undefined;
  } catch {
    return undefined;
  }
}
