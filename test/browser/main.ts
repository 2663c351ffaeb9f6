import { runBrowserTests } from './run.js';

/** `npm run test:browser`. The last line is the count. */
const { passed, failed } = await runBrowserTests(process.argv.slice(2));
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
