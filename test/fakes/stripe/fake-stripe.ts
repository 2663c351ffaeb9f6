import type { AddressInfo } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { systemClock } from '#libs/kernel';
import { FakeAccount, get, type Payment } from './account.js';
import { StripeFailure } from './errors.js';
import { type Form, parseForm } from './form.js';
import { type Answer, IdempotencyKeys } from './idempotency.js';
import { type Invoice, listed } from './objects.js';
import { signWebhook } from './webhooks.js';

/**
 * What is to go wrong with the next calls: refused by the rate limit before anything is done; answered 500, or not at all, after all was
 * done; or held at work until `letGo`.
 */
export type Failure = 'rate_limited' | 'error_after_commit' | 'silence_after_commit' | 'held';

interface Planned {
  failure: Failure;
  /** Calls whose path has this in it. */
  path: string;
  times: number;
}

type Query = Record<string, string | undefined>;
interface Call {
  id: string;
  query: Query;
  form: Form;
}
type Endpoint = (call: Call) => object;

/**
 * A server that answers as Stripe's API does to the calls that billing makes, with state, idempotency keys and signed webhooks.
 *
 * It is not Stripe: no card networks, banks, taxes, e-mail or fraud rules are behind it, parameters that billing doesn't send are ignored, and what
 * Stripe refuses it may take. Search finds at once what Stripe's finds within a minute. Whether Stripe itself takes our calls is shown by
 * running the same specs in its test mode: docs/guides/stripe.md.
 */
export class FakeStripe {
  readonly account = new FakeAccount(() => this.url);
  readonly keys = new IdempotencyKeys();
  /** Every call that arrived, in order. */
  readonly calls: Array<{ method: string; path: string; idempotencyKey: string | null }> = [];
  private readonly planned: Planned[] = [];
  private readonly waiting: Array<() => void> = [];
  private readonly server: FastifyInstance;

  constructor(readonly webhookSecret = 'whsec_fake') {
    this.server = fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 300 } });
    this.server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
      done(null, body),
    );
    this.server.setErrorHandler((error, request, reply) => this.refuse(error as Error, request, reply));
    this.serveApi();
    this.servePages();
    this.serveControls();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  async start(port = 0): Promise<this> {
    await this.server.listen({ port, host: '127.0.0.1' });
    return this;
  }

  async stop(): Promise<void> {
    this.letGo();
    await this.server.close();
  }

  fail(failure: Failure, { path = '', times = 1 }: { path?: string; times?: number } = {}): void {
    this.planned.push({ failure, path, times });
  }

  get isHolding(): boolean {
    return this.waiting.length > 0;
  }

  letGo(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  /** Everything told since an event (or ever), as it would be posted to our endpoint. */
  webhooks({ after = 0 }: { after?: number } = {}) {
    const at = Math.floor(systemClock.now().getTime() / 1000);
    return this.account.events.slice(after).map((event) => signWebhook(event, { secret: this.webhookSecret, at }));
  }

  private serveApi(): void {
    const { account } = this;
    const all = <T>(kept: ReadonlyMap<string, T>) => [...kept.values()].reverse();
    const read = (path: string, endpoint: Endpoint) => this.server.get(`/v1/${path}`, this.handled(endpoint));
    const post = (path: string, endpoint: Endpoint) => this.server.post(`/v1/${path}`, this.handled(endpoint));

    post('customers', ({ form }) => account.createCustomer(form));
    read('customers/search', ({ query }) => ({
      object: 'search_result',
      data: all(account.customers).filter(({ metadata }) => matches(metadata, query.query ?? '')),
      has_more: false,
      next_page: null,
      url: '/v1/customers/search',
    }));
    read('customers/:id', ({ id }) => get(account.customers, 'customer', id));
    post('invoices', ({ form }) => account.createInvoice(form));
    read('invoices', ({ query }) => paged('/v1/invoices', all(account.invoices).filter(invoiceFilter(query)), query));
    read('invoices/:id', ({ id }) => account.invoice(id));
    read('invoices/:id/lines', ({ id, query }) =>
      paged(`/v1/invoices/${id}/lines`, account.invoice(id).lines.data, query),
    );
    post('invoices/:id/add_lines', ({ id, form }) => account.addLines(id, form));
    post('invoices/:id/finalize', ({ id }) => account.finalize(id));
    post('invoices/:id/void', ({ id }) => account.void(id));
    post('invoices/:id/mark_uncollectible', ({ id }) => account.markUncollectible(id));
    post('invoices/:id/pay', ({ id }) => account.pay(id));
    read('invoice_payments', ({ query }) => {
      const payments = all(account.invoicePayments).filter(
        ({ invoice }) => !query.invoice || invoice === query.invoice,
      );
      return paged('/v1/invoice_payments', payments, query);
    });
    read('payment_intents/:id', ({ id }) => get(account.paymentIntents, 'payment_intent', id));
    post('credit_notes', ({ form }) => account.createCreditNote(form));
    read('credit_notes', ({ query }) => {
      const notes = all(account.creditNotes).filter(({ invoice }) => !query.invoice || invoice === query.invoice);
      return paged('/v1/credit_notes', notes, query);
    });
    post('refunds', ({ form }) => account.createRefund(form));
    read('refunds', ({ query }) => {
      const refunds = all(account.refunds).filter(
        (each) =>
          (!query.payment_intent || each.payment_intent === query.payment_intent) &&
          each.created >= Number(query['created[gte]'] ?? 0),
      );
      return paged('/v1/refunds', refunds, query);
    });
    read('disputes', ({ query }) => {
      const disputes = all(account.disputes).filter(
        (each) => !query.payment_intent || each.payment_intent === query.payment_intent,
      );
      return paged('/v1/disputes', disputes, query);
    });
    post('billing_portal/sessions', ({ form }) => account.createPortalSession(form));
    read('events', ({ query }) => paged('/v1/events', [...account.events].reverse(), query));
    post('test_helpers/test_clocks', ({ form }) => account.createTestClock(form));
    this.server.delete(
      '/v1/test_helpers/test_clocks/:id',
      this.handled(({ id }) => account.deleteTestClock(id)),
    );
    read('test_helpers/test_clocks/:id', ({ id }) => get(account.testClocks, 'test clock', id));
    post('test_helpers/test_clocks/:id/advance', ({ id, form }) => account.advance(id, form));
  }

  /** What people open in a browser. */
  private servePages(): void {
    this.server.get<{ Params: { id: string } }>('/i/:id', async ({ params }, reply) => {
      const { number, amount_remaining, currency, status, id } = this.account.invoice(params.id);
      const button = status === 'open' ? `<form method="post" action="/i/${id}/pay"><button>Pay</button></form>` : '';
      return reply.type('text/html').send(
        `<!doctype html><title>Invoice ${number}</title><p>This is a fake of Stripe: no money moves here.</p>
         <p>Invoice ${number}: ${amount_remaining} ${currency} (minor units), ${status}.</p>${button}`,
      );
    });
    this.server.post<{ Params: { id: string } }>('/i/:id/pay', async ({ params }, reply) => {
      this.account.pay(params.id);
      return reply.redirect(`/i/${params.id}`, 303);
    });
  }

  /** For tests in another process; in this one the methods do the same. */
  private serveControls(): void {
    this.server.post<{ Body: { failure: Failure; path?: string; times?: number } }>(
      '/_control/failures',
      async ({ body }) => {
        this.fail(body.failure, body);
        return {};
      },
    );
    this.server.post<{ Params: { id: string }; Body: Payment }>(
      '/_control/invoices/:id/pay',
      async ({ params, body }) => this.account.pay(params.id, body),
    );
  }

  private handled(endpoint: Endpoint) {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const path = request.url.split('?')[0] as string;
      const key = (request.headers['idempotency-key'] as string | undefined) ?? null;
      this.calls.push({ method: request.method, path, idempotencyKey: key });
      if (!request.headers.authorization)
        throw new StripeFailure(401, { type: 'invalid_request_error', message: 'You did not provide an API key.' });
      const failure = this.takeFailure(`${request.method} ${path}`);
      if (failure === 'rate_limited')
        throw new StripeFailure(429, {
          type: 'invalid_request_error',
          code: 'rate_limit',
          message: 'Request rate limit exceeded.',
        });
      const body = typeof request.body === 'string' ? request.body : '';
      const before = key && request.method === 'POST' ? this.keys.begin(key, { method: 'POST', path, body }) : null;
      if (before) return send(reply.header('idempotent-replayed', 'true'), before);
      if (failure === 'held') await new Promise<void>((go) => this.waiting.push(go));
      const call = {
        id: (request.params as { id?: string }).id ?? '',
        query: request.query as Query,
        form: parseForm(body),
      };
      const answer =
        failure === 'error_after_commit' ? this.carryOutAndBreak(endpoint, call) : this.carryOut(endpoint, call, key);
      if (key) this.keys.remember(key, answer);
      if (failure === 'silence_after_commit') return reply.hijack();
      return send(reply, answer);
    };
  }

  private carryOut(endpoint: Endpoint, call: Call, key: string | null): Answer {
    try {
      return { status: 200, body: JSON.stringify(endpoint(call), shown) };
    } catch (error) {
      if (!(error instanceof StripeFailure)) throw error;
      // Parameters that are refused are refused before anything is begun, so the key is free again.
      if (error.error.type === 'invalid_request_error' && key) this.keys.release(key);
      return { status: error.status, body: JSON.stringify({ error: error.error }) };
    }
  }

  private carryOutAndBreak(endpoint: Endpoint, call: Call): Answer {
    endpoint(call);
    const error = { type: 'api_error', message: 'An unknown error occurred.' };
    return { status: 500, body: JSON.stringify({ error }) };
  }

  private takeFailure(call: string): Failure | null {
    const planned = this.planned.find(({ path, times }) => times > 0 && call.includes(path));
    if (!planned) return null;
    planned.times -= 1;
    return planned.failure;
  }

  private refuse(error: Error, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (error instanceof StripeFailure) return reply.status(error.status).send({ error: error.error });
    return reply.status(500).send({ error: { type: 'api_error', message: error.message } });
  }
}

/** An invoice shows its first lines, and says that there are more. */
const LINES_SHOWN = 10;
function shown(_name: string, value: unknown): unknown {
  if ((value as { object?: string } | null)?.object !== 'invoice') return value;
  const { lines, ...invoice } = value as Invoice;
  const data = lines.data.slice(0, LINES_SHOWN);
  return { ...invoice, lines: { ...lines, data, has_more: data.length < lines.data.length } };
}

const send = (reply: FastifyReply, { status, body }: Answer) =>
  reply.status(status).type('application/json').header('request-id', 'req_fake').send(body);

/** `limit` and `starting_after`, newest first. */
function paged<T extends { id: string }>(url: string, found: T[], { limit = '10', starting_after }: Query) {
  const from = starting_after ? found.findIndex(({ id }) => id === starting_after) + 1 : 0;
  const to = from + Number(limit);
  return { ...listed(url, found.slice(from, to)), has_more: to < found.length };
}

function invoiceFilter(query: Query) {
  const since = Number(query['created[gte]'] ?? 0);
  return (each: { customer: string; status: string; created: number }) =>
    (!query.customer || each.customer === query.customer) &&
    (!query.status || each.status === query.status) &&
    each.created >= since;
}

/** `metadata['name']:'value'` is all of Stripe's query language that is needed here. */
function matches(metadata: Record<string, string>, query: string): boolean {
  const [, name = '', value] = /^metadata\['([^']+)'\]:'([^']*)'$/.exec(query) ?? [];
  return value !== undefined && metadata[name] === value;
}
