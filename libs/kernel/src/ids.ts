import { TypeID, typeidUnboxed } from 'typeid-js';

/**
 * Every kind of thing that has an id. Ids are TypeIDs over UUIDv7: the prefix says what a thing is, and ids of one kind
 * sort by the time they were made, so they can be partitioned and paged by.
 */
export const ID_PREFIXES = {
  org: 'organization',
  proj: 'project',
  user: 'user',
  sa: 'service account',
  mem: 'member',
  sess: 'session',
  key: 'API key',
  fam: 'model family',
  run: 'training run',
  ckpt: 'checkpoint',
  ceval: 'evaluation attached to a checkpoint',
  csample: 'sample attached to a checkpoint',
  recipe: 'recommended recipe',
  ds: 'dataset',
  file: 'dataset version',
  upl: 'upload',
  part: 'part of an upload',
  prep: 'preparation of a dataset version',
  quote: 'quote',
  ftjob: 'fine-tune job',
  cjob: 'compute job',
  att: 'attempt of a compute job',
  evt: 'event',
  suite: 'evaluation suite',
  evalrun: 'evaluation run',
  dep: 'deployment',
  rev: 'deployment revision',
  eng: 'serving engine',
  use: 'usage event',
  rec: 'usage recorder',
  rate: 'rate card',
  ent: 'entitlement',
  lic: 'version of a licence',
  lacc: 'acceptance of a licence',
  lst: 'listing',
  ctr: 'contract',
  cver: 'contract version',
  resv: 'reservation',
  cap: 'spend cap',
  calert: 'alert of a spend cap',
  lease: 'lease from spend caps',
  stop: 'service stop',
  txn: 'ledger transaction',
  cgr: 'credit grant',
  inv: 'invoice',
  btr: 'bank transfer',
  papp: 'payment application',
  exp: 'export of usage or of the journal',
  cnote: 'credit note',
  disp: 'dispute of an invoice line',
  rfnd: 'refund',
  pout: 'payout to a publisher',
  aud: 'audit entry',
  msg: 'message',
  mail: 'mail',
  whe: 'webhook endpoint',
  whev: 'event that webhooks tell of',
  whd: 'delivery of a webhook',
  req: 'request',
} as const;

export type IdPrefix = keyof typeof ID_PREFIXES;

export function newId(prefix: IdPrefix): string {
  return typeidUnboxed(prefix);
}

/** The prefix of a well-formed id of a known kind, or null. */
export function idPrefix(id: string): IdPrefix | null {
  try {
    const prefix = TypeID.fromString(id).getType();
    return Object.hasOwn(ID_PREFIXES, prefix) ? (prefix as IdPrefix) : null;
  } catch {
    return null;
  }
}

export function isId(prefix: IdPrefix, text: string): boolean {
  return idPrefix(text) === prefix;
}
