import { parseArgs } from 'node:util';
import { platformSettings } from '../platform/settings.js';
import { createRuntimeHome, runtimeHome } from '../processes/index.js';
import { ensurePythonEnvironment } from '../set-up/python-environment.js';

/**
 * `npm run set-up`: packages and build, which have been seen to on the way here, and the Python environment; with
 * --packages-only without that.
 */
const { values } = parseArgs({ options: { 'packages-only': { type: 'boolean', default: false } } });
if (!values['packages-only']) {
  const { pythonEnvironment } = platformSettings();
  console.log(`Python environment: ${pythonEnvironment}`);
  await ensurePythonEnvironment(createRuntimeHome(runtimeHome('.forkpoint/set-up')), {
    onLine: (line) => console.log(line),
  });
}
