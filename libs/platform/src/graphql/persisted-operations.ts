import { readFileSync } from 'node:fs';
import type { MercuriusOptions } from 'mercurius';
import { sha256Hex } from '#libs/kernel';

/** Operations that need not be sent, by the SHA-256 of their text in hexadecimal. */
export type PersistedOperations = ReadonlyMap<string, string>;

interface GraphqlBody {
  query?: string;
  extensions?: { persistedQuery?: { version?: number; sha256Hash?: string } };
}

/** From a JSON object of texts by hash, as `npm run generate` writes it. */
export function readPersistedOperations(file: string): PersistedOperations {
  const operations = new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>));
  for (const [hash, text] of operations) {
    if (sha256Hex(text) !== hash) throw new Error(`${file}: ${hash} is not the hash of its text; run npm run generate`);
  }
  return operations;
}

/**
 * Apollo's protocol for persisted queries without its registration: what is kept is what this release was built with, so a caller
 * fills no memory. A hash that is not known is answered with `PersistedQueryNotFound`, on which a client sends the text, as a page
 * does that was loaded before an upgrade.
 */
export function providerOf(operations: PersistedOperations): NonNullable<MercuriusOptions['persistedQueryProvider']> {
  return {
    isPersistedQuery: (body: GraphqlBody) => !body.query && body.extensions?.persistedQuery !== undefined,
    isPersistedQueryRetry: () => false,
    getHash: ({ extensions }: GraphqlBody) =>
      extensions?.persistedQuery?.version === 1 ? (extensions.persistedQuery.sha256Hash ?? '') : '',
    getQueryFromHash: async (hash) => operations.get(hash) as string,
    notFoundError: 'PersistedQueryNotFound',
    notSupportedError: 'PersistedQueryNotSupported',
  };
}
