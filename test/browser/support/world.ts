import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GraphqlClient, pollUntil, signIn, uploadFile } from '#libs/client';
import { ensureEarnings } from './earnings.js';
import { ensureInvoices, type Invoices } from './invoice.js';
import { ensureListing } from './listing.js';
import { client, type User, user } from './platform.js';

/** What screens are looked at with: one thing of each kind, of the first partner. */
export interface World extends Invoices {
  datasetId: string;
  /** The one version of the dataset. */
  fileId: string;
  jobId: string;
  /** Name of the variant that the job made. */
  variant: string;
  deploymentId: string;
  /** One suite on the base and on the variant. */
  runs: Runs;
  /** A draft of the lab's: no partner sees it. */
  contractId: string;
  /** Of the invoice's partner, which was told of it. */
  webhookId: string;
  /** In force, to be accepted by nobody, and allows offering variants. */
  licenseId: string;
  /** Of the variant, in review. */
  listingId: string;
}

interface Runs {
  baseline: string;
  candidate: string;
}

/** People whom the seed does not make. */
export const MADE_ROLES = { AUDITOR: 'AUDITOR', VIEWER: 'VIEWER' } as const;
export type MadeRole = keyof typeof MADE_ROLES;

export const DATASET = 'World of declarations';
const ROWS_OF_DATASET = 48;
const SUFFIX = 'world';
export const DEPLOYMENT = 'world-assistant';
const KEY = 'World of keys';
const ACCOUNT = 'world-pipeline';
export const SUITE = 'World of prompts';
const PROMPTS = 4;
/** What the checkpoints of the lineage name as theirs. */
export const LICENSE = 'Apache-2.0';
export const WEBHOOK = 'http://127.0.0.1:65535/forkpoint';
export const CONTRACT = 'World of agreements';
export { PAYOUT } from './earnings.js';
export { CREDIT } from './invoice.js';
export { LISTING } from './listing.js';

let made: Promise<World> | undefined;

/** Made by the public API when it is first asked for, and found again by whoever asks later. */
export function world(): Promise<World> {
  made ??= make();
  return made;
}

/** Somebody with a role that no seeded user has; their password is that of their administrator. */
export async function madeUser(role: MadeRole): Promise<User> {
  const administrator = await api(user('PARTNER_ADMIN'));
  const made = { email: `${role.toLowerCase()}@acme.example`, password: user('PARTNER_ADMIN').password };
  const { members } = await administrator.query<{ members: { nodes: Array<{ user: { email: string } | null }> } }>(
    '{ members(first: 100) { nodes { user { email } } } }',
  );
  if (members.nodes.some((member) => member.user?.email === made.email)) return made;
  const input = { ...made, displayName: `World's ${role.toLowerCase()}`, role, projectIds: [project()] };
  await administrator.mutate('addMember', input, 'member { id }');
  return made;
}

/** Somebody at the API, as at the portal. */
export async function api({ email, password }: User): Promise<GraphqlClient> {
  return new GraphqlClient(await signIn(client('FORKPOINT_ORIGIN'), email, password));
}

export function project(): string {
  return client('FORKPOINT_PROJECT');
}

/** The base lineage's data: rows to train on, and prompts that none of them has. */
export function lineageData(name: 'train' | 'evaluation'): string {
  return resolve(process.env['FORKPOINT_LINEAGE'] ?? '.forkpoint/lineage', `data/${name}.jsonl`);
}

/** A file of the first rows of the lineage's data, for as long as something is done with it. */
export async function withFewRows<T>(count: number, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'forkpoint-browser-'));
  try {
    const path = join(folder, 'declarations.jsonl');
    await writeFile(path, `${(await rowsOf('train')).slice(0, count).join('\n')}\n`);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function make(): Promise<World> {
  const lab = await api(user('ADMIN'));
  const licenseId = await ensureLicense(lab);
  const partner = await api(user('OTHER_PARTNER_ADMIN'));
  const webhookId = await ensureWebhook(partner);
  const approver = () => api(user('LAB_APPROVER'));
  // Their terms run out while the rest is made.
  const issued = await ensureInvoices({ lab, approver, partner });
  const engineer = await api(user('PARTNER_ENGINEER'));
  const dataset = await ensureDataset(engineer);
  const job = await ensureJob(engineer, dataset.fileId);
  const deploymentId = await ensureDeployment(engineer, job.variant);
  await ensureKey(engineer);
  const administrator = await api(user('PARTNER_ADMIN'));
  await ensureAccount(administrator);
  await ensureCap(administrator);
  const { password } = user('PARTNER_ADMIN');
  const sellers = { lab, approver, publisher: administrator, signIn: api, password };
  const [runs] = await Promise.all([ensureEvaluation(engineer, job.variant), ensureEarnings(sellers, job.variant)]);
  const listingId = await ensureListing(administrator, job.variant);
  const contractId = await ensureContract(lab, administrator);
  const invoices = await issued();
  await ensureExport(lab, invoices.invoice.organizationId);
  await toldOf(partner, webhookId);
  const ofJob = { jobId: job.id, variant: job.variant };
  return { ...dataset, ...ofJob, ...invoices, deploymentId, runs, contractId, webhookId, licenseId, listingId };
}

async function rowsOf(name: 'train' | 'evaluation'): Promise<string[]> {
  return (await readFile(lineageData(name), 'utf8')).trim().split('\n');
}

interface Named {
  id: string;
  name: string;
}

/** The nodes of a connection of the project's, by its name in the schema. */
async function listed<Node = Named>(engineer: GraphqlClient, connection: string, fields: string): Promise<Node[]> {
  const document = `query($projectId: ID!) { all: ${connection}(projectId: $projectId, first: 100) { nodes { ${fields} } } }`;
  return (await engineer.query<{ all: { nodes: Node[] } }>(document, { projectId: project() })).all.nodes;
}

async function ensureContract(lab: GraphqlClient, partner: GraphqlClient): Promise<string> {
  const { contracts } = await lab.query<{ contracts: { nodes: Named[] } }>(
    '{ contracts(first: 100) { nodes { id name } } }',
  );
  const known = contracts.nodes.find(({ name }) => name === CONTRACT);
  if (known) return known.id;
  const { me } = await partner.query<{ me: { organization: { id: string } } }>('{ me { organization { id } } }');
  const perMillion = { priceNanos: '3000000000', perUnits: '1000000' };
  const input = {
    organizationId: me.organization.id,
    name: CONTRACT,
    currency: 'EUR',
    endsAt: '2099-01-01T00:00:00.000Z',
    graceDays: 3,
    purchaseOrder: 'PO 7',
    summary: 'List prices for input tokens.',
    terms: { prices: [{ id: 'input', meter: 'INPUT_TOKENS', flat: perMillion }], taxBasisPoints: 1_900 },
  };
  const { contract } = await lab.mutate<{ contract: Named }>('draftContract', input, 'contract { id }');
  return contract.id;
}

async function ensureLicense(lab: GraphqlClient): Promise<string> {
  const { licenses } = await lab.query<{ licenses: { nodes: Named[] } }>('{ licenses(last: 1) { nodes { id name } } }');
  if (licenses.nodes[0]) return licenses.nodes[0].id;
  const text = 'You may use, change and pass on what stands under this licence.';
  const input = { name: LICENSE, text, requiresAcceptance: false, allowsOffering: true };
  const { license } = await lab.mutate<{ license: { id: string } }>('publishLicense', input, 'license { id }');
  return license.id;
}

async function ensureWebhook(partner: GraphqlClient): Promise<string> {
  const { webhookEndpoints } = await partner.query<{ webhookEndpoints: { nodes: Array<{ id: string }> } }>(
    '{ webhookEndpoints(first: 1) { nodes { id } } }',
  );
  if (webhookEndpoints.nodes[0]) return webhookEndpoints.nodes[0].id;
  const input = { url: WEBHOOK, description: 'Nobody listens there', events: ['INVOICE_FINALIZED', 'INVOICE_PAID'] };
  const fields = 'webhookEndpoint { id }';
  const made = await partner.mutate<{ webhookEndpoint: { id: string } }>('createWebhookEndpoint', input, fields);
  return made.webhookEndpoint.id;
}

/** Waits until an endpoint was told of something. */
async function toldOf(partner: GraphqlClient, endpointId: string): Promise<void> {
  const document = 'query($endpointId: ID!) { webhookDeliveries(endpointId: $endpointId) { nodes { id } } }';
  type Answer = { webhookDeliveries: { nodes: unknown[] } };
  await pollUntil(async () => (await partner.query<Answer>(document, { endpointId })).webhookDeliveries.nodes, {
    until: (deliveries) => deliveries.length > 0,
    what: 'the delivery that the screens show',
  });
}

async function ensureExport(lab: GraphqlClient, organizationId: string): Promise<void> {
  const { billingExports } = await lab.query<{ billingExports: { nodes: unknown[] } }>(
    '{ billingExports(kind: USAGE, first: 1) { nodes { id } } }',
  );
  if (billingExports.nodes.length > 0) return;
  const range = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };
  await lab.mutate('exportUsage', { organizationId, ...range }, 'billingExport { id }');
}

async function ensureDataset(engineer: GraphqlClient): Promise<Pick<World, 'datasetId' | 'fileId'>> {
  type Dataset = Named & { versions: { nodes: Array<{ id: string }> } };
  const known = (await listed<Dataset>(engineer, 'datasets', 'id name versions(first: 1) { nodes { id } }')).find(
    ({ name }) => name === DATASET,
  );
  const version = known?.versions.nodes[0];
  if (known && version) return { datasetId: known.id, fileId: version.id };
  const input = { projectId: project(), name: DATASET, description: 'Ada declarations and what they are in Rust.' };
  const { dataset } = await engineer.mutate<{ dataset: Named }>('createDataset', input, 'dataset { id }');
  const fileId = await withFewRows(ROWS_OF_DATASET, (path) => uploadFile(engineer, { datasetId: dataset.id, path }));
  const checkpoint = client('FORKPOINT_LATEST_CHECKPOINT');
  await engineer.mutate('prepareDataset', { versionId: fileId, checkpoint }, 'preparation { id }');
  return { datasetId: dataset.id, fileId };
}

async function ensureJob(engineer: GraphqlClient, trainingFileId: string): Promise<{ id: string; variant: string }> {
  const jobs = await listed<Job>(engineer, 'fineTuneJobs', JOB);
  const known = jobs.find(({ suffix, status }) => suffix === SUFFIX && !ENDED_BADLY.has(status));
  const id = known?.id ?? (await launch(engineer, trainingFileId, SUFFIX));
  return { id, variant: await variantOf(engineer, id) };
}

/** A variant of the asker's own that nothing uses. */
export async function freshVariant(engineer: GraphqlClient, suffix: string): Promise<string> {
  const { fileId } = await world();
  return variantOf(engineer, await launch(engineer, fileId, suffix));
}

interface Job {
  id: string;
  status: string;
  suffix: string | null;
  outputName: string | null;
}
const JOB = 'id status suffix outputName';

/** Once the job has made it. */
async function variantOf(engineer: GraphqlClient, id: string): Promise<string> {
  const document = `query($id: ID!) { node(id: $id) { ... on FineTuneJob { ${JOB} } } }`;
  const ended = await pollUntil(async () => (await engineer.query<{ node: Job }>(document, { id })).node, {
    until: ({ status }) => status === 'SUCCEEDED' || ENDED_BADLY.has(status),
    what: 'the fine-tune that the screens show',
    withinSeconds: 240,
  });
  if (!ended.outputName) throw new Error(`the fine-tune that the screens show is ${ended.status}`);
  return ended.outputName;
}

const ENDED_BADLY: ReadonlySet<string> = new Set(['FAILED', 'CANCELLED']);

/** A few steps: it has curves, events, a checkpoint and a price. */
async function launch(engineer: GraphqlClient, trainingFileId: string, suffix: string): Promise<string> {
  const input = {
    projectId: project(),
    model: client('FORKPOINT_LATEST_CHECKPOINT'),
    trainingFileId,
    suffix,
    hyperparameters: { maxSteps: 6 },
  };
  const { fineTuneJob } = await engineer.mutate<{ fineTuneJob: { id: string } }>(
    'createFineTuneJob',
    input,
    'fineTuneJob { id }',
  );
  return fineTuneJob.id;
}

/** Two revisions, so that there is something to switch between. */
async function ensureDeployment(engineer: GraphqlClient, variant: string): Promise<string> {
  const known = (await listed<{ id: string; slug: string }>(engineer, 'deployments', 'id slug')).find(
    ({ slug }) => slug === DEPLOYMENT,
  );
  if (known) return known.id;
  const { deployment } = await engineer.mutate<{ deployment: { id: string } }>(
    'createDeployment',
    { projectId: project(), slug: DEPLOYMENT, checkpoint: client('FORKPOINT_LATEST_CHECKPOINT') },
    'deployment { id }',
  );
  const revision = { deploymentId: deployment.id, checkpoint: variant, activate: false };
  await engineer.mutate('deployRevision', revision, 'revision { id }');
  return deployment.id;
}

async function ensureKey(engineer: GraphqlClient): Promise<void> {
  if ((await listed(engineer, 'apiKeys', 'id name')).some(({ name }) => name === KEY)) return;
  const input = { name: KEY, scopes: ['CATALOG_READ', 'INFERENCE_CALL'], projectId: project() };
  await engineer.mutate('createApiKey', input, 'apiKey { id }');
}

async function ensureAccount(administrator: GraphqlClient): Promise<void> {
  const { serviceAccounts } = await administrator.query<{ serviceAccounts: { nodes: Named[] } }>(
    '{ serviceAccounts(first: 100) { nodes { id name } } }',
  );
  if (serviceAccounts.nodes.some(({ name }) => name === ACCOUNT)) return;
  const input = { name: ACCOUNT, role: 'PARTNER_ENGINEER', projectId: project() };
  await administrator.mutate('createServiceAccount', input, 'serviceAccount { id }');
}

/** A soft one, below what was spent already: it alerts, and refuses nothing. */
async function ensureCap(administrator: GraphqlClient): Promise<void> {
  if ((await listed<{ id: string }>(administrator, 'spendCaps', 'id')).length > 0) return;
  const limit = { limitNanos: '10000000', currency: 'USD', period: 'MONTH', isHard: false };
  await administrator.mutate('setSpendCap', { ...limit, projectId: project() }, 'spendCap { id }');
}

/** What base and variant answer to a few prompts. */
async function ensureEvaluation(engineer: GraphqlClient, variant: string): Promise<Runs> {
  const known = (await listed(engineer, 'evaluationSuites', 'id name')).find(({ name }) => name === SUITE);
  const suiteId = known?.id ?? (await makeSuite(engineer));
  type Run = { id: string; status: string; suite: { id: string } | null; checkpointName: string };
  const fields = 'id status suite { id } checkpointName';
  const before = await listed<Run>(engineer, 'evaluationRuns', fields);
  const idOf = async (checkpoint: string): Promise<string> => {
    const there = before.find((run) => run.suite?.id === suiteId && run.checkpointName === checkpoint);
    if (there) return there.id;
    const input = { suiteId, checkpoint };
    return (await engineer.mutate<{ run: { id: string } }>('createEvaluationRun', input, 'run { id }')).run.id;
  };
  const runs = { baseline: await idOf(client('FORKPOINT_LATEST_CHECKPOINT')), candidate: await idOf(variant) };
  await pollUntil(() => listed<Run>(engineer, 'evaluationRuns', fields), {
    until: (all) => Object.values(runs).every((id) => all.find((run) => run.id === id)?.status === 'SUCCEEDED'),
    what: 'the evaluations that the screens show',
    withinSeconds: 240,
  });
  return runs;
}

async function makeSuite(engineer: GraphqlClient): Promise<string> {
  const rows = (await rowsOf('evaluation')).slice(0, PROMPTS).map((row) => JSON.parse(row) as unknown);
  const input = { projectId: project(), name: SUITE, metric: 'EXACT_MATCH', maxNewTokens: 24, rows };
  const { suite } = await engineer.mutate<{ suite: { id: string } }>('createEvaluationSuite', input, 'suite { id }');
  const document = 'query($id: ID!) { node(id: $id) { ... on EvaluationSuite { status } } }';
  await pollUntil(async () => (await engineer.query<{ node: { status: string } }>(document, { id: suite.id })).node, {
    until: ({ status }) => status !== 'BUILDING',
    what: 'the suite that the screens show',
  });
  return suite.id;
}
