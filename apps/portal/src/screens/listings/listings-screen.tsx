import { HandCoins } from 'lucide-react';
import { paths, useSession } from '../../app';
import { LinkButton, NoPermission, PageHeader } from '../../ui';
import { Offered } from './offered';
import { Own } from './own';
import { Reviews } from './reviews';

/** Variants that partners offer each other: to a partner those for it and its own, to the lab those that it decides. */
export function ListingsScreen() {
  const { organization } = useSession();
  return organization.kind === 'LAB' ? <OfPartners /> : <ToPartner />;
}

function ToPartner() {
  const { may } = useSession();
  return (
    <>
      <PageHeader title="Listings">
        Variants that partners offer each other, at a price and on terms that the lab has reviewed.
      </PageHeader>
      {may('CATALOG_READ') ? (
        <div className="flex flex-col gap-8">
          <Offered />
          <Own />
        </div>
      ) : (
        <NoPermission>Listings are for roles with the permission catalog:read. Ask an administrator.</NoPermission>
      )}
    </>
  );
}

function OfPartners() {
  const { may } = useSession();
  return (
    <>
      <PageHeader
        title="Listings"
        actions={
          may('INVOICES_READ') && (
            <LinkButton icon={HandCoins} to={paths.payouts()}>
              Payouts
            </LinkButton>
          )
        }
      >
        Variants that partners offer each other. Nothing is listed before the lab has approved its price and its terms.
      </PageHeader>
      {may('LISTINGS_REVIEW') ? (
        <Reviews />
      ) : (
        <NoPermission>Listings are reviewed by roles with the permission listings:review.</NoPermission>
      )}
    </>
  );
}
