import { ObjectStore } from '#platform/storage';
import { absent } from './leaks.fixture.js';
import { foundLab, foundPartner, furnish, type Lab, publishBase, type Tenant, type Things } from './tenant.fixture.js';
import { TenantApi } from './tenant-api.fixture.js';

/** Two partners that have the same of everything, on one base of the lab. */
export interface TwoTenants {
  api: TenantApi;
  lab: Lab;
  /** Whose things are looked for. */
  theirs: Tenant;
  /** Who looks. */
  own: Tenant;
  /** Things that look like theirs and never existed. */
  unknown: Things;
  stop(): Promise<void>;
}

export async function startTwoTenants(): Promise<TwoTenants> {
  const api = await TenantApi.start();
  try {
    return await furnishTwo(api);
  } catch (error) {
    // Else what listens and polls would keep the run from ending.
    await api.stop();
    throw error;
  }
}

async function furnishTwo(api: TenantApi): Promise<TwoTenants> {
  const founded = await foundLab(api);
  const first = await foundPartner(api, founded.administrator);
  const second = await foundPartner(api, founded.administrator);
  const lab = await publishBase(api, founded, first);
  const theirs = await furnish(api, lab, first);
  const own = await furnish(api, lab, second);
  const stop = async () => {
    const store = api.get(ObjectStore);
    for (const { organizationId } of [lab, theirs, own]) {
      const prefix = `org/${organizationId}/`;
      await store.deleteAll(prefix);
      for (const { key, multipartId } of await store.listMultiparts(prefix))
        await store.abortMultipart(key, multipartId);
    }
    await api.stop();
  };
  return { api, lab, theirs, own, unknown: absent(theirs.things, theirs.canary), stop };
}
