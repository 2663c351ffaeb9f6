import { demoVariables } from '../../infra/platform/demo-environment.js';
import { platformSettings } from '../../infra/platform/settings.js';
import { OwnPlatform, type StartedPlatform } from './own-platform.js';
import { handOverPlatform } from './running-platform.js';

export const JOURNEYS_HOME = '.forkpoint/journeys';
/** Above the ranges of people's own platforms and of the unit tests' servers. */
const FIRST_PORT = 22_360;
/** Training the lineage is most of it, where it is not there yet. */
const READY_WITHIN_MILLISECONDS = 20 * 60_000;

declare global {
  var forkpointPlatformUnderTest: StartedPlatform | undefined;
}

/** Before the journeys: one whole platform, started as `npm start` does, empty of what earlier journeys did. */
export default async function setUp(): Promise<void> {
  const platform = await OwnPlatform.at(JOURNEYS_HOME, FIRST_PORT);
  const started = platform.start();
  globalThis.forkpointPlatformUnderTest = started;
  await started.ready(READY_WITHIN_MILLISECONDS);
  const client = demoVariables({ ...platformSettings(), home: platform.home, ports: platform.ports });
  handOverPlatform({ home: platform.home.root, portBase: platform.ports.gateway, client });
}
