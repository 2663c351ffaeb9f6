import { useNames } from '../../api';
import { paths } from '../../app';
import { type Fact, Facts, MadeBy, TextLink, Time } from '../../ui';
import type { ListingDocument } from './documents';
import { AUDIENCE_LABELS, Uses } from './listing-table';
import { publisherName } from './naming';
import { PriceLines } from './price-lines';

/** What is offered, by whom, to whom, for how much. */
export function ListingFacts({ listing }: { listing: ListingDocument }) {
  const { createdAt, listedAt } = listing;
  const facts: Array<Fact | null> = [
    { label: 'Publisher', value: publisherName(listing) ?? 'Unknown' },
    ...factsOfVariant(listing),
    { label: 'Allows', value: <Uses allowsFineTuning={listing.allowsFineTuning} /> },
    { label: 'Prices', value: <PriceLines {...listing} /> },
    { label: 'For', value: <Audience listing={listing} /> },
    { label: 'Drafted', value: <Time at={createdAt} style="minute" /> },
    listedAt ? { label: 'Listed', value: <Time at={listedAt} style="minute" /> } : null,
  ];
  return <Facts facts={facts.filter((fact): fact is Fact => fact !== null)} />;
}

/** Of one that the reader may not see, or not any more, nothing but that. */
function factsOfVariant({ checkpoint, use }: ListingDocument): Fact[] {
  if (!checkpoint || !('name' in checkpoint)) return [{ label: 'Variant', value: 'Not yours to see now' }];
  const { name, base } = checkpoint;
  const card = (of: string) => <TextLink to={paths.model(of)}>{of}</TextLink>;
  return [
    { label: 'Variant', value: card(name) },
    ...(base ? [{ label: 'Base', value: card(base.name) }] : []),
    ...(use && 'license' in use ? [{ label: 'Licence of the base', value: <Licence {...use} /> }] : []),
  ];
}

type Use = Extract<NonNullable<ListingDocument['use']>, { license: unknown }>;

function Licence({ license, licenseInForce }: Use) {
  if (!licenseInForce) return license;
  return (
    <TextLink to={paths.license(licenseInForce.id)}>
      {license}, version {licenseInForce.version}
    </TextLink>
  );
}

/** By name for the lab; a publisher knows partners by their ids, and who is named sees itself alone. */
function Audience({ listing: { audience, namedOrganizationIds } }: { listing: ListingDocument }) {
  const names = useNames(namedOrganizationIds);
  if (namedOrganizationIds.length === 0) return AUDIENCE_LABELS[audience];
  return (
    <ul>
      {namedOrganizationIds.map((id) => (
        <li key={id}>{names.get(id)?.name ?? <MadeBy id={id} names={names} />}</li>
      ))}
    </ul>
  );
}
