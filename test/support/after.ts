type Ending = () => unknown;

const endings: { readonly test: Ending[]; readonly file: Ending[] } = { test: [], file: [] };

/** Has something ended after every test. The setup file runs it: a worker keeps its modules between files. */
export const afterEveryTest = (ending: Ending): void => void endings.test.unshift(ending);

/** Has something ended after every file. */
export const afterEveryFile = (ending: Ending): void => void endings.file.unshift(ending);

/** Runs what was registered, the last first. */
export async function runEndings(which: 'test' | 'file'): Promise<void> {
  for (const ending of endings[which]) await ending();
}
