import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { createLogger } from '#platform/telemetry';
import { readConfig } from '../../apps/gateway/src/config.js';
import { createGateway } from '../../apps/gateway/src/gateway.js';
import { SpecialTokensReader } from '../../libs/deployments/src/jobs/special-tokens.js';
import { namesOf, recordRoutes } from './registered-routes.fixture.js';
import type { TenantApi } from './tenant-api.fixture.js';

/** The gateway as its `main.ts` starts it, which hands on to the api what it does not serve. No engine is there. */
export interface PublicOrigin {
  routes: readonly string[];
  origin: string;
  stop(): Promise<void>;
}

export async function startPublicOrigin(api: TenantApi): Promise<PublicOrigin> {
  const home = await mkdtemp(join(tmpdir(), 'tenants-'));
  const config = readConfig({
    ...api.environment,
    API_URL: api.origin,
    FORKPOINT_HOME: home,
    // Whoever may call a model whose engine is cold is told so soon.
    ENGINE_WAIT_SECONDS: '1',
  });
  const logger = createLogger('gateway', config.logLevel);
  // As the worker does: no call is taken while it is not known what a prompt must not hold.
  const reader = new SpecialTokensReader(api.get(Database), api.get(ObjectStore), systemClock);
  await reader.readNew(AbortSignal.timeout(10_000));
  const { started: gateway, routes } = await recordRoutes(() => createGateway({ config, logger }));
  const origin = await gateway.server.listen({ host: '127.0.0.1', port: 0 });
  return {
    routes: namesOf(routes),
    origin,
    stop: async () => {
      await gateway.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
