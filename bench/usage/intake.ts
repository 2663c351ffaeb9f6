import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { newId } from '#libs/kernel';
import { type UsageBatch, type UsageStore, usageStoreOver } from '#libs/usage';
import { testDatabase } from '../../test/harness/test-environment.js';
import setUp from '../../test/harness/unit-setup.js';
import tearDown from '../../test/harness/unit-teardown.js';

/**
 * Rows a second that the intake of usage admits, each row once and by roles that may do no more, beside a bare COPY of the same rows
 * into a table with the same columns, checks and indexes: `npm run bench:intake [MILLIONS ...]`. They take turns, each on a table of
 * its own that grows, so that what is told of a row is the ratio of two neighbours.
 */
const MILLIONS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [0.1, 0.5, 1, 2, 5];
/** As many as the intake writes in one commit. */
const BATCH = 1_000;
const BATCHES_A_TURN = 20;
const ORGANIZATIONS = 20;
const STARTED = Date.UTC(2026, 0, 1);

const COLUMNS = [
  ...['id', 'organization_id', 'project_id', 'kind', 'source_id', 'state', 'model', 'checkpoint_id'],
  ...['base_checkpoint_id', 'family_id', 'deployment_id', 'revision_id', 'api_key_id', 'recorder_id', 'admitted_at'],
] as const;

type Admission = UsageBatch['admissions'][number];

function admission(number: number): Admission {
  const organization = number % ORGANIZATIONS;
  return {
    id: newId('use'),
    organization_id: `org_${organization}`,
    project_id: `proj_${organization}_${number % 5}`,
    source_id: newId('req'),
    model: 'forge-1-latest',
    checkpoint_id: `ckpt_${number % 60}`,
    base_checkpoint_id: `ckpt_${number % 6}`,
    family_id: 'fam_1',
    deployment_id: number % 2 === 0 ? `dep_${organization}` : null,
    revision_id: number % 2 === 0 ? `rev_${organization}` : null,
    api_key_id: `key_${organization}_${number % 10}`,
    listing_id: null,
    recorder_id: 'recorder_1',
    admitted_at: new Date(STARTED + number * 100).toISOString(),
  };
}

/** In COPY's text format; none of the values holds a character that it would escape. */
function lineOf(row: Admission): string {
  const values = { ...row, kind: 'inference', state: 'admitted' };
  return `${COLUMNS.map((column) => values[column] ?? '\\N').join('\t')}\n`;
}

interface Measured {
  rows: number;
  intakeSeconds: number;
  copySeconds: number;
}

class Race {
  private constructor(
    private readonly owner: pg.Client,
    private readonly gateway: pg.Client,
    private readonly store: UsageStore,
  ) {}

  static async on(urls: { owner: string; gateway: string; intake: string }): Promise<Race> {
    const connected = async (connectionString: string): Promise<pg.Client> => {
      const client = new pg.Client({ connectionString });
      await client.connect();
      return client;
    };
    const [owner, gateway] = await Promise.all([connected(urls.owner), connected(urls.gateway)]);
    await owner.query('CREATE TABLE bare (LIKE usage_events INCLUDING ALL)');
    const store = await usageStoreOver({ intake: () => connected(urls.intake), gateway: async () => gateway })();
    return new Race(owner, gateway, store);
  }

  async run(rows: number, measured: Measured): Promise<void> {
    while (measured.rows < rows) {
      const batches = Array.from({ length: BATCHES_A_TURN }, (_, batch) =>
        Array.from({ length: BATCH }, (_, row) => admission(measured.rows + batch * BATCH + row)),
      );
      const text = batches.map((batch) => batch.map(lineOf).join(''));
      const intake = async () => {
        measured.intakeSeconds += await seconds(async () => {
          for (const admissions of batches) await this.store.write({ admissions, counts: [], settlements: [] });
        });
      };
      const copy = async () => {
        measured.copySeconds += await seconds(() => this.copy(text));
      };
      // Who comes second may find the machine busy with what the first one left to do.
      const isFirst = (measured.rows / (BATCHES_A_TURN * BATCH)) % 2 === 0;
      for (const side of isFirst ? [intake, copy] : [copy, intake]) await side();
      measured.rows += BATCHES_A_TURN * BATCH;
    }
    await this.expectBothHave(measured.rows);
  }

  async close(): Promise<void> {
    // The store ends its own connections.
    await Promise.all([this.owner.end(), this.store.close()]);
  }

  private async copy(text: readonly string[]): Promise<void> {
    await pipeline(Readable.from(text), this.owner.query(copyFrom(`COPY bare (${COLUMNS.join()}) FROM STDIN`)));
  }

  private async expectBothHave(rows: number): Promise<void> {
    for (const [client, table] of [
      [this.gateway, 'usage_events'],
      [this.owner, 'bare'],
    ] as const) {
      const { rows: counted } = await client.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${table}`);
      if (Number(counted[0]!.rows) !== rows) throw new Error(`${table} has ${counted[0]!.rows} rows, not ${rows}`);
    }
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function measure(race: Race): Promise<void> {
  console.log(
    '| Rows | Intake, rows per second | COPY, rows per second | Ratio | Memory, MiB |\n|---|---|---|---|---|',
  );
  let before: Measured = { rows: 0, intakeSeconds: 0, copySeconds: 0 };
  for (const millions of MILLIONS) {
    const after = { ...before };
    await race.run(millions * 1_000_000, after);
    const rows = after.rows - before.rows;
    const intake = rows / (after.intakeSeconds - before.intakeSeconds);
    const copy = rows / (after.copySeconds - before.copySeconds);
    const columns = [after.rows, Math.round(intake), Math.round(copy)].map((number) => number.toLocaleString('en'));
    const memory = process.memoryUsage().rss / 2 ** 20;
    console.log(`| ${columns.join(' | ')} | ${(intake / copy).toFixed(2)} | ${memory.toFixed(0)} |`);
    before = after;
  }
}

await setUp();
try {
  const database = await testDatabase();
  const race = await Race.on(database.urls);
  try {
    await measure(race);
  } finally {
    await race.close();
    await database.drop();
  }
} finally {
  await tearDown();
}
