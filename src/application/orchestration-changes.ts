import type { OrchestrationChange, OrchestrationStart } from '../domain/answers/orchestration.ts';
import { failures } from '../domain/failure.ts';
import { planChange, type StatusChange } from '../domain/orchestration/change.ts';
import { itemsOf } from '../domain/orchestration/items.ts';
import { assertWorkflowId, newOrchestrationFile } from '../domain/orchestration/new-file.ts';
import { parseProjectId } from '../domain/project-id.ts';
import { isEditOf } from '../domain/yaml-edit.ts';
import type { YamlNode } from '../domain/yaml-tree.ts';
import { boundProject, chooseFile, type FileOptions, parsedFile, told } from './orchestration-file.ts';
import type { StateFile } from './ports/state-files.ts';
import type { Hub, Ports } from './ports.ts';

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
      const root = await parsedFile(hub, file);
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
  if (after.ok && isEditOf(root, after.root, plan.edits)) {
    if (!plan.isLine) return;
    const item = itemsOf(after.root, plan.text).find(({ address }) => address === plan.address);
    if (item?.entry !== undefined) return;
    throw failures.usage(
      `where ${plan.address} is one line, its id and its status, '${plan.after}' would be read as no status`,
      'write one that wt knows, such as PENDING, BLOCKED or COMPLETE',
    );
  }
  throw failures.notATextFile(
    file.path,
    `cannot be changed at ${plan.address} alone: something else would change with it`,
  );
}

function assertWritableValues({ status, artifact, note, statusOnly }: StatusChange): void {
  const wrong = (message: string) => failures.usage(message, 'wt orchestration --help');
  if (!statusOnly && (status.trim() === '' || /[\r\n]/.test(status)))
    throw wrong('a status is one line of text');
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
