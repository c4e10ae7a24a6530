import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttributesOf } from '../../application/ports/git.ts';
import type { MergeProbe, ProbePair } from '../../domain/merge-probe.ts';
import type { Ask } from './ask.ts';
import { attributesPlace } from './attributes.ts';
import { mergeTrees } from './merge-trees.ts';
import { forScratch, writingObjectsTo } from './object-place.ts';

/** What merging each pair in memory would give, in one process; leaves nothing in the repository. */
export async function probe(
  ask: Ask,
  commonDir: string,
  pairs: readonly ProbePair[],
  attributes: AttributesOf,
): Promise<readonly MergeProbe[]> {
  if (pairs.length === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'wt-probe-'));
  try {
    const { cwd, env } = await attributesPlace(ask, commonDir, attributes, join(folder, 'attributes'));
    const objectFolder = join(folder, 'objects');
    await mkdir(objectFolder); // without it git finds no repository
    const objects = writingObjectsTo(commonDir, [objectFolder]);
    const settings = forScratch.flatMap((setting) => ['-c', setting]);
    return await mergeTrees(ask, pairs, { cwd, env: { ...env, ...objects }, settings });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
