import type { OrchestrationFindings, OrchestrationPicture } from '../domain/answers/orchestration.ts';
import { errorBody } from '../domain/error-body.ts';
import { Failure } from '../domain/failure.ts';
import { claimedArtifacts, type Finding, findingsIn } from '../domain/orchestration/findings.ts';
import { pictureOf } from '../domain/orchestration/picture.ts';
import type { YamlNode } from '../domain/yaml-tree.ts';
import { type ChosenFile, chooseFile, type FileOptions, parsedFile, told } from './orchestration-file.ts';
import type { Hub, Ports } from './ports.ts';

// What makes a picture doubtful; the rest is for `validate`.
const doubtful = new Set<Finding['code']>(['duplicate_key', 'unknown_status', 'unknown_reference', 'alias']);

/** The normalised picture of the file. */
export async function showFile(ports: Ports, hub: Hub, options: FileOptions): Promise<OrchestrationPicture> {
  const chosen = await chooseFile(ports, hub, { ...options, edits: false });
  const file = await hub.stateFiles.read(chosen.path);
  const root = await parsedFile(hub, file);
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
    const root = await parsedFile(hub, file);
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
