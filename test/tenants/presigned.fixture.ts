import { createHash } from 'node:crypto';
import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { newId } from '#libs/kernel';
import type { Credentials, TenantApi } from './tenant-api.fixture.js';
import { askListener } from './trainer.fixture.js';
import type { TwoTenants } from './two-tenants.fixture.js';

/** A request that its signature permits to whoever sends it. */
export interface Presigned {
  method: string;
  url: string;
  headers: Record<string, string>;
  /** What the signature says is sent. */
  body?: string;
}

const REQUEST = '{ method url headers }';
const CONTENT = 'what the signature says\n';
const sha256 = createHash('sha256').update(CONTENT).digest('hex');
const DECLARED = { bytes: String(CONTENT.length), sha256 };
/** A file in two parts, the second one of which is small. */
const IN_PARTS = { ...DECLARED, bytes: String(16 * 1024 ** 2 + CONTENT.length) };

type Giver = (tenants: TwoTenants) => Promise<Presigned[]>;

async function ofNode(api: TenantApi, who: Credentials, id: string, type: string, field: string): Promise<Presigned[]> {
  const query = `query($id: ID!) { node(id: $id) { ... on ${type} { ${field} ${REQUEST} } } }`;
  return [(await api.ask(who, query, { id })).node[field]];
}

const upload = (
  { api, own }: TwoTenants,
  filename: string,
  file: { bytes: string; sha256: string },
  selection: string,
) =>
  api.mutate(
    own.administrator,
    'beginUpload',
    { datasetId: own.things.ds, filename, ...file },
    `upload { ${selection} }`,
  );

/** Every field of the schema that gives presigned requests, and how a tenant comes by those that are its own to send. */
export const URL_GIVERS: Record<string, Giver> = {
  'BillingExport.file': ({ api, own }) => ofNode(api, own.key, own.things.exp, 'BillingExport', 'file'),
  'CheckpointDownloadPayload.files': async ({ api, lab, own }) => {
    const download = (model: string) =>
      api.mutate(own.administrator, 'createCheckpointDownload', { model }, `files ${REQUEST}`);
    const [variant, base] = [await download(own.things.variantName), await download(lab.base.name)];
    return [...variant.files, ...base.files];
  },
  'DatasetVersion.content': ({ api, own }) => ofNode(api, own.key, own.things.file, 'DatasetVersion', 'content'),
  'EvaluationRun.resultsFile': ({ api, own }) =>
    ofNode(api, own.key, own.things.evalrun, 'EvaluationRun', 'resultsFile'),
  'EvaluationSuite.rows': ({ api, own }) => ofNode(api, own.key, own.things.suite, 'EvaluationSuite', 'rows'),
  'InvoiceExport.file': async ({ api, own }) => {
    const query = `query($id: ID!) { node(id: $id) { ... on Invoice { export { file ${REQUEST} } } } }`;
    return [(await api.ask(own.key, query, { id: own.things.finalInv })).node.export.file];
  },
  'Upload.singlePut': async (tenants) => {
    const begun = await upload(tenants, 'small.jsonl', DECLARED, `singlePut ${REQUEST}`);
    return [{ ...begun.upload.singlePut, body: CONTENT }];
  },
  'UploadPartRequest.request': async (tenants) => {
    const { api, own } = tenants;
    const begun = await upload(tenants, 'large.jsonl', IN_PARTS, 'id');
    const input = { uploadId: begun.upload.id, parts: [{ partNumber: 2, sha256 }] };
    const { parts } = await api.mutate(own.administrator, 'presignUploadParts', input, `parts { request ${REQUEST} }`);
    return [{ ...parts[0].request, body: CONTENT }];
  },
  // Only whoever publishes a checkpoint has drafts: the lab.
  'Checkpoint.pendingUploads': async ({ api, lab }) => {
    const name = `drafts-${newId('req').slice(-12)}`;
    const run = { name, stage: 'SFT', description: '', hyperparameters: {}, familyId: lab.base.familyId };
    const { trainingRun } = await api.mutate(lab.administrator, 'createTrainingRun', run, 'trainingRun { id }');
    const draft = {
      trainingRunId: trainingRun.id,
      step: 1,
      tokensSeen: '1',
      recipe: { method: 'pretraining', parameters: {} },
      modelCard: { summary: 's', trainingData: 't', intendedUse: 'i', limitations: 'l' },
      files: ['config.json', 'tokenizer.json', 'model.safetensors'].map((path) => ({ path, ...DECLARED })),
    };
    const selection = `checkpoint { pendingUploads ${REQUEST} }`;
    const { checkpoint } = await api.mutate(lab.administrator, 'createCheckpoint', draft, selection);
    return checkpoint.pendingUploads.map((request: Presigned) => ({ ...request, body: CONTENT }));
  },
};

/** What its trainer gets of the internal listener for a tenant's attempt. */
export async function urlsOfAttempt({ api, own }: TwoTenants): Promise<Presigned[]> {
  const reads = [{ input: 'base', path: 'model.safetensors' }];
  const writes = [{ path: 'output/more.txt', bytes: CONTENT.length, sha256 }];
  const { body } = await askListener(api, own.attempt, 'urls', { reads, writes });
  const given = JSON.parse(body);
  return [
    { method: 'GET', url: given.reads[0].url, headers: {} },
    { method: 'PUT', ...given.writes[0], body: CONTENT },
  ];
}

/** What has a URL that is not the store's: a partner's own. */
const OTHERS = ['WebhookEndpoint'];

/** Every field whose type tells a URL of the store. */
export function fieldsWithUrls(schema: GraphQLSchema): string[] {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  return types.flatMap((parent) =>
    Object.values(parent.getFields())
      .filter(({ type }) => {
        const named = getNamedType(type);
        return isObjectType(named) && 'url' in named.getFields() && !OTHERS.includes(named.name);
      })
      .map((field) => `${parent.name}.${field.name}`),
  );
}

/** Every presigned URL in an answer, wherever in it. */
export const signedUrlsIn = (answer: unknown): string[] =>
  [...JSON.stringify(answer).matchAll(/"(https?:[^"]*X-Amz-Signature[^"]*)"/g)].map(([, url]) => url!);

export interface Target {
  origin: string;
  bucket: string;
  key: string;
  /** Signature and all. */
  query: string;
}

export function targetOf(url: string): Target {
  const { origin, pathname, search } = new URL(url);
  const [, bucket, key] = /^\/([^/]+)\/(.*)$/.exec(decodeURIComponent(pathname))!;
  return { origin, bucket: bucket!, key: key!, query: search };
}

/** The paths by which a presigned request for one key might reach another. */
export function detours({ bucket, key }: Target, other: string): Record<string, string> {
  const up = (step: string) =>
    key
      .split('/')
      .map(() => step)
      .join('');
  return {
    'the other key': `/${bucket}/${other}`,
    'the other key after an empty segment': `/${bucket}//${other}`,
    'an empty segment before the bucket': `//${bucket}/${other}`,
    'steps up from the own key': `/${bucket}/${key}/${up('../')}${other}`,
    'encoded dots': `/${bucket}/${key}/${up('%2e%2e/')}${other}`,
    'encoded slashes': `/${bucket}/${key}/${up('..%2f')}${other}`,
    'slashes encoded twice': `/${bucket}/${key}/${up('..%252f')}${other}`,
    backslashes: `/${bucket}/${key}/${up('..%5c')}${other}`,
  };
}
