import { expect } from 'vitest';
import { CreateAnswer } from '../../src/domain/answers/create.ts';

/** A project that npm ci can install without a registry. */
export const lock = {
  'package.json': '{"name":"a","version":"1.0.0"}\n',
  'package-lock.json':
    '{"name":"a","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"a","version":"1.0.0"}}}\n',
  '.gitignore': 'node_modules/\npid\n',
};

/** The answer, held to its schema: an undeclared or missing key shows. */
export const answerOf = (json: unknown) => {
  const answer = CreateAnswer.parse(json);
  expect(answer).toEqual(json);
  return answer;
};
