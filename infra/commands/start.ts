import { runUntilToldToEnd } from '../platform/run-platform.js';

/** `npm start`: the platform runs until Ctrl-C. */
process.exitCode = await runUntilToldToEnd();
