import { ServiceStopService } from '#libs/contracts';
import { Database, type Transaction } from '#platform/database';
import type { TestGraphql } from './test-graphql.js';
import type { TestOrganization } from './test-organization.js';

/** Stops new work of a partner, as dunning does; gives how to lift it. */
export async function stopNewWork(graphql: TestGraphql, { organizationId, scope }: TestOrganization) {
  const [stops, database] = [graphql.get(ServiceStopService), graphql.get(Database)];
  const source = { kind: 'dunning', id: organizationId } as const;
  const asSystem = <T>(work: (tx: Transaction) => Promise<T>) =>
    database.transaction({ ...scope, actor: { type: 'system', id: 'test' } }, work);
  const why = { reason: 'invoice 7 is overdue', clause: 'payment within 30 days' };
  await asSystem((tx) => stops.stop(tx, { organizationId, services: ['new_work'], source, ...why }));
  return () => asSystem((tx) => stops.lift(tx, source));
}
