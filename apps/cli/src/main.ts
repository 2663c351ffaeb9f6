import { EXIT_CODES } from './failure.js';
import { run } from './program.js';
import type { Terminal } from './terminal.js';

const terminal: Terminal = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  now: () => new Date(),
  onInterrupt: null,
};

process.on('SIGINT', () => {
  terminal.onInterrupt?.();
  process.exit(EXIT_CODES.interrupted);
});
// Whoever reads has seen enough: `forkpoint models | head`.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
  process.exit(code === 'EPIPE' ? 0 : EXIT_CODES.refused),
);

process.exitCode = await run(process.argv.slice(2), terminal);
