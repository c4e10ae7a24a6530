import type { Failure } from './failure.ts';
import type { ErrorBody } from './warning.ts';

/** A failure as JSON carries it. Apart from the schema, which most commands need not load for it. */
export const errorBody = (failure: Failure): ErrorBody => ({
  code: failure.code,
  message: failure.message,
  hint: failure.hint ?? null,
  details: { ...failure.details },
});
