import { quote } from '../shell.ts';
import type { Status } from '../status.ts';
import type { Warning } from '../warning.ts';
import type { Binding } from './binding.ts';
import type { PlannedRecording } from './recording.ts';

const setCommand = ({ file, address }: Binding, status: Status): string =>
  `wt orchestration set ${quote(address)} ${status} --file ${quote(file)}`;

/** That what became of an agent does not stand in the file, with what to type once that can be. */
export const notRecorded = (binding: Binding, status: Status, why: string): Warning => ({
  code: 'not_recorded',
  message: `${binding.file} does not say that ${binding.address} is ${status}: ${why}; then ${setCommand(binding, status)}`,
});

export const missingArtifact = ({ file, address }: Binding, path: string): Warning => ({
  code: 'missing_artifact',
  message: `${file} says that ${address} makes ${path}, and that is not in its commits`,
});

/** What could be entered only in part. */
export function recordingWarnings(binding: Binding, plan: PlannedRecording): readonly Warning[] {
  const { file, address } = binding;
  return [
    ...(plan.denied === undefined
      ? []
      : [
          {
            code: 'status_left',
            message: `${file} says that ${address} is ${plan.status}, which stays; ${setCommand(binding, plan.denied)} makes it ${plan.denied}`,
          },
        ]),
    ...plan.refused.map((part) => ({
      code: 'not_recorded',
      message: `${file} has no place for a ${part} that wt can edit safely; enter it by hand`,
    })),
  ];
}
