import { visibleText } from './plain-text.ts';
import { type InstallOptions, nodeStep, pythonStep } from './provisioning/installs.ts';
import { bindStep, projectWarning, verifyStep } from './provisioning/jerry.ts';
import { preCommitStep } from './provisioning/pre-commit.ts';
import { verdictByReceipt } from './provisioning/receipts.ts';
import { type PlannedStep, type ProvisioningPlan, step } from './provisioning/steps.ts';
import type { TreeSurvey } from './provisioning/survey.ts';

/** The command of `hooks.post_create`, and whose it is: one from the repository's file never runs. */
export type PostCreate =
  | { readonly trusted: true; readonly command: string }
  | { readonly trusted: false; readonly command: string; readonly origin: string };

/**
 * The steps that a tree calls for, in order, each with what is to become of it. Lock files count at the top of the
 * tree only. `npm ci` and its kin run the scripts of the packages they install, as they do for everybody.
 */
export function planProvisioning(
  survey: TreeSurvey,
  options: InstallOptions & { readonly postCreate: PostCreate | undefined },
): ProvisioningPlan {
  const before = [
    filesStep(survey, options.force),
    submodulesStep(survey),
    pythonStep(survey, options),
    nodeStep(survey, options),
    preCommitStep(survey, options),
    bindStep(survey),
    verifyStep(survey, options),
  ].filter((planned) => planned !== undefined);
  const hook = hookStep(options.postCreate, before, options);
  const steps = hook === undefined ? before : [...before, hook];
  const missing = survey.jerry === undefined ? undefined : projectWarning(survey.jerry);
  return {
    steps,
    warnings: [...steps.flatMap((one) => one.warnings), ...(missing === undefined ? [] : [missing])],
  };
}

/**
 * The files that the include file names, which git ignores here and does not track in the main worktree. What
 * exists here is never overwritten.
 */
function filesStep({ files }: TreeSurvey, force: boolean): PlannedStep | undefined {
  if (files === undefined) return undefined;
  if (files === 'no-source') {
    const detail = 'a bare repository has no worktree to copy from';
    return step('files', {
      verdict: { kind: 'skip', detail },
      warnings: [{ code: 'nothing_to_copy_from', message: `the include file has no effect: ${detail}` }],
    });
  }
  const { lacking, names, refused, differing, patterns } = files;
  const warnings = refused.slice(0, 20).map(({ path, why }) => ({
    code: 'file_not_copied',
    message: `${visibleText(path)} was not copied: ${why}`,
  }));
  if (refused.length > 20)
    warnings.push({ code: 'file_not_copied', message: `${refused.length - 20} more were not copied` });
  if (force && differing.length > 0)
    warnings.push({
      code: 'file_kept',
      message: `another content than in the main worktree, and kept: ${listed(differing.slice(0, 8), differing.length)}`,
    });
  const drift = `${lacking.length} ${lacking.length === 1 ? 'file is' : 'files are'} missing: ${listed(names, lacking.length)}`;
  return step('files', {
    inputs: { include: patterns },
    warnings,
    verdict: lacking.length === 0 ? { kind: 'unchanged' } : { kind: 'run', action: { kind: 'copy' }, drift },
  });
}

const listed = (names: readonly string[], count: number) => {
  const shown = names.map(visibleText).join(', ');
  return count > names.length ? `${shown} and ${count - names.length} more` : shown;
};

/** Submodules without a work tree; those that have one may hold work, and are left where they stand. */
function submodulesStep({ submodules, hashes }: TreeSurvey): PlannedStep | undefined {
  if (submodules === undefined || submodules.all.length === 0) return undefined;
  const { missing } = submodules;
  return step('submodules', {
    command: 'git submodule update --init --recursive',
    after: ['files'],
    inputs: hashes['.gitmodules'] === undefined ? {} : { '.gitmodules': hashes['.gitmodules'] },
    verdict:
      missing.length === 0
        ? { kind: 'unchanged' }
        : {
            kind: 'run',
            action: { kind: 'submodules', paths: missing },
            drift: `not there: ${listed(missing.slice(0, 5), missing.length)}`,
          },
  });
}

function hookStep(
  postCreate: PostCreate | undefined,
  before: readonly PlannedStep[],
  { receipts, force }: InstallOptions,
): PlannedStep | undefined {
  if (postCreate === undefined) return undefined;
  const { command } = postCreate;
  const names = before.map(({ name }) => name);
  if (!postCreate.trusted) {
    const detail = `${postCreate.origin} is the repository's; put the command in your own configuration to run it`;
    return step('hook', { command, verdict: { kind: 'untrusted', detail } });
  }
  const inputs = { command: encodeURIComponent(command) };
  const receipt = receipts.find((one) => one.step === 'hook');
  const action = { kind: 'run', argv: ['sh', '-c', command], place: 'worktree' } as const;
  return step('hook', {
    command,
    after: names,
    needs: names,
    inputs,
    verdict: verdictByReceipt(action, inputs, receipt, force),
  });
}
