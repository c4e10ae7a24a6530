import { join } from 'node:path';
import type { Recorded, Recorder, RecordOptions } from '../application/ports/recorder.ts';
import type { StateFile, StateFiles } from '../application/ports/state-files.ts';
import { isFailure } from '../domain/failure.ts';
import { artifactAmong, plannedArtifact } from '../domain/orchestration/artifact.ts';
import type { Binding } from '../domain/orchestration/binding.ts';
import {
  type Happening,
  type PlannedRecording,
  planRecording,
  type RecordedFile,
  statusAfter,
} from '../domain/orchestration/recording.ts';
import {
  missingArtifact,
  notRecorded,
  recordingWarnings,
} from '../domain/orchestration/recording-warnings.ts';
import { linesOf } from '../domain/text-lines.ts';
import type { Warning } from '../domain/warning.ts';
import { isEditOf } from '../domain/yaml-edit.ts';

type Made = { readonly plan: PlannedRecording; readonly warnings: readonly Warning[] };

/** Opens the recorder over the ledger of state files. */
export function openRecorder(files: StateFiles, now: () => Date): Recorder {
  const read = async (file: StateFile): Promise<RecordedFile> => {
    const parsed = await files.parseYaml(file.text);
    if (!parsed.ok) {
      const line = linesOf(file.text).lineAt(parsed.fault.offset);
      throw new Error(`line ${line}: ${parsed.fault.message}`);
    }
    return { ...file, root: parsed.root };
  };

  const make = async (
    file: RecordedFile,
    binding: Binding,
    happening: Happening,
    options: RecordOptions,
  ): Promise<Made> => {
    const found = await artifactOf(file, binding, happening, options);
    const told: Happening =
      happening.kind === 'ended' && found.path !== undefined
        ? { ...happening, artifact: found.path }
        : happening;
    const plan = planRecording(file, binding.address, told, {
      now: now(),
      completeBarriers: binding.complete_barriers,
    });
    if (plan.edits.length > 0) {
      const after = await files.parseYaml(plan.text);
      if (!after.ok || !isEditOf(file.root, after.root, plan.edits))
        throw new Error(`something else than ${plan.address} would change with it`);
    }
    return { plan, warnings: [...found.warnings, ...recordingWarnings(binding, plan)] };
  };

  return {
    record: async (binding, happening, options = {}): Promise<Recorded> => {
      const wanted = statusAfter(happening);
      try {
        const { plan, warnings } = await files.update(
          join(binding.top, binding.file),
          async (file) => {
            const made = await make(await read(file), binding, happening, options);
            return { text: made.plan.text, result: made };
          },
          {
            within: binding.top,
            purpose: 'recording what became of an agent',
            lease: options.lease,
            waitMs: options.waitMs,
          },
        );
        const bound = { file: binding.file, address: plan.address, status: plan.status };
        return { bound, checkpoints: plan.checkpoints, warnings, isBusy: false };
      } catch (error) {
        // Not even a mistake of wt's own may fail a run or a landing that is done.
        const why = error instanceof Error ? error.message : String(error);
        return {
          bound: undefined,
          checkpoints: [],
          warnings: [notRecorded(binding, wanted, why)],
          isBusy: isFailure(error, 'busy'),
        };
      }
    },
  };
}

/** The artifact that an agent was to make, where the work that is recorded has it. */
async function artifactOf(
  file: RecordedFile,
  binding: Binding,
  happening: Happening,
  { work }: RecordOptions,
): Promise<{ readonly path: string | undefined; readonly warnings: readonly Warning[] }> {
  const none = { path: undefined, warnings: [] };
  if (happening.kind !== 'ended' || !happening.isComplete || work === undefined) return none;
  const planned = plannedArtifact(file, binding.address);
  if (planned === undefined) return none;
  const above = binding.file.includes('/') ? binding.file.slice(0, binding.file.lastIndexOf('/') + 1) : '';
  if (planned.path !== undefined && !planned.isTemplate) {
    // As with the rest of the file, a path counts from the top, or from the folder of the file.
    const found = await work.has([planned.path, `${above}${planned.path}`]);
    return found.length > 0 ? none : { ...none, warnings: [missingArtifact(binding, planned.path)] };
  }
  return { ...none, path: artifactAmong(planned, work.changed, above) };
}
