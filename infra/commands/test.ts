import { runAllTests } from '../../test/run/run-tests.js';

/** `npm test`: sets up and runs everything. The last line is the count over all runners. */
const { passed, failed } = await runAllTests();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
