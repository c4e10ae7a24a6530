import type { CreateAnswer } from '../domain/answers/create.ts';
import { visibleText } from '../domain/plain-text.ts';
import { stepLines } from './step-view.ts';

/** What was made, for people: the branch and where it came from, the folder, the steps. */
export function createdLines(item: CreateAnswer): string[] {
  const from = item.base_ref === null ? '' : ` from ${item.base_ref} (${item.base_sha?.slice(0, 8)})`;
  return [
    `${item.branch}${from}`,
    `  path   ${visibleText(item.worktree_path ?? '')}`,
    ...(item.project_id === null ? [] : [`  bound  ${item.project_id}`]),
    ...(item.orchestration === null
      ? []
      : [`  agent  ${item.orchestration.address}${ofFile(item.orchestration.file)}`]),
    ...stepLines(item.steps),
  ];
}

const ofFile = (file: string | null) => (file === null ? '' : ` of ${visibleText(file)}`);
