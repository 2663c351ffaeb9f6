import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { demoVariables } from './demo-environment.js';
import type { Platform } from './platform.js';
import { withShell } from './platform-environment.js';

const CLIENT = 'dist/infra/demo/main.js';

/** The client talks to the terminal itself. Of the platform it is told what any client is told: addresses, keys, users. */
export function runDemoClient({ settings, signal }: Platform): Promise<number> {
  const client = spawn(process.execPath, ['--enable-source-maps', resolve(CLIENT)], {
    stdio: 'inherit',
    env: withShell({
      ...demoVariables(settings),
      FORKPOINT_DEMO_DATA: join(settings.lineage, 'data'),
      FORKPOINT_DEMO_OUTPUT: join(settings.home.root, 'demo'),
      FORKPOINT_LOGS: settings.home.logs,
    }),
  });
  signal.addEventListener('abort', () => client.kill('SIGTERM'), { once: true });
  return new Promise((finish, fail) => {
    client.once('error', fail);
    client.once('exit', (code) => finish(code ?? 1));
  });
}
