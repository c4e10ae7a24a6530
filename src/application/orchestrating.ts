import type {
  OrchestrationChange,
  OrchestrationFindings,
  OrchestrationPicture,
  OrchestrationStart,
} from '../domain/answers/orchestration.ts';
import { Failure, failures } from '../domain/failure.ts';
import { planChange, type StatusChange } from '../domain/orchestration/change.ts';
import { claimedArtifacts, type Finding, findingsIn } from '../domain/orchestration/findings.ts';
import { assertWorkflowId, newOrchestrationFile } from '../domain/orchestration/new-file.ts';
import { pictureOf } from '../domain/orchestration/picture.ts';
import { parseProjectId } from '../domain/project-id.ts';
import { linesOf } from '../domain/text-lines.ts';
import type { Warning } from '../domain/warning.ts';
import { errorBody } from '../domain/warning.ts';
import { isEditOf } from '../domain/yaml-edit.ts';
import type { YamlNode } from '../domain/yaml-tree.ts';
import { boundProject, type ChosenFile, chooseFile } from './orchestration-file.ts';
import type { StateFile } from './ports/state-files.ts';
import type { Hub, Ports } from './ports.ts';

export type FileOptions = { readonly file?: string | undefined; readonly here: boolean };

/** What a file holds; throws with its line what keeps it from being read. */
async function parsed(hub: Hub, file: StateFile): Promise<YamlNode | undefined> {
  const result = await hub.stateFiles.parseYaml(file.text);
  if (result.ok) return result.root;
  const { lineAt, columnAt } = linesOf(file.text);
  const { offset, message } = result.fault;
  throw failures.stateFileInvalid(file.path, { line: lineAt(offset), column: columnAt(offset) }, message);
}

const told = (ports: Ports, warnings: readonly Warning[]): Warning[] => {
  for (const { message } of warnings) ports.narrator.warn(message);
  return [...warnings];
};

// What makes a picture doubtful; the rest is for `validate`.
const doubtful = new Set<Finding['code']>(['duplicate_key', 'unknown_status', 'unknown_reference', 'alias']);

/** The normalised picture of the file. */
export async function showFile(ports: Ports, hub: Hub, options: FileOptions): Promise<OrchestrationPicture> {
  const chosen = await chooseFile(ports, hub, { ...options, edits: false });
  const file = await hub.stateFiles.read(chosen.path);
  const root = await parsed(hub, file);
  const warnings = [
    ...chosen.warnings,
    ...findingsIn(root, file.text)
      .filter(({ code }) => doubtful.has(code))
      .map(({ code, line, message }) => ({ code, message: `line ${line}: ${message}` })),
  ];
  told(ports, chosen.warnings);
  return { file: chosen.path, ...pictureOf(root, file.text), warnings, error: null } as OrchestrationPicture;
}

/** What is odd in the file, and what keeps it from being read. */
export async function validateFile(
  ports: Ports,
  hub: Hub,
  options: FileOptions,
): Promise<OrchestrationFindings> {
  const chosen = await chooseFile(ports, hub, { ...options, edits: false });
  const placed = chosen.warnings.map((warning) => ({ ...warning, line: null, address: null }));
  told(ports, chosen.warnings);
  try {
    const file = await hub.stateFiles.read(chosen.path);
    const root = await parsed(hub, file);
    const warnings = [
      ...findingsIn(root, file.text),
      ...(await missingArtifacts(hub, chosen, root, file.text)),
    ];
    return {
      file: chosen.path,
      valid: true,
      warnings: [...placed, ...warnings.sort((a, b) => a.line - b.line)],
      errors: [],
      error: null,
    };
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'file_not_found') throw error;
    const { line, column, reason } = error.details;
    const where = {
      line: typeof line === 'number' ? line : null,
      column: typeof column === 'number' ? column : null,
    };
    const message = typeof reason === 'string' ? reason : error.message;
    return {
      file: chosen.path,
      valid: false,
      warnings: placed,
      errors: [{ code: error.code, message, ...where }],
      error: errorBody(error),
    };
  }
}

/** Artifacts are named from the top of the repository, or from the folder of the file. */
async function missingArtifacts(
  hub: Hub,
  { path, top }: ChosenFile,
  root: YamlNode | undefined,
  source: string,
): Promise<readonly Finding[]> {
  const claimed = claimedArtifacts(root, source);
  const folder = path.slice(0, path.lastIndexOf('/'));
  const places = (artifact: string) => [`${top}/${artifact}`, `${folder}/${artifact}`];
  const present = await hub.stateFiles.present(claimed.flatMap((each) => places(each.path)));
  return claimed
    .filter((each) => !places(each.path).some((place) => present.has(place)))
    .map((each) => ({
      code: 'missing_artifact',
      line: each.line,
      address: each.address,
      message: `${each.address} is complete, but there is no ${each.path}`,
    }));
}

/** Changes a status, and in the text nothing but what has to change. */
export async function setStatus(
  ports: Ports,
  hub: Hub,
  change: StatusChange,
  options: FileOptions,
): Promise<OrchestrationChange> {
  assertWritableValues(change);
  const chosen = await chooseFile(ports, hub, { ...options, edits: true });
  const result = await hub.stateFiles.update(
    chosen.path,
    async (file) => {
      const root = await parsed(hub, file);
      const plan = planChange({ ...file, root }, change, ports.clock.now());
      if (plan.edits.length > 0) await assertOnlyThis(hub, file, root, plan);
      return { text: plan.text, result: plan };
    },
    {
      within: chosen.top,
      purpose: 'wt orchestration set',
      signal: ports.narrator.signal,
      onWait: (holder) => ports.narrator.note(`waiting for ${holder}`),
    },
  );
  const { address, before, after, lines } = result;
  const warnings = told(ports, [...chosen.warnings, ...result.warnings]);
  return { file: chosen.path, address, before, after, lines: [...lines], warnings, error: null };
}

/** The new text is read again: nothing may differ in it but what was meant. */
async function assertOnlyThis(
  hub: Hub,
  file: StateFile,
  root: YamlNode | undefined,
  plan: ReturnType<typeof planChange>,
): Promise<void> {
  const after = await hub.stateFiles.parseYaml(plan.text);
  if (after.ok && isEditOf(root, { root: after.root, text: plan.text }, plan.edits)) return;
  throw failures.notATextFile(
    file.path,
    `cannot be changed at ${plan.address} alone: something else would change with it`,
  );
}

function assertWritableValues({ status, artifact, note, statusOnly }: StatusChange): void {
  const wrong = (message: string) => failures.usage(message, 'wt orchestration --help');
  if (status.trim() === '' || /[\r\n]/.test(status)) throw wrong('a status is one line of text');
  if (statusOnly && (artifact !== undefined || note !== undefined))
    throw wrong('--status-only changes the status alone; --artifact and --note go without it');
  if (artifact === undefined) return;
  if (artifact.trim() === '' || /[\r\n]/.test(artifact)) throw wrong('an artifact is a path');
  if (/^(?:[/~]|[A-Za-z]:[\\/])/.test(artifact))
    throw wrong(`${artifact} is an absolute path; name the artifact from the top of the repository`);
}

/** Writes a new file for a workflow, in the coordinator's worktree. */
export async function initFile(
  ports: Ports,
  hub: Hub,
  workflowId: string,
  options: FileOptions & { readonly project?: string | undefined },
): Promise<OrchestrationStart> {
  assertWorkflowId(workflowId);
  const { config } = await ports.config();
  const project = options.project ?? (await boundProject(ports, hub, config.naming.variable));
  if (project === undefined)
    throw failures.usage(
      'init needs the project that the workflow belongs to',
      `wt orchestration init ${workflowId} --project <id>`,
    );
  const projectId = parseProjectId(project, config.naming.project_pattern);
  if (!/^[\w.-]+$/.test(projectId)) throw failures.invalidProjectId(projectId, 'it is the name of a folder');
  const file = options.file ?? config.orchestration.file;
  const top = options.here ? hub.repository.current : hub.repository.main;
  const usual = `${top}/projects/${projectId}/ORCHESTRATION.yaml`;
  const wanted = options.file ?? (file === undefined ? usual : `${top}/${file}`);
  const chosen = await chooseFile(ports, hub, { file: wanted, here: options.here, edits: true });
  const time = `${ports.clock.now().toISOString().slice(0, 19)}Z`;
  await hub.stateFiles.create(chosen.path, newOrchestrationFile({ workflowId, projectId, time }), {
    within: chosen.top,
    purpose: 'wt orchestration init',
    signal: ports.narrator.signal,
  });
  const warnings = told(ports, chosen.warnings);
  return { file: chosen.path, workflow_id: workflowId, project_id: projectId, warnings, error: null };
}
