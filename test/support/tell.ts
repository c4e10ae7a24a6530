/** Says something in the output of the tests that no assertion says: what was measured. */
export const tell = (text: string): void => void process.stderr.write(`${text}\n`);
