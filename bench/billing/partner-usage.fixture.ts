import pg from 'pg';
import { type Partnership, PartnershipFixture } from '../../libs/billing/src/invoices/partnership.fixture.js';

/** A partner under a contract, with as much usage in January 2024 as is asked for. */
export class PartnerUsage {
  private constructor(
    readonly fixture: PartnershipFixture,
    readonly partner: Partnership,
    private readonly owner: pg.Client,
  ) {}

  static async start(): Promise<PartnerUsage> {
    const fixture = await PartnershipFixture.start('2024-01-10T12:00:00.000Z');
    const owner = new pg.Client({ connectionString: fixture.testing.urls.owner });
    await owner.connect();
    const partner = await fixture.agree('2024-06-01T00:00:00.000Z');
    fixture.clock.set(new Date('2024-02-01T00:00:00.000Z'));
    return new PartnerUsage(fixture, partner, owner);
  }

  /** Until there are so many requests in all. */
  async growTo(events: number): Promise<void> {
    const { organizationId, projectId } = this.partner;
    await this.owner.query(
      `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, end_reason, model, checkpoint_id,
         base_checkpoint_id, family_id, input_tokens, admitted_at, ended_at, final_at)
       SELECT id, $1, $2, 'inference', id, 'settled', 'completed', 'forge-1-latest', 'ckpt_x', 'ckpt_x', 'fam_x', 1 + n % 997, at, at, at
       FROM generate_series(1, $3::int) n, LATERAL (SELECT 'use_' || lpad(n::text, 26, '0') AS id,
         timestamptz '2024-01-11T00:00:00Z' + n * interval '1 ms' AS at) made
       ON CONFLICT (id) DO NOTHING`,
      [organizationId, projectId, events],
    );
  }

  async stop(): Promise<void> {
    await this.owner.end();
    await this.fixture.stop();
  }
}
