import { newId } from '#libs/kernel';
import { FORM_HEADERS, fileForm, partForm } from './form.fixture.js';
import type { Things } from './tenant.fixture.js';

export interface RouteRequest {
  url: string;
  /** Sent as JSON, or as it is. */
  payload?: object | string;
  headers?: Record<string, string>;
}

export interface RouteCase {
  /** What is sent, beside the credentials. */
  request: (theirs: Things, own: Things) => RouteRequest;
  status: number;
}

/** Routes that answer who has no credentials, and why. */
export const OPEN_ROUTES: Record<string, string> = {
  'GET /healthz': 'whoever supervises the process has no key; it tells nothing but that it runs',
  'POST /auth/sign-in': 'credentials come from there; a wrong password and an unknown address are told alike',
  'POST /webhooks/stripe': "the payment provider's signature is the credential; here it has no account",
};

const FILE_FORM = fileForm('spy.jsonl', '{"prompt":"p","completion":"c"}\n');

const route = (status: number, request: RouteCase['request']): RouteCase => ({ status, request });
const refused = (url: (theirs: Things) => string, payload?: object) => [
  route(404, (theirs) => ({ url: url(theirs), payload })),
];
/** Another tenant's project, named as the official clients do. */
const inTheirProject = (theirs: Things) => ({ 'openai-project': theirs.proj });
const inOwnProject = (own: Things) => ({ 'openai-project': own.proj });
const nodeOf = (id: string) => `{ node(id: "${id}") { id } }`;
const JOBS = '/v1/fine_tuning/jobs';

/** Every route of the api. */
export const ROUTES: Record<string, RouteCase[]> = {
  'GET /healthz': [route(200, () => ({ url: '/healthz' }))],
  'POST /auth/sign-in': [
    route(401, ({ email }) => ({ url: '/auth/sign-in', payload: { email, password: 'not the password 1' } })),
  ],
  // The tables of operations say what can be asked there.
  'POST /graphql': [route(200, ({ ds }) => ({ url: '/graphql', payload: { query: nodeOf(ds) } }))],
  'GET /graphql': [route(200, ({ ds }) => ({ url: `/graphql?query=${encodeURIComponent(nodeOf(ds))}` }))],
  'GET /auth/me': [route(200, () => ({ url: '/auth/me' }))],
  'POST /v1/files': [
    route(404, (t) => ({ url: '/v1/files', payload: FILE_FORM, headers: { ...FORM_HEADERS, ...inTheirProject(t) } })),
  ],
  'GET /v1/files': [
    ...refused(({ file }) => `/v1/files?after=${file}`),
    route(200, ({ org }) => ({ url: '/v1/files', headers: { 'openai-organization': org } })),
  ],
  'GET /v1/files/:id': refused(({ file }) => `/v1/files/${file}`),
  'DELETE /v1/files/:id': refused(({ file }) => `/v1/files/${file}`),
  'GET /v1/files/:id/content': refused(({ file }) => `/v1/files/${file}/content`),
  'POST /v1/uploads': [
    route(404, (theirs) => ({
      url: '/v1/uploads',
      headers: inTheirProject(theirs),
      payload: { filename: 'spy.jsonl', bytes: 10, mime_type: 'text/plain', purpose: 'fine-tune' },
    })),
  ],
  'POST /v1/uploads/:id/parts': [
    route(404, (t) => ({ url: `/v1/uploads/${t.openaiUpl}/parts`, payload: partForm('bytes'), headers: FORM_HEADERS })),
  ],
  'POST /v1/uploads/:id/complete': refused(({ openaiUpl }) => `/v1/uploads/${openaiUpl}/complete`, {
    part_ids: ['part_00000000000000000000000000'],
  }),
  'POST /v1/uploads/:id/cancel': refused(({ openaiUpl }) => `/v1/uploads/${openaiUpl}/cancel`),
  [`POST ${JOBS}`]: [
    route(404, (theirs, own) => createJob(own, { training_file: theirs.file })),
    route(404, (theirs, own) => createJob(own, { validation_file: theirs.file })),
    route(404, (theirs, own) => createJob(own, { model: theirs.variantName })),
    route(404, (theirs, own) => ({ ...createJob(own, {}), headers: inTheirProject(theirs) })),
  ],
  [`GET ${JOBS}`]: refused(({ ftjob }) => `${JOBS}?after=${ftjob}`),
  [`GET ${JOBS}/:id`]: refused(({ ftjob }) => `${JOBS}/${ftjob}`),
  [`POST ${JOBS}/:id/cancel`]: refused(({ pendingJob }) => `${JOBS}/${pendingJob}/cancel`),
  [`POST ${JOBS}/:id/pause`]: refused(({ pendingJob }) => `${JOBS}/${pendingJob}/pause`),
  [`POST ${JOBS}/:id/resume`]: refused(({ pendingJob }) => `${JOBS}/${pendingJob}/resume`),
  [`GET ${JOBS}/:id/events`]: refused(({ ftjob }) => `${JOBS}/${ftjob}/events`),
  [`GET ${JOBS}/:id/checkpoints`]: refused(({ ftjob }) => `${JOBS}/${ftjob}/checkpoints`),
  'DELETE /v1/models/:model': [
    ...refused(({ ckpt }) => `/v1/models/${ckpt}`),
    ...refused(({ variantName }) => `/v1/models/${encodeURIComponent(variantName)}`),
  ],
  'GET /v1/invoices/:id/pdf': refused(({ finalInv }) => `/v1/invoices/${finalInv}/pdf`),
  'POST /webhooks/stripe': [route(503, ({ org }) => ({ url: '/webhooks/stripe', payload: { id: org } }))],
  // Last, since it is tried with a session, too, which is over then. It names nothing.
  'POST /auth/sign-out': [route(204, () => ({ url: '/auth/sign-out' }))],
};

const ofAttempt = (path: string, payload: object) => [
  route(401, ({ att }: Things) => ({ url: `/internal/v1/attempts/${att}/${path}`, payload })),
];

const LEASES = '/internal/v1/leases';

/** Every route of the listener that trainers and the gateway reach: an attempt's own token, or the gateway's, opens it, and no key does. */
export const INTERNAL_ROUTES: Record<string, RouteCase[]> = {
  'GET /healthz': [route(200, () => ({ url: '/healthz' }))],
  'POST /internal/v1/attempts/:attemptId/events': ofAttempt('events', { first_number: 1, events: [] }),
  'POST /internal/v1/attempts/:attemptId/urls': ofAttempt('urls', { reads: [], writes: [] }),
  [`POST ${LEASES}`]: [
    route(401, ({ org, proj, key, ckpt }: Things) => ({
      url: LEASES,
      payload: {
        lease_id: newId('lease'),
        recorder_id: newId('rec'),
        organization_id: org,
        project_id: proj,
        api_key_id: key,
        family_id: newId('fam'),
        base_checkpoint_id: ckpt,
        input_tokens: 1,
        output_tokens: 1,
        calls: 1,
      },
    })),
  ],
  [`POST ${LEASES}/:leaseId/close`]: [
    route(401, ({ org }: Things) => ({ url: `${LEASES}/${newId('lease')}/close`, payload: { organization_id: org } })),
  ],
};

function createJob(own: Things, change: object) {
  return {
    url: JOBS,
    payload: { model: own.variantName, training_file: own.file, ...change },
    headers: inOwnProject(own),
  };
}
