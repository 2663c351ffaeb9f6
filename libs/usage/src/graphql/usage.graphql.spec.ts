import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IdentityGraphqlModule } from '#libs/identity/graphql';
import { newId } from '#libs/kernel';
import { Database } from '#platform/database';
import { type TestDatabase, TestGraphql, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { UsageService } from '../usage.service.js';
import { UsageGraphqlModule } from './index.js';

let testing: TestDatabase;
let graphql: TestGraphql;
let partner: TestOrganization;
let stranger: TestOrganization;
let lab: TestOrganization;
const ids: string[] = [];

beforeAll(async () => {
  testing = await testDatabase();
  [lab, partner, stranger] = [
    await testOrganization(testing, 'lab'),
    await testOrganization(testing),
    await testOrganization(testing),
  ];
  graphql = await TestGraphql.start(testing, [IdentityGraphqlModule, UsageGraphqlModule]);
  await graphql.get(Database).transaction(partner.scope, async (tx) => {
    for (let count = 1; count <= 5; count++) {
      const usage = {
        projectId: partner.projectId,
        model: count % 2 ? 'odd' : 'even',
        checkpointId: newId('ckpt'),
        baseCheckpointId: newId('ckpt'),
        familyId: newId('fam'),
        tokens: count * 100,
        acceptedAt: new Date(Date.UTC(2026, 0, count)),
      };
      ids.push(
        await graphql.get(UsageService).recordTraining(tx, { ...usage, fineTuneJobId: newId('ftjob'), method: 'lora' }),
      );
    }
  });
});
afterAll(async () => {
  await graphql.stop();
  await testing.drop();
});

const EVENTS = `query($first: Int, $after: String, $model: String, $projectId: ID) {
  usageEvents(first: $first, after: $after, model: $model, projectId: $projectId) {
    nodes { id kind state endReason trainingTokens inputTokens project { id } } pageInfo { hasNextPage endCursor } } }`;
const SUMMARY = `query($groupBy: [UsageDimension!], $organizationId: ID) {
  usageSummary(from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z", groupBy: $groupBy, organizationId: $organizationId) {
    total { nanos display } unpriced { meter quantity } rows { meter quantity events model day cost { nanos } project { id } } } }`;

describe('usageEvents', () => {
  it('pages through what was used, newest first', async () => {
    const who = graphql.caller(partner);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { usageEvents } = await graphql.ask(who, EVENTS, { first: 2, after });
      seen.push(...usageEvents.nodes.map(({ id }: { id: string }) => id));
      after = usageEvents.pageInfo.hasNextPage ? usageEvents.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual([...ids].reverse());
    const { usageEvents } = await graphql.ask(who, EVENTS, { model: 'even', projectId: partner.projectId });
    expect(usageEvents.nodes).toMatchObject([
      {
        kind: 'TRAINING',
        state: 'SETTLED',
        endReason: 'COMPLETED',
        trainingTokens: '400',
        project: { id: partner.projectId },
      },
      { trainingTokens: '200', inputTokens: '0' },
    ]);
  });

  it('are nobody else’s: not another organization’s, project’s or role’s, nor by node', async () => {
    const node = `query($id: ID!) { node(id: $id) { id } }`;
    expect(await graphql.ask(graphql.caller(partner), node, { id: ids[0] })).toEqual({ node: { id: ids[0] } });
    const others = [
      graphql.caller(stranger),
      graphql.caller(lab),
      graphql.caller(partner, ['usage:read'], [newId('proj')]),
    ];
    for (const who of others) {
      expect(await graphql.ask(who, EVENTS)).toMatchObject({ usageEvents: { nodes: [] } });
      expect(await graphql.ask(who, node, { id: ids[0] })).toEqual({ node: null });
    }
    const unpermitted = graphql.caller(partner, ['jobs:read']);
    await expect(graphql.ask(unpermitted, EVENTS)).rejects.toThrow(/FORBIDDEN/);
    expect(await graphql.ask(unpermitted, node, { id: ids[0] })).toEqual({ node: null });
  });
});

describe('usageSummary', () => {
  it('is split by project, model and day unless asked otherwise', async () => {
    const who = graphql.caller(partner);
    const { usageSummary } = await graphql.ask(who, SUMMARY);
    expect(usageSummary.rows).toHaveLength(5);
    expect(usageSummary.rows[1]).toMatchObject({
      model: 'even',
      day: '2026-01-02',
      quantity: '200',
      project: { id: partner.projectId },
    });
    const summed = await graphql.ask(who, SUMMARY, { groupBy: [] });
    expect(summed.usageSummary).toEqual({
      total: { nanos: '0', display: '0.00 USD' },
      unpriced: [{ meter: 'TRAINING_TOKENS', quantity: '1500' }],
      rows: [
        { meter: 'TRAINING_TOKENS', quantity: '1500', events: 5, model: null, day: null, cost: null, project: null },
      ],
    });
  });

  it('shows the lab a partner’s, and nobody else', async () => {
    const organizationId = partner.organizationId;
    const { usageSummary } = await graphql.ask(graphql.caller(lab), SUMMARY, { organizationId, groupBy: ['MODEL'] });
    expect(usageSummary.rows).toHaveLength(2);
    await expect(graphql.ask(graphql.caller(stranger), SUMMARY, { organizationId })).rejects.toThrow(
      /USAGE_OF_OTHER_ORGANIZATION/,
    );
    await expect(graphql.ask(graphql.caller(partner, ['jobs:read']), SUMMARY)).rejects.toThrow(/FORBIDDEN/);
  });
});
