/** Adds vitest's JSON report, by which CI counts, when WT_TEST_REPORT names a file for it. */
export function reported(): { reporters?: string[]; outputFile?: { json: string } } {
  const file = process.env.WT_TEST_REPORT;
  return file === undefined || file === ''
    ? {}
    : { reporters: ['default', 'json'], outputFile: { json: file } };
}
