// Adds up vitest's JSON reports and closes with one line. A suite without a report has run nothing.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
let whole = true;
for (const file of process.argv.slice(2)) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    whole &&= report.success;
    const broken = report.testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
    );
    failed += broken.length;
  } catch (error) {
    whole = false;
    console.log(`no report: ${file} (${error.message})`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(whole && failed === 0 && passed > 0 ? 0 : 1);
