import type { AttributesOf } from './git.ts';

/**
 * What was found out before about commits, kept below the control plane. Only for commands that look: nothing is
 * landed or deleted by it, and without it everything is asked again.
 */
export type Memory = {
  /**
   * What, beside the ids of the commits, decides how they compare: the settings of git and the attributes of the
   * target. `undefined` where ids decide nothing (a shallow clone, grafts, replaced objects).
   */
  readonly circumstances: (attributes: AttributesOf) => Promise<string | undefined>;
  /** The values kept under the keys, `undefined` where there is none. */
  readonly recall: (keys: readonly string[]) => Promise<readonly unknown[]>;
  readonly keep: (entries: readonly (readonly [key: string, value: unknown])[]) => Promise<void>;
};
