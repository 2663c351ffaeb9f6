import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { amount, formatNanos, nanosOf, type WrittenAmount } from '../amount.js';
import { type Commands, list } from '../commands.js';
import type { Context } from '../context.js';
import {
  APPROVE_LISTING,
  CREATE_LISTING,
  LISTING_IMPACT,
  LISTING_OF,
  LISTINGS,
  type Listing,
  type ListingImpact,
  type ListingPrice,
  type Offer,
  OWN_LISTINGS,
  PARTNER_LISTINGS,
  REJECT_LISTING,
  SUBMIT_LISTING,
  TAKE_DOWN_LISTING,
  UPDATE_LISTING,
  WITHDRAW_LISTING,
} from '../documents/listings.js';
import { type Connection, collect, type Page } from '../documents/shared.js';
import { notFound, UsageError } from '../failure.js';
import { formatConstant, toConstant } from '../output/format.js';
import { fields, table } from '../output/table.js';
import type { Style } from '../terminal.js';
import { findCheckpoint } from './models.js';

interface OfferOptions {
  title?: string;
  summary?: string;
  terms?: string;
  inputPrice?: WrittenAmount;
  cachedInputPrice?: WrittenAmount;
  outputPrice?: WrittenAmount;
  for?: string[];
  allowsFineTuning?: boolean;
}

const MOST = 1_000;
const PER_UNITS = 1_000_000n;
const A_MILLION = '(of a million tokens, such as "0.50 USD")';

export function addListingCommands(commands: Commands): void {
  commands.group('listings', 'Listings: variants that partners offer to each other', (group) =>
    group
      .read('list', 'List what other partners offer to you', listOffered, undefined, { isDefault: true })
      .read<{ state?: string }>('own', 'List what you offer, and where it stands', listOwn, withState)
      .read<{ state?: string }>('of-partners', 'List what partners offer; for the lab', listOfPartners, withState)
      .read('show <listing>', 'Show a listing', show)
      .read('terms <listing>', 'Print the terms, to the byte', printTerms)
      .act<OfferOptions>('create <variant>', 'Draft an offer of a variant of yours', create, withOffer)
      .act<OfferOptions>('update <listing>', 'Change a draft, or one that was rejected', update, withOffer)
      .act('submit <listing>', 'Hand a draft to the lab for review', submit)
      .act('withdraw <listing>', 'End an offer: nothing new begins by it', withdraw)
      .act<{ document: string; share: number }>('approve <listing>', 'List it; for the lab', approve, (command) =>
        command
          .requiredOption('--document <sha256>', 'of the terms that you read')
          .requiredOption('--share <percent>', 'what its publisher gets of what its use comes to', basisPoints),
      )
      .act<{ reason: string }>('reject <listing>', 'Give it back to its publisher; for the lab', reject, withReason)
      .read('impact <listing>', 'Whom ending it would affect; for the lab', showImpact)
      .act<{ reason: string }>('take-down <listing>', 'End it; for the lab', takeDown, withReason),
  );
}

const withState = (command: Command) => command.option('--state <state>', 'such as in-review or listed');
const withReason = (command: Command) => command.requiredOption('--reason <text>', 'why; its publisher reads it');

function withOffer(command: Command): Command {
  return command
    .option('--title <text>', 'what it is called')
    .option('--summary <text>', 'what it is good for')
    .option('--terms <path>', 'on which terms: text in UTF-8')
    .option('--input-price <amount>', `of tokens of prompts ${A_MILLION}`, amount)
    .option('--cached-input-price <amount>', `of those that are in the cache ${A_MILLION}`, amount)
    .option('--output-price <amount>', `of tokens of answers ${A_MILLION}`, amount)
    .option('--for <organizations>', 'ids of those who may use it; all partners if left out', list)
    .option('--allows-fine-tuning', 'others may fine-tune from it');
}

/** Hundredths of a percent. */
function basisPoints(text: string): number {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?%?$/.exec(text.trim());
  const value = match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : Number.NaN;
  if (value <= 10_000) return value;
  throw new InvalidArgumentError('Give a percent from 0 to 100, such as 70 or 12.5.');
}

async function listOffered(context: Context): Promise<void> {
  await listAll(context, async (page) => (await context.client.run(LISTINGS, page)).listings);
}

async function listOwn(context: Context, { state }: { state?: string }): Promise<void> {
  const filter = { state: state && toConstant(state) };
  await listAll(context, async (page) => (await context.client.run(OWN_LISTINGS, { ...page, ...filter })).ownListings);
}

async function listOfPartners(context: Context, { state }: { state?: string }): Promise<void> {
  const filter = { state: state && toConstant(state) };
  await listAll(
    context,
    async (page) => (await context.client.run(PARTNER_LISTINGS, { ...page, ...filter })).partnerListings,
  );
}

async function listAll({ out }: Context, ask: (page: Page) => Promise<Connection<Listing>>): Promise<void> {
  const listings = await collect(ask, MOST);
  out.result(listings, () => listingTable(listings, out.style));
}

function listingTable(listings: readonly Listing[], style: Style): string {
  if (listings.length === 0) return 'No listings.';
  return table(
    listings,
    [
      { title: 'LISTING', value: ({ id }) => id },
      { title: 'TITLE', value: ({ title }) => title },
      { title: 'VARIANT', value: ({ checkpoint }) => checkpoint?.name ?? '' },
      { title: 'STATE', value: ({ state }) => formatConstant(state) },
      { title: 'INPUT', value: (listing) => priceOf(listing, 'INPUT_TOKENS'), align: 'right' },
      { title: 'OUTPUT', value: (listing) => priceOf(listing, 'OUTPUT_TOKENS'), align: 'right' },
    ],
    style,
  );
}

/** Exactly; prices that were given for another number of tokens than a million may have no end of decimals. */
function priceOf({ prices, currency }: Listing, meter: string): string {
  const price = prices.find((one) => one.meter === meter);
  if (!price) return '';
  const ofMillion = BigInt(price.priceNanos) * PER_UNITS;
  const perUnits = BigInt(price.perUnits);
  return ofMillion % perUnits === 0n
    ? `${formatNanos(ofMillion / perUnits, currency)}/M`
    : `${formatNanos(BigInt(price.priceNanos), currency)}/${perUnits}`;
}

async function find({ client }: Context, id: string): Promise<Listing> {
  const { node } = await client.run(LISTING_OF, { id });
  if (node?.terms === undefined) throw notFound('listing', id);
  return node;
}

async function show(context: Context, _: object, id: string): Promise<void> {
  tell(context, await find(context, id));
}

function tell({ out }: Context, listing: Listing): void {
  out.result(listing, () => {
    const { title, audience, namedOrganizationIds, reviews } = listing;
    const entries: Array<readonly [string, string | null]> = [
      ['listing', listing.id],
      ['variant', listing.checkpoint?.name ?? null],
      ['state', formatConstant(listing.state)],
      ['for', audience === 'ALL_PARTNERS' ? 'all partners' : namedOrganizationIds.join(', ')],
      ['input', priceOf(listing, 'INPUT_TOKENS')],
      ['cached input', priceOf(listing, 'CACHED_INPUT_TOKENS')],
      ['output', priceOf(listing, 'OUTPUT_TOKENS')],
      ['fine-tuning', listing.allowsFineTuning ? 'allowed' : 'not allowed'],
      ['summary', listing.summary],
      ['terms', `SHA-256 ${listing.termsSha256}: forkpoint listings terms ${listing.id}`],
      ['reviews', reviews.map(reviewText).join('; ')],
      ['ended', listing.endReason],
    ];
    return `${out.style.bold(title)}\n${fields(entries, out.style)}`;
  });
}

function reviewText({ verdict, reason, publisherShareBasisPoints: share }: Listing['reviews'][number]): string {
  return share === null
    ? `${formatConstant(verdict)} (${reason})`
    : `${formatConstant(verdict)}, share ${share / 100}%`;
}

async function printTerms(context: Context, _: object, id: string): Promise<void> {
  const listing = await find(context, id);
  // Without a line break of its own, so that its hash is the one that is approved.
  if (context.out.json) context.out.result(listing, () => listing.terms);
  else context.out.raw(listing.terms);
}

async function create(context: Context, options: OfferOptions, variant: string): Promise<void> {
  const offer = await offerOf(options);
  if (!isWhole(offer))
    throw new UsageError('give all of --title, --summary, --terms, --input-price and --output-price');
  const { id: checkpointId } = await findCheckpoint(context, variant);
  tell(context, (await context.act(CREATE_LISTING, { ...offer, checkpointId })).listing);
}

async function update(context: Context, options: OfferOptions, listingId: string): Promise<void> {
  tell(context, (await context.act(UPDATE_LISTING, { ...(await offerOf(options)), listingId })).listing);
}

async function offerOf({ title, summary, terms, ...options }: OfferOptions): Promise<Partial<Offer>> {
  return {
    title,
    summary,
    ...pricesOf(options),
    terms: terms === undefined ? undefined : await readFile(terms, 'utf8'),
    organizationIds: options.for,
    allowsFineTuning: options.allowsFineTuning,
  };
}

/** All prices change together: those that there are can't be known here. */
function pricesOf(options: OfferOptions): Pick<Partial<Offer>, 'currency' | 'prices'> {
  const { inputPrice, outputPrice, cachedInputPrice } = options;
  const written = [
    { meter: 'INPUT_TOKENS', price: inputPrice },
    { meter: 'CACHED_INPUT_TOKENS', price: cachedInputPrice },
    { meter: 'OUTPUT_TOKENS', price: outputPrice },
  ].flatMap(({ meter, price }) => (price ? [{ meter, price }] : []));
  if (written.length === 0) return {};
  if (!inputPrice || !outputPrice) throw new UsageError('give --input-price and --output-price together');
  const currencies = new Set(written.map(({ price }) => price.currency));
  if (currencies.size > 1) throw new UsageError('give all prices in one currency');
  const prices: ListingPrice[] = written.map(({ meter, price }) => {
    return { meter, priceNanos: nanosOf(price), perUnits: PER_UNITS.toString() };
  });
  return { currency: inputPrice.currency, prices };
}

function isWhole(offer: Partial<Offer>): offer is Offer {
  return ![offer.title, offer.summary, offer.terms, offer.prices].includes(undefined);
}

async function submit(context: Context, _: object, listingId: string): Promise<void> {
  tell(context, (await context.act(SUBMIT_LISTING, { listingId })).listing);
}

async function withdraw(context: Context, _: object, listingId: string): Promise<void> {
  tell(context, (await context.act(WITHDRAW_LISTING, { listingId })).listing);
}

async function approve(
  context: Context,
  { document: termsSha256, share: publisherShareBasisPoints }: { document: string; share: number },
  listingId: string,
): Promise<void> {
  tell(context, (await context.act(APPROVE_LISTING, { listingId, termsSha256, publisherShareBasisPoints })).listing);
}

async function reject(context: Context, { reason }: { reason: string }, listingId: string): Promise<void> {
  tell(context, (await context.act(REJECT_LISTING, { listingId, reason })).listing);
}

async function showImpact({ client, out }: Context, _: object, listingId: string): Promise<void> {
  const { listingImpact } = await client.run(LISTING_IMPACT, { listingId });
  out.result(listingImpact, () => impactTable(listingImpact, out.style));
}

async function takeDown(context: Context, { reason }: { reason: string }, listingId: string): Promise<void> {
  const { listing, affected } = await context.act(TAKE_DOWN_LISTING, { listingId, reason });
  const { out } = context;
  out.result({ listing, affected }, () => `${listing.title} is taken down.\n${impactTable(affected, out.style)}`);
}

function impactTable(impact: readonly ListingImpact[], style: Style): string {
  if (impact.length === 0) return 'Nobody else uses it.';
  return table(
    impact,
    [
      { title: 'ORGANIZATION', value: ({ organization, organizationId }) => organization?.name ?? organizationId },
      { title: 'USES IT BY', value: ({ what }) => what.replaceAll('_', ' ') },
      { title: 'COUNT', value: ({ count }) => String(count), align: 'right' },
    ],
    style,
  );
}
