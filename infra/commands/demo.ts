import { runDemo } from '../platform/run-platform.js';

/** `npm run demo`: the platform starts, a partner's day is played through the public origin, everything stops. */
process.exitCode = await runDemo();
