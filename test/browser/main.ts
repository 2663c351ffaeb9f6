import { runBrowserTests } from './run.js';

/** `npm run test:browser`. The last line is the count. */
const { passed, failed } = await runBrowserTests(process.argv.slice(2));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
