import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import type { TestOrganization } from '#test/harness';
import { ContractFixture, START } from '../contract/contract.fixture.js';
import { liveStopsOf } from './service-stop.repository.js';
import { type NewServiceStop, ServiceStopService } from './service-stop.service.js';

let contracts: ContractFixture;
let stops: ServiceStopService;
beforeAll(async () => {
  contracts = await ContractFixture.start();
  stops = new ServiceStopService(contracts.clock);
});
afterAll(() => contracts?.stop());
beforeEach(() => contracts.clock.set(START));

const systemFor = ({ scope }: TestOrganization) => ({
  scope: { ...scope, actor: { type: 'system', id: 's' } as const },
});
const keyOf = ({ scope }: TestOrganization, id: string) => ({
  scope: { ...scope, actor: { type: 'api_key', id } as const },
});

const overdue = (part: Partial<NewServiceStop> = {}): NewServiceStop => ({
  organizationId: contracts.partner.organizationId,
  services: ['new_work'],
  source: { kind: 'dunning', id: contracts.partner.organizationId },
  reason: 'invoice 7 is 21 days overdue',
  clause: 'payment within 30 days',
  ...part,
});
const stop = (input: NewServiceStop) => contracts.as(systemFor(contracts.partner), (tx) => stops.stop(tx, input));
const lift = ({ source, services }: NewServiceStop) =>
  contracts.as(systemFor(contracts.partner), (tx) => stops.lift(tx, source, services));
const work = (projectId = contracts.partner.projectId, who: Parameters<ContractFixture['as']>[0] = contracts.partner) =>
  contracts.as(who, (tx) => stops.assertMayWork(tx, { projectId }));

describe('a stop', () => {
  it('refuses work of the whole organization, says why and what to do, until it is lifted', async () => {
    await work();
    expect(await stop(overdue({ services: ['new_work', 'inference'] }))).toEqual(['new_work', 'inference']);
    await expect(work()).rejects.toMatchObject({
      code: 'SERVICE_STOPPED',
      status: 402,
      message: `New work of ${contracts.partner.organizationId} is stopped: invoice 7 is 21 days overdue (payment within 30 days). It goes on as soon as what is overdue is paid: see the query serviceState.`,
    });
    await expect(work(contracts.other.projectId, contracts.other)).resolves.toBeUndefined();
    expect(await lift(overdue())).toEqual(['new_work']);
    await work();
    expect(await lift(overdue({ services: ['new_work', 'inference'] }))).toEqual(['inference']);
  });

  it('is there once per source, however often it is asked for, and is lifted once', async () => {
    await Promise.all([stop(overdue()), stop(overdue({ reason: 'again' }))]);
    const live = await contracts.as(contracts.partner, (tx) => liveStopsOf(tx, [overdue().source.id]));
    expect(live).toHaveLength(1);
    await expect(work()).rejects.toMatchObject({ code: 'SERVICE_STOPPED' });
    expect((await Promise.all([lift(overdue()), lift(overdue())])).flat()).toEqual(['new_work']);
    expect(await stop(overdue())).toEqual(['new_work']);
    await lift(overdue());
  });

  it('of one source stays when that of another is lifted', async () => {
    const capped = overdue({ source: { kind: 'spend_cap', id: newId('stop') }, reason: 'the cap is spent' });
    await stop(overdue());
    await stop(capped);
    await lift(overdue());
    await expect(work()).rejects.toMatchObject({ message: expect.stringContaining('the cap is spent') });
    await lift(capped);
    await work();
  });

  it('of a project or a key is of that one alone', async () => {
    const [key, source] = [newId('key'), { kind: 'spend_cap', id: newId('stop') } as const];
    const [ofProject, ofKey] = [contracts.partner.projectId, key].map((subjectId) =>
      overdue({ subjectId, source: { ...source, id: subjectId } }),
    ) as [NewServiceStop, NewServiceStop];
    await stop(ofProject);
    await expect(work()).rejects.toMatchObject({ code: 'SERVICE_STOPPED' });
    await work(newId('proj'));
    await lift(ofProject);
    await stop(ofKey);
    await expect(work(newId('proj'), keyOf(contracts.partner, key))).rejects.toMatchObject({ code: 'SERVICE_STOPPED' });
    await work();
    await lift(ofKey);
  });
});

describe('by the database', () => {
  const row = (part: Record<string, unknown>) => {
    const { organizationId } = contracts.partner;
    const values = {
      id: newId('stop'),
      organization_id: organizationId,
      subject_id: organizationId,
      stops: 'inference',
      ...part,
    };
    const columns = { reason: 'r', clause: 'c', source_id: newId('stop'), since: START, ...values };
    const places = Object.keys(columns).map((_, position) => `$${position + 1}`);
    return [`INSERT INTO service_stops (${Object.keys(columns)}) VALUES (${places})`, Object.values(columns)] as const;
  };
  const insert = (who: Parameters<ContractFixture['as']>[0], part: Record<string, unknown>) =>
    contracts.as(who, (tx) => tx.query(...row(part)));

  it('nobody with credentials of a partner stops or starts anything, nor a lab what is not its suspension', async () => {
    const { partner, other, lab } = contracts;
    const suspension = { source_kind: 'suspension', lab_organization_id: lab.organizationId };
    await expect(insert(partner, { source_kind: 'dunning' })).rejects.toThrow('row-level security');
    await expect(insert(systemFor(other), { source_kind: 'dunning' })).rejects.toThrow('row-level security');
    await expect(insert(partner, suspension)).rejects.toThrow('row-level security');
    await expect(insert(lab, { source_kind: 'dunning' })).rejects.toThrow('row-level security');
    await stop(overdue());
    const liftAs = (who: TestOrganization) => contracts.as(who, (tx) => stops.lift(tx, overdue().source));
    for (const who of [partner, other, lab]) expect(await liftAs(who)).toEqual([]);
    const seenBy = (who: TestOrganization) => contracts.as(who, (tx) => liveStopsOf(tx, [overdue().source.id]));
    expect(await seenBy(other)).toEqual([]);
    expect(await seenBy(partner)).toHaveLength(1);
    await lift(overdue());
  });

  it('a stop never changes but to be lifted', async () => {
    await stop(overdue());
    const change = (set: string) =>
      contracts.as(systemFor(contracts.partner), (tx) =>
        tx.query(`UPDATE service_stops SET ${set} WHERE organization_id = :organization`),
      );
    await expect(change(`reason = 'x'`)).rejects.toThrow('permission denied');
    await lift(overdue());
    await expect(change('lifted_at = NULL')).rejects.toThrow('only ever lifted, once');
  });
});
