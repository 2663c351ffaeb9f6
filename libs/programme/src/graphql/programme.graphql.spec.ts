import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CatalogGraphqlModule } from '#libs/catalog/graphql';
import { type RateLine, RateService } from '#libs/contracts';
import { IdentityGraphqlModule } from '#libs/identity/graphql';
import { newId, systemClock } from '#libs/kernel';
import { UsageService } from '#libs/usage';
import { Database } from '#platform/database';
import { type TestDatabase, TestGraphql, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { ProgrammeGraphqlModule } from './index.js';

const HOUR_MILLISECONDS = 3_600_000;
const DOLLAR_NANOS = 1_000_000_000n;
const now = systemClock.now();
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * HOUR_MILLISECONDS);
const span = (from: Date, to: Date) => ({ from: from.toISOString(), to: to.toISOString() });

const PROGRAMME = `query($from: DateTime!, $to: DateTime!, $currency: Currency, $hourCostNanos: BigInt) {
  programme(from: $from, to: $to, currency: $currency, hourCostNanos: $hourCostNanos) {
    lines { ...line } total { ...line } } }
  fragment line on ProgrammeLine { checkpointId partners fineTuneJobs evaluationRuns requests revenue { display }
    trainingRevenue { display } clusterHours margin { display } marginPerHour { display } }`;

describe('the programme', () => {
  const [early, late] = [newId('ckpt'), newId('ckpt')];
  let testing: TestDatabase;
  let graphql: TestGraphql;
  let lab: TestOrganization;
  let partners: TestOrganization[];

  beforeAll(async () => {
    testing = await testDatabase();
    lab = await testOrganization(testing, 'lab');
    partners = [await testOrganization(testing), await testOrganization(testing)];
    graphql = await TestGraphql.start(testing, [IdentityGraphqlModule, CatalogGraphqlModule, ProgrammeGraphqlModule]);
    const line: RateLine = {
      meter: 'training_tokens',
      familyId: null,
      checkpointId: null,
      priceNanos: DOLLAR_NANOS,
      perUnits: 1n,
    };
    await graphql.get(Database).transaction(lab.scope, async (tx) => {
      const rates = graphql.get(RateService);
      const rateCardId = await rates.draft(tx, { name: 'list', lines: [line] });
      await rates.publish(tx, { rateCardId });
    });
    const [one, two] = partners as [TestOrganization, TestOrganization];
    await train(one, { base: early, tokens: 30, hours: [10, 8] });
    await train(two, { base: early, tokens: 12, hours: [9, 8] });
    await train(two, { base: late, tokens: 5, hours: [30, 6] });
    // It failed: it cost time, and is not billed.
    await attempt(two, newId('ftjob'), [7, 5]);
  });
  afterAll(async () => {
    await graphql?.stop();
    await testing?.drop();
  });

  /** A job whose attempt ran between two times, told in hours ago. */
  async function train(partner: TestOrganization, job: { base: string; tokens: number; hours: [number, number] }) {
    const fineTuneJobId = newId('ftjob');
    await attempt(partner, fineTuneJobId, job.hours);
    await graphql.get(Database).transaction(partner.scope, (tx) =>
      graphql.get(UsageService).recordTraining(tx, {
        fineTuneJobId,
        projectId: partner.projectId,
        method: 'lora',
        model: 'forge-1',
        checkpointId: job.base,
        baseCheckpointId: job.base,
        familyId: 'fam_1',
        tokens: job.tokens,
        // After the prices, which are never of before.
        acceptedAt: systemClock.now(),
      }),
    );
  }

  async function attempt(
    { scope, organizationId, projectId }: TestOrganization,
    ownerId: string,
    [began, ended]: [number, number],
  ): Promise<void> {
    const [jobId, attemptId] = [newId('cjob'), newId('att')];
    await graphql.get(Database).transaction(scope, async (tx) => {
      await tx.query(
        `INSERT INTO compute_jobs (id, organization_id, organization_kind, project_id, kind, owner_id, state, parameters, inputs,
           output_prefix, limits, max_attempts, attempts, created_at, queued_at, available_at, ended_at)
         VALUES ($1::text, $2, 'partner', $3, 'train', $4, 'succeeded', '{}', '[]', $1, '{}', 3, 1, $5, $5, $5, $6)`,
        [jobId, organizationId, projectId, ownerId, hoursAgo(began), hoursAgo(ended)],
      );
      await tx.query(
        `INSERT INTO compute_attempts (id, organization_id, project_id, compute_job_id, number, state, driver, token_sha256,
           lease_expires_at, created_at, started_at, ended_at) VALUES ($1, $2, $3, $4, 1, 'ended', 'local', $1, $5, $5, $5, $6)`,
        [attemptId, organizationId, projectId, jobId, hoursAgo(began), hoursAgo(ended)],
      );
    });
  }

  const seen = async (variables: object) =>
    (await graphql.ask(graphql.caller(lab, ['programme:read']), PROGRAMME, variables)).programme;

  it('tells of each fork point who used it, what it brought in, and what is left per hour of the cluster', async () => {
    const { lines, total } = await seen({ ...span(hoursAgo(20), hoursAgo(-1)), hourCostNanos: `${4n * DOLLAR_NANOS}` });
    expect(lines).toMatchObject([
      { checkpointId: early, partners: 2, fineTuneJobs: 2, revenue: { display: '42.00 USD' }, clusterHours: 3 },
      // Of its 24 hours those in the span.
      { checkpointId: late, partners: 1, fineTuneJobs: 1, revenue: { display: '5.00 USD' }, clusterHours: 14 },
      { checkpointId: null, partners: 0, fineTuneJobs: 0, revenue: { display: '0.00 USD' }, clusterHours: 2 },
    ]);
    const margins = lines.map(({ margin, marginPerHour }: Record<string, { display: string }>) => [
      margin!.display,
      marginPerHour!.display,
    ]);
    expect(margins).toEqual([
      ['30.00 USD', '10.00 USD'],
      ['-51.00 USD', '-3.642857143 USD'],
      ['-8.00 USD', '-4.00 USD'],
    ]);
    expect(total).toMatchObject({ partners: 2, fineTuneJobs: 3, clusterHours: 19, margin: { display: '-29.00 USD' } });
  });

  it('is of partners in one currency, and of a span of time', async () => {
    const none = { lines: [], total: { partners: 0, clusterHours: 0, marginPerHour: null } };
    expect(await seen(span(hoursAgo(90), hoursAgo(80)))).toMatchObject(none);
    // Both partners are priced in dollars.
    expect(await seen({ ...span(hoursAgo(20), hoursAgo(-1)), currency: 'EUR' })).toMatchObject(none);
    await expect(seen(span(now, hoursAgo(1)))).rejects.toThrow('USAGE_RANGE_INVALID');
  });

  it('is the lab’s to see: a partner has neither the query nor the hours of others', async () => {
    const partner = graphql.caller(partners[0]!, ['usage:read', 'invoices:read']);
    await expect(graphql.ask(partner, PROGRAMME, span(hoursAgo(20), hoursAgo(-1)))).rejects.toThrow('FORBIDDEN');
    const times = await graphql
      .get(Database)
      .read(partners[0]!.scope, (tx) => tx.query('SELECT * FROM cluster_times($1, $2, $2)', [hoursAgo(20), now]));
    expect(times).toEqual([]);
  });
});
