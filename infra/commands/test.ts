import { runAllTests } from '../../test/run/run-tests.js';

/** `npm test`: sets up and runs everything. It ends with what failed, and the count over all runners in the last line. */
const { passed, failed } = await runAllTests();
for (const name of failed) console.log(`failed: ${name}`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
