import type { RouteCase } from './routes.fixture.js';
import type { Things } from './tenant.fixture.js';

/** What the gateway hands on to the api, whatever the method: the api's own table has the cases. */
export const HANDED_ON = /^[A-Z]+ \/\*?$/;

/** Routes of the gateway that answer who has no credentials, and why. */
export const OPEN_GATEWAY_ROUTES: Record<string, string> = {
  'GET /gateway/healthz': 'a load balancer has no key; it tells the version of the snapshot and nothing that is in it',
};

const MESSAGES = { messages: [{ role: 'user', content: 'hello' }], max_tokens: 1 };
const PROMPT = { prompt: 'hello', max_tokens: 1 };
/** Everything that stands for a model of another tenant. */
const MODELS = ['ckpt', 'variantName', 'dep', 'deploymentName'] as const;

const call = (url: string, status: number, body: (theirs: Things, own: Things) => object): RouteCase => ({
  status,
  request: (theirs, own) => ({ url, payload: body(theirs, own) }),
});
/** A model of another tenant, and one's own on another tenant's account. */
const inference = (url: string, body: object): RouteCase[] => [
  ...MODELS.map((name) => call(url, 404, (theirs) => ({ ...body, model: theirs[name] }))),
  {
    status: 403,
    request: (theirs, own) => ({
      url,
      payload: { ...body, model: own.variantName },
      headers: { 'openai-project': theirs.proj },
    }),
  },
];

/** Every route that the gateway serves itself; it takes keys alone. */
export const GATEWAY_ROUTES: Record<string, RouteCase[]> = {
  'GET /gateway/healthz': [{ status: 200, request: () => ({ url: '/gateway/healthz' }) }],
  'POST /v1/chat/completions': inference('/v1/chat/completions', MESSAGES),
  'POST /v1/completions': inference('/v1/completions', PROMPT),
  'POST /v1/embeddings': [call('/v1/embeddings', 400, ({ ckpt }) => ({ model: ckpt, input: 'hello' }))],
  'GET /v1/models': [{ status: 200, request: () => ({ url: '/v1/models' }) }],
  'GET /v1/models/*': MODELS.flatMap((name) => [
    { status: 404, request: (theirs) => ({ url: `/v1/models/${theirs[name]}` }) },
    { status: 404, request: (theirs) => ({ url: `/v1/models/${encodeURIComponent(theirs[name])}` }) },
  ]),
};
