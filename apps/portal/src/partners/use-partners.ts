import { useMemo } from 'react';
import { type ResultOf, useRequest } from '../api';
import { useSession } from '../app';
import { PartnersToChoose } from './documents';

/** The lab's partners by id, as far as the reader may know them: forbidden to who may see neither organizations nor contracts. */
export function usePartners() {
  const { may } = useSession();
  const seesAll = may('ENTITLEMENTS_WRITE');
  const isForbidden = !seesAll && !may('CONTRACTS_READ');
  const request = useRequest(
    PartnersToChoose,
    { byContract: !seesAll },
    { pause: isForbidden, requestPolicy: 'cache-first', alsoChangesWith: ['Organization'] },
  );
  const data = request.status === 'ready' ? request.data : undefined;
  const partners = useMemo(() => (data ? partnersOf(data) : NONE), [data]);
  return { partners, isForbidden, failure: request.status === 'failed' ? request.failure : null };
}

const NONE: ReadonlyMap<string, string> = new Map();

function partnersOf({ organizations, contracts }: ResultOf<typeof PartnersToChoose>): ReadonlyMap<string, string> {
  const known = [
    ...(organizations?.nodes ?? []).filter(({ kind }) => kind === 'PARTNER'),
    ...(contracts?.nodes ?? []).map(({ organization }) => organization),
  ];
  return new Map(known.map(({ id, name }) => [id, name]));
}
