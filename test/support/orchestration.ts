import { readdirSync, readFileSync } from 'node:fs';
import { parseYaml } from '../../src/adapters/yaml/tree.ts';
import { type PlannedChange, planChange, type StatusChange } from '../../src/domain/orchestration/change.ts';
import { type Picture, pictureOf } from '../../src/domain/orchestration/picture.ts';
import {
  type Happening,
  type PlannedRecording,
  planRecording,
} from '../../src/domain/orchestration/recording.ts';
import { isEditOf } from '../../src/domain/yaml-edit.ts';
import type { YamlNode } from '../../src/domain/yaml-tree.ts';

const folder = new URL('../fixtures/orchestration/', import.meta.url);

/** The real files, by name. */
export const realFiles: readonly (readonly [name: string, text: string])[] = readdirSync(folder).map(
  (name) => [name, readFileSync(new URL(name, folder), 'utf8')],
);
export const realFile = (part: string): string =>
  realFiles.find(([name]) => name.includes(part))?.[1] ?? `no file is called ${part}`;

/** The document of a text that has to be one. */
export function rootOf(text: string): YamlNode | undefined {
  const parsed = parseYaml(text);
  if (!parsed.ok) throw new Error(`${parsed.fault.message} at ${parsed.fault.offset}`);
  return parsed.root;
}

export const pictured = (text: string): Picture => pictureOf(rootOf(text), text);

export const testTime = new Date('2026-03-04T05:06:07.089Z');

/** A change planned, and read again as the ledger does; throws when more than that would change. */
export function planned(
  text: string,
  address: string,
  status: string,
  more: Partial<StatusChange> = {},
): PlannedChange {
  const root = rootOf(text);
  const change = { address, status, statusOnly: false, ...more };
  const plan = planChange({ path: 'ORCHESTRATION.yaml', text, root }, change, testTime);
  if (!isEditOf(root, rootOf(plan.text), plan.edits))
    throw new Error(`more than ${address} would change:\n${plan.text}`);
  return plan;
}

export const setExactly = (text: string, address: string, status: string): PlannedChange =>
  planned(text, address, status, { statusOnly: true });

/** The numbers of the lines of the new text that are not in the old one at their place; lines that were added shift the rest. */
export function changedLines(before: string, after: string): number[] {
  const old = before.split('\n');
  const now = after.split('\n');
  const added = now.length - old.length;
  const changed: number[] = [];
  let at = 0;
  for (const [index, line] of now.entries()) {
    if (line === old[at]) at += 1;
    else {
      changed.push(index + 1);
      const isAdded = added > 0 && index - at < added && now[index + 1] === old[at];
      if (!isAdded) at += 1;
    }
  }
  return changed;
}

/** A happening planned for an agent, and read again as the ledger does; throws when more than that would change. */
export function recorded(
  text: string,
  address: string,
  happening: Happening,
  { completeBarriers = false, now = testTime }: { completeBarriers?: boolean; now?: Date } = {},
): PlannedRecording {
  const root = rootOf(text);
  const file = { path: 'ORCHESTRATION.yaml', text, root };
  const plan = planRecording(file, address, happening, { now, completeBarriers });
  if (!isEditOf(root, rootOf(plan.text), plan.edits))
    throw new Error(`more than was meant would change:\n${plan.text}`);
  return plan;
}
