import type { Bound } from '../domain/orchestration/binding.ts';
import { visibleText } from '../domain/plain-text.ts';

/** What was entered of an agent in the coordinator's file, for people. */
export const boundLines = (bound: Bound | null): string[] =>
  bound === null || bound.status === null
    ? []
    : [`  ${visibleText(bound.address)} is ${bound.status} in ${visibleText(bound.file ?? '')}`];
