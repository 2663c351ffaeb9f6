import { pythonEnvironment } from '../embedded/python-packages.js';
import { type RuntimeHome, runStep } from '../processes/index.js';

/** Builds the one Python environment, or finds it as the lock wants it. */
export async function ensurePythonEnvironment(
  home: RuntimeHome,
  { onLine, signal }: { onLine?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<void> {
  await runStep(home, {
    name: 'python-environment',
    what: 'Building the Python environment',
    command: 'bash',
    args: ['apps/trainer/setup.sh', '--venv', pythonEnvironment()],
    env: process.env,
    remedy: 'the log names the package that failed; run the same command again when it can be had',
    signal,
    ...(onLine ? { onLine } : {}),
  });
}
